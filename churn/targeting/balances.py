"""What each subscriber owes beyond its due date, as known."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from churn.states import first_of
from churn.tables import Known


def latest_balance(known: Known, max_age: int) -> ir.Table:
    """Return ``subscriber_id, owed, owed_since`` of those who owe something.

    A balance more than ``max_age`` days older than the newest one known has been paid: many
    operators only deliver who owes. ``owed_since`` is the day the oldest overdue bill fell due,
    null where its age was not delivered.
    """
    rows = known.arrears
    dated = rows.mutate(newest=rows.as_of.max().over(ibis.window()))
    latest = first_of(dated, "subscriber_id", ibis.desc("as_of"))
    fresh = latest.filter(latest.as_of >= latest.newest - ibis.interval(days=max_age))
    owing = fresh.filter(fresh.amount_overdue > 0)
    return owing.select(
        "subscriber_id",
        owed=owing.amount_overdue,
        owed_since=(owing.as_of - owing.days_overdue.as_interval("D")).cast("date"),
    )
