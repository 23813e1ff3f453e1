"""Weights that make past campaigns harmless: the model learns the risk of the uncontacted.

A contact between the snapshot and the end of its outcome window may have changed the outcome, so
the treated weigh nothing there. Their controls, selected alike and left alone, stand in for them
with one over the control share. Contacts before the snapshot are history, which features tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
from ibis import _

from churn.windows import Window

if TYPE_CHECKING:
    from datetime import date

    import ibis.expr.types as ir

    from churn.tables import Known
    from churn.windows import TimeSettings

ID = "subscriber_id"


def arm_weights(known: Known, snapshot: date, time: TimeSettings) -> ir.Table:
    """Return the weight of every subscriber some campaign had selected after the snapshot.

    Parameters
    ----------
    known
        What is known at training, not at the snapshot.

    Returns
    -------
    Table
        ``subscriber_id``; ``weight`` (float64): 0 if treated, else one over the control share of
        the campaign (the smallest, if there were several); ``share_observed``: whether that
        share was not on record and the campaign's own share of controls was taken instead.
    """
    contacts = known.campaign_contacts.mutate(control=(_.arm == "control").cast("int64"))
    observed = contacts.group_by("campaign_id").aggregate(
        controls=_.control.sum().cast("int64"), selected=_.count().cast("int64")
    )
    exposed = Window(snapshot, time.outcome_window(snapshot).end)
    rows = contacts.filter(exposed.contains(_.contacted_on)).join(observed, "campaign_id")
    on_record = rows.control_share.cast("float64").nullif(0)
    own = rows.selected.cast("float64") / rows.controls.cast("float64").nullif(0)
    told = rows.select(
        ID,
        treated=1 - rows.control,
        inverse=ibis.coalesce(1 / on_record, own),
        observed=(on_record.isnull() & (rows.control == 1)).cast("int64"),
    )
    per_line = told.group_by(ID).aggregate(
        treated=_.treated.max(), inverse=_.inverse.max(), observed=_.observed.max()
    )
    return per_line.select(
        ID,
        weight=ibis.cases((_.treated == 1, 0.0), else_=_.inverse).cast("float64"),
        share_observed=(_.treated == 0) & (_.observed == 1),
    )
