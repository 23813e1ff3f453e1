"""What was ordered, and whether it was done by the promised day."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _

from churn.features.arithmetic import days_until
from churn.features.family import ID, Family, View
from churn.features.feature import Feature, counted
from churn.language import Text


def build(view: View) -> ir.Table:
    """One row per subscriber with an order in 180 days.

    An order not done is late once its promised day lies before the end of what deliveries show.
    """
    lookback = view.window("service_orders", 180)
    not_done = _.done_on.isnull() & (_.due_on < lookback.end)
    return (
        view.known.service_orders.filter(lookback.contains(_.ordered_on))
        .mutate(
            days_late=days_until(lookback.end, _.due_on)
            - ibis.greatest(days_until(lookback.end, _.done_on).fill_null(0), 0)
        )
        .mutate(days_late=ibis.greatest(_.days_late, 0))
        .group_by(ID)
        .aggregate(
            orders_180d=_.count(),
            orders_late_180d=_.count(where=(_.done_on > _.due_on) | not_done),
            orders_open=_.count(where=_.done_on.isnull()),
            order_days_late_max_180d=_.days_late.max(),
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
        counted("orders_open", "service orders not done yet", "未完成业务工单数", topic="orders"),
        Feature(
            "order_days_late_max_180d",
            "days",
            Text("no service order with a promised day in 180 days", "近180天无约定日期的业务工单"),
            "longest delay of a service order in 180 days",
            "近180天业务工单最长延迟",
            topic="orders",
        ),
        counted("moves_180d", "moves ordered in 180 days", "近180天移机次数", topic="orders"),
    ),
)
