"""Downgrades: who moved to a cheaper plan lately, asked for or because an offer ended."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _

from churn.early_warnings.lines import line_facts
from churn.early_warnings.settings import EarlyWarningSettings
from churn.states import in_service, state_at
from churn.tables import Known


def downgrades(known: Known, history: ir.Table, settings: EarlyWarningSettings) -> ir.Table:
    """Return who pays a lower fee than ``downgrade_days`` ago by its plan changes, and is served.

    Changes of those days are summed: who moved down and up again by as much has lost nothing. A
    change whose fee is not on record says nothing and is not counted; a cheaper plan taken as a
    save on offer is a move like any other here, told by its ``reason``.

    Parameters
    ----------
    history
        Spans of service states, :func:`churn.states.spans` of the night's status events.

    Returns
    -------
    Table
        ``subscriber_id, customer_id, product, plan, region, account_manager``, ``downgraded_on``
        (the latest move down), ``fee_lost`` (currency a month, above 0), ``from_plan`` and
        ``reason`` of that move (null: not on record).
    """
    recent = known.window("plan_changes", settings.downgrade_days).contains(_.changed_on)
    moves = known.plan_changes.filter(recent & _.fee_change.notnull())
    sums = moves.group_by("subscriber_id").agg(fee_change=_.fee_change.sum())
    lower = sums.filter(sums.fee_change < 0)
    downs = moves.filter(moves.fee_change < 0)
    place = ibis.row_number().over(
        group_by="subscriber_id",
        order_by=[ibis.desc("changed_on"), "fee_change", "from_plan", "reason"],
    )
    latest = downs.mutate(place=place).filter(_.place == 0)
    rows = latest.select(
        "subscriber_id", "from_plan", "reason", downgraded_on=latest.changed_on
    ).inner_join(lower, "subscriber_id")
    standing = state_at(history, known.day)
    served = standing.filter(in_service(standing.state)).select("subscriber_id")
    rows = rows.mutate(fee_lost=(-rows.fee_change).cast("decimal(18, 2)").cast("float64"))
    told = rows.drop("fee_change").semi_join(served, "subscriber_id")
    return told.inner_join(line_facts(known), "subscriber_id")
