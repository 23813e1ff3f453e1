"""When the account manager last came: visits are to the customer, so they count for each line."""

from __future__ import annotations

import ibis.expr.types as ir
from ibis import _

from churn.features.arithmetic import days_until
from churn.features.family import ID, Family, View
from churn.features.feature import counted, days_since
from churn.language import Text


def build(view: View) -> ir.Table:
    """One row per line of a customer visited in 180 days."""
    lookback = view.window("visits", 180)
    visits = view.known.visits.filter(lookback.contains(_.visited_on))
    per_customer = visits.group_by("customer_id").aggregate(
        visits_180d=_.count(),
        days_since_visit_180d=days_until(view.day, _.visited_on.max()),
    )
    lines = view.lines.select(ID, "customer_id")
    return lines.inner_join(per_customer, "customer_id").drop("customer_id")


FAMILY = Family(
    name="visits",
    text=Text("visits", "走访"),
    needs=("visits", "subscribers"),
    build=build,
    features=(
        counted("visits_180d", "visits to the customer in 180 days", "近180天走访次数"),
        days_since("days_since_visit_180d", "visit", "走访"),
    ),
)
