"""In which state the service is, and how often it was cut off."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _

from churn.features.arithmetic import days_until, flag
from churn.features.family import ID, Family, View
from churn.features.feature import NONE, Feature, counted
from churn.language import Text
from churn.states import STATES

NO_STATE = Text("no service state on record", "无服务状态记录")


def build(view: View) -> ir.Table:
    """One row per subscriber with a status on record."""
    lookback = view.window("status_events", 180)
    soft = _.state == "soft_suspended"
    cut_off = _.state == "suspended"
    begun = lookback.contains(_.start_on)
    since = -days_until(lookback.start, ibis.greatest(_.start_on, lookback.start))
    ends = ibis.coalesce(_.end_on, ibis.literal(lookback.end))
    until = -days_until(lookback.start, ibis.least(ends, lookback.end))
    history = view.spans.group_by(ID).aggregate(
        soft_suspensions_180d=_.count(where=soft & begun),
        suspensions_180d=_.count(where=cut_off & begun),
        holds_180d=_.count(where=(_.state == "on_hold") & begun),
        last_cut_off=_.start_on.max(where=soft | cut_off),
        cut_off_days=(until - since).sum(where=(soft | cut_off) & (until > since)),
    )
    current = view.current.select(ID, "state", "since")
    return history.left_join(current, ID).select(
        ID,
        state=_.state,
        state_days=days_until(view.day, _.since),
        on_hold=flag(_.state == "on_hold"),
        soft_suspensions_180d=_.soft_suspensions_180d,
        suspensions_180d=_.suspensions_180d,
        holds_180d=_.holds_180d,
        days_since_suspension=days_until(view.day, _.last_cut_off),
        cut_off_days_180d=_.cut_off_days,
    )


FAMILY = Family(
    name="status",
    text=Text("service state", "服务状态"),
    needs=("status_events",),
    build=build,
    features=(
        Feature(
            "state",
            "class",
            NO_STATE,
            "service state",
            "服务状态",
            words={name: state.text for name, state in STATES.items()},
            topic="hold",
        ),
        Feature(
            "state_days",
            "days",
            NO_STATE,
            "time in the present service state",
            "当前服务状态已持续",
        ),
        Feature(
            "on_hold", "flag", NONE, "on hold at the customer's wish", "停机保号中", topic="hold"
        ),
        counted(
            "soft_suspensions_180d",
            "times outgoing calls were blocked in 180 days",
            "近180天单停次数",
            topic="payment",
        ),
        counted(
            "suspensions_180d",
            "suspensions for arrears in 180 days",
            "近180天欠费停机次数",
            topic="payment",
        ),
        counted("holds_180d", "times put on hold in 180 days", "近180天停机保号次数", topic="hold"),
        Feature(
            "cut_off_days_180d",
            "days",
            NONE,
            "time blocked or suspended in 180 days",
            "近180天单停或停机时长",
            topic="payment",
        ),
        Feature(
            "days_since_suspension",
            "days ago",
            Text("never blocked or suspended", "从未单停或停机"),
            "last block or suspension",
            "最近一次单停或停机",
            topic="payment",
        ),
    ),
)
