"""Weights that make past campaigns harmless: the model learns the risk of the uncontacted.

A contact between the snapshot and the end of its outcome window may have changed the outcome, so
the treated weigh nothing there. Their controls, selected alike and left alone, stand in for them
with one over the control share. Who was selected by several campaigns was drawn several times: the
row counts only if it was a control each time, and then stands in for all whom any of the draws
sent out, with the product of the inverse shares. Where the same customers are the control of every
campaign (a universal control group) there was one draw, and the largest inverse share counts once;
:mod:`churn.audit.control_group` holds the setting against the arms on record.

Contacts before the snapshot are history, which features tell. A contact that came after the holder
had ended the service changed nothing, whatever its arm: win-back calls do not hide churners, nor
those gone before the outcome window opened. A suspension can still be paid and a silence broken,
so where a definition reads these as active churn a contact after them counts. Contacts after the
outcome window are not weighed: one to the suspended within their grace still colours the labels.
"""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

from churn.panel.settings import ControlGroup
from churn.tables import Known
from churn.windows import TimeSettings, Window

ID = "subscriber_id"
DECIMALS = 6  # of a weight: engines agree on no more of a logarithm


def arm_weights(
    known: Known,
    snapshot: date,
    time: TimeSettings,
    outcomes: ir.Table,
    *,
    control_group: ControlGroup = "per_campaign",
) -> ir.Table:
    """Return the weight of every subscriber some campaign had selected after the snapshot.

    Parameters
    ----------
    known
        What is known at training, not at the snapshot.
    outcomes
        The outcomes of the snapshot: ``subscriber_id event_on ended_by_holder``.
    control_group
        Whether each campaign drew its controls anew, or all have the same.

    Returns
    -------
    Table
        ``subscriber_id``; ``weight`` (float64): 0 if treated, else one over the control share of
        the campaign, multiplied over the campaigns if there were several and each drew anew;
        ``share_observed``: whether a share was not on record and the campaign's own share of
        controls was taken instead.
    """
    contacts = known.campaign_contacts.mutate(control=(_.arm == "control").cast("int64"))
    observed = contacts.group_by("campaign_id").aggregate(
        controls=_.control.sum().cast("int64"), selected=_.count().cast("int64")
    )
    exposed = Window(snapshot, time.outcome_window(snapshot).end)
    rows = contacts.filter(exposed.contains(_.contacted_on)).join(observed, "campaign_id")
    left = outcomes.filter(_.ended_by_holder).select(ID, "event_on")
    rows = rows.left_join(left, ID, rname="{name}_of_outcomes")
    rows = rows.filter(rows.event_on.isnull() | (rows.contacted_on <= rows.event_on))
    on_record = rows.control_share.cast("float64").nullif(0)
    own = rows.selected.cast("float64") / rows.controls.cast("float64").nullif(0)
    drawn = rows.select(
        ID,
        "campaign_id",
        treated=1 - rows.control,
        inverse=ibis.coalesce(1 / on_record, own),
        observed=(on_record.isnull() & (rows.control == 1)).cast("int64"),
    )
    # A campaign draws once, however often it contacts.
    per_draw = drawn.group_by(ID, "campaign_id").aggregate(
        treated=_.treated.max(), inverse=_.inverse.max(), observed=_.observed.max()
    )
    per_line = per_draw.group_by(ID).aggregate(
        treated=_.treated.max(),
        draws=_.count(),
        inverse=_.inverse.max(),
        # Fixed decimals add up the same in any order.
        logarithm=_.inverse.ln().round(12).cast("decimal(24, 12)").sum(),
        observed=_.observed.max(),
    )
    one_draw = (per_line.draws == 1) | (control_group == "universal")
    product = per_line.logarithm.cast("float64").exp().round(DECIMALS)
    weight = ibis.cases((per_line.treated == 1, 0.0), (one_draw, per_line.inverse), else_=product)
    return per_line.select(
        ID,
        weight=weight.cast("float64"),
        share_observed=(_.treated == 0) & (_.observed == 1),
    )
