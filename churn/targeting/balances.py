"""What each subscriber owes beyond its due date, as known."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from churn.tables import Known


def latest_balance(known: Known, max_age: int) -> ir.Table:
    """Return ``subscriber_id, owed, owed_since`` of those who owe something.

    A balance more than ``max_age`` days older than the newest one known has been paid: many
    operators only deliver who owes. ``owed_since`` is the day the oldest overdue bill fell due,
    null where its age was not delivered.
    """
    rows = known.arrears
    newest_first = ibis.row_number().over(group_by="subscriber_id", order_by=ibis.desc("as_of"))
    newest = rows.as_of.max().over(ibis.window())
    latest = rows.mutate(recency=newest_first, newest=newest).filter(ibis._.recency == 0)
    fresh = latest.filter(latest.as_of >= latest.newest - ibis.interval(days=max_age))
    owing = fresh.filter(fresh.amount_overdue > 0)
    return owing.select(
        "subscriber_id",
        owed=owing.amount_overdue,
        owed_since=(owing.as_of - owing.days_overdue.as_interval("D")).cast("date"),
    )
