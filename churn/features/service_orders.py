"""What was ordered, and whether it was done by the promised day."""

from __future__ import annotations

import ibis.expr.types as ir
from ibis import _

from churn.features.family import ID, Family, View
from churn.features.feature import counted
from churn.language import Text


def build(view: View) -> ir.Table:
    """One row per subscriber with an order in 180 days.

    An order not done is late once its promised day lies before the end of what deliveries show.
    """
    lookback = view.window("service_orders", 180)
    not_done = _.done_on.isnull() & (_.due_on < lookback.end)
    return (
        view.known.service_orders.filter(lookback.contains(_.ordered_on))
        .group_by(ID)
        .aggregate(
            orders_180d=_.count(),
            orders_late_180d=_.count(where=(_.done_on > _.due_on) | not_done),
            moves_180d=_.count(where=_.kind == "move"),
        )
    )


FAMILY = Family(
    name="service_orders",
    text=Text("service orders", "业务工单"),
    needs=("service_orders",),
    build=build,
    features=(
        counted("orders_180d", "service orders in 180 days", "近180天业务工单数"),
        counted(
            "orders_late_180d",
            "service orders done late in 180 days",
            "近180天超时工单数",
            topic="orders",
        ),
        counted("moves_180d", "moves ordered in 180 days", "近180天移机次数", topic="orders"),
    ),
)
