"""Whether the subscriber asked about porting its number out, or applied for it."""

from __future__ import annotations

import ibis.expr.types as ir
from ibis import _

from churn.features.arithmetic import days_until, flag
from churn.features.family import ID, Family, View
from churn.features.feature import NONE, Feature, counted, days_since
from churn.language import Text


def build(view: View) -> ir.Table:
    """One row per subscriber who asked or applied in 180 days."""
    lookback = view.window("port_queries", 180)
    return (
        view.known.port_queries.filter(lookback.contains(_.on))
        .group_by(ID)
        .aggregate(
            port_queries_180d=_.count(where=_.kind == "asked"),
            port_applied_180d=flag(_.kind == "applied").max(),
            days_since_port_query_180d=days_until(view.day, _.on.max()),
        )
    )


FAMILY = Family(
    name="port_queries",
    text=Text("porting out", "携号转出"),
    needs=("port_queries",),
    build=build,
    features=(
        counted(
            "port_queries_180d",
            "questions about porting out in 180 days",
            "近180天携转查询次数",
            topic="competition",
        ),
        Feature(
            "port_applied_180d",
            "flag",
            NONE,
            "applied to port out in 180 days",
            "近180天申请过携号转出",
            topic="competition",
        ),
        days_since(
            "days_since_port_query_180d",
            "question about porting out",
            "携转查询或申请",
            topic="competition",
        ),
    ),
)
