"""What broke, how long the repair took, and whether it broke again."""

from __future__ import annotations

from datetime import date, datetime, time

import ibis
import ibis.expr.types as ir
from ibis import _

from churn.features.arithmetic import SECONDS_PER_HOUR, days_until, ratio, seconds_between
from churn.features.family import ID, Family, View
from churn.features.feature import Feature, counted, days_since
from churn.language import Text

NO_REPAIR = Text("no fault repaired in 180 days", "近180天无已修复故障")


def build(view: View) -> ir.Table:
    """One row per subscriber with a fault in 180 days; a repeat is a further one of its kind."""
    lookback = view.window("faults", 180)
    quarter, month = view.window("faults", 90), view.window("faults", 30)
    per_kind = (
        view.known.faults.filter(lookback.contains(_.opened_at))
        .mutate(
            seconds=seconds_between(_.opened_at, _.restored_at),
            lasted=seconds_between(_.opened_at, ibis.coalesce(_.restored_at, _midnight(view.day))),
            day=_.opened_at.date(),
        )
        .group_by(ID, "category")
        .aggregate(
            faults=_.count(),
            faults_30d=_.count(where=month.contains(_.day)),
            last_day=_.day.max(),
            faults_90d=_.count(where=quarter.contains(_.day)),
            unrepaired=_.count(where=_.restored_at.isnull()),
            repaired=_.count(where=_.restored_at.notnull()),
            seconds=_.seconds.sum(),
            longest=_.seconds.max(),
            lasted_90d=_.lasted.max(where=quarter.contains(_.day)),
        )
    )
    return per_kind.group_by(ID).aggregate(
        faults_30d=_.faults_30d.sum(),
        faults_90d=_.faults_90d.sum(),
        days_since_fault_180d=days_until(view.day, _.last_day.max()),
        faults_180d=_.faults.sum(),
        faults_open=_.unrepaired.sum(),
        fault_repeats_180d=_.faults.sum() - _.count(),
        repair_hours_mean_180d=ratio(_.seconds.sum(), _.repaired.sum() * SECONDS_PER_HOUR),
        repair_hours_max_180d=ratio(_.longest.max(), SECONDS_PER_HOUR),
        fault_hours_max_90d=ratio(_.lasted_90d.max(), SECONDS_PER_HOUR),
    )


def _midnight(day: date) -> ir.TimestampScalar:
    return ibis.literal(datetime.combine(day, time()), type="timestamp")


FAMILY = Family(
    name="faults",
    text=Text("faults", "故障"),
    needs=("faults",),
    build=build,
    features=(
        counted("faults_30d", "faults in 30 days", "近30天故障次数", topic="faults"),
        days_since("days_since_fault_180d", "fault", "故障", topic="faults"),
        counted("faults_90d", "faults in 90 days", "近90天故障次数", topic="faults"),
        counted("faults_180d", "faults in 180 days", "近180天故障次数", topic="faults"),
        counted("faults_open", "faults not repaired yet", "未修复故障数", topic="faults"),
        counted(
            "fault_repeats_180d",
            "repeated faults of one kind in 180 days",
            "近180天同类故障重复次数",
            topic="faults",
        ),
        Feature(
            "repair_hours_mean_180d",
            "hours",
            NO_REPAIR,
            "mean time to repair",
            "平均修复时长",
            topic="faults",
        ),
        Feature(
            "repair_hours_max_180d",
            "hours",
            NO_REPAIR,
            "longest repair",
            "最长修复时长",
            topic="faults",
        ),
        Feature(
            "fault_hours_max_90d",
            "hours",
            Text("no fault in 90 days", "近90天无故障"),
            "longest that a fault of 90 days has lasted",
            "近90天故障最长持续时间",
            topic="faults",
        ),
    ),
)
