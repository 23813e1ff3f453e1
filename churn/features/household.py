"""Which other lines of the subscriber's own customer have left lately."""

from __future__ import annotations

import ibis.expr.types as ir
from ibis import _

from churn.features.family import ID, Family, View
from churn.features.feature import counted
from churn.language import Text
from churn.states import DEPARTED
from churn.tables import holder


def build(view: View) -> ir.Table:
    """One row per line on the books whose customer had lines 90 days ago.

    Books may forget who left: they are read as of the beginning of the 90 days.
    """
    quarter = view.window("status_events", 90)
    gone = view.current.filter(_.state.isin(DEPARTED) & quarter.contains(_.since))
    earlier = view.known.at(quarter.start).subscribers
    left = earlier.select(ID, customer_id=holder(earlier)).semi_join(gone, ID)
    counts = left.group_by("customer_id").aggregate(customer_lines_left_90d=_.count())
    return view.lines.inner_join(counts, "customer_id").select(ID, "customer_lines_left_90d")


FAMILY = Family(
    name="household",
    text=Text("household", "同户用户"),
    needs=("subscribers", "status_events"),
    build=build,
    features=(
        counted(
            "customer_lines_left_90d",
            "other lines of the customer that left in 90 days",
            "近90天同一客户名下已离网的其他用户数",
            topic="circle",
        ),
    ),
)
