"""What the subscriber complained about, and how that ended."""

from __future__ import annotations

import ibis.expr.types as ir
from ibis import _

from churn.features.arithmetic import SECONDS_PER_HOUR, days_until, ratio, seconds_between
from churn.features.family import ID, Family, View
from churn.features.feature import Feature, counted, days_since
from churn.language import Text

SOON_SECONDS = 3 * 24 * SECONDS_PER_HOUR


def build(view: View) -> ir.Table:
    """One row per subscriber who complained in 180 days."""
    lookback = view.window("complaints", 180)
    quarter, month = view.window("complaints", 90), view.window("complaints", 30)
    return (
        view.known.complaints.filter(lookback.contains(_.opened_at))
        .mutate(
            seconds=seconds_between(_.opened_at, _.closed_at),
            day=_.opened_at.date(),
            answer_seconds=seconds_between(_.opened_at, _.answered_at),
        )
        .mutate(
            days=days_until(view.day, _.day) - days_until(view.day, _.closed_at.date()).fill_null(0)
        )
        .group_by(ID)
        .aggregate(
            complaints_90d=_.count(where=quarter.contains(_.day)),
            complaints_30d=_.count(where=month.contains(_.day)),
            complaints_180d=_.count(),
            complaints_open=_.count(where=_.closed_at.isnull()),
            complaints_escalated_180d=_.count(where=_.escalated),
            complaints_network_180d=_.count(where=_.category == "network"),
            complaints_money_180d=_.count(where=_.category.isin(("charges", "value_added"))),
            complaints_unsatisfied_180d=_.count(where=~_.satisfied),
            complaints_regulator_180d=_.count(where=_.level == "regulator"),
            complaint_answer_hours_180d=ratio(
                _.answer_seconds.sum(), _.answer_seconds.count() * SECONDS_PER_HOUR
            ),
            complaints_solved_3d_share_180d=ratio(
                _.count(where=_.seconds <= SOON_SECONDS), _.count(where=_.closed_at.notnull())
            ),
            complaint_days_max_90d=_.days.max(where=quarter.contains(_.day)),
            days_since_complaint_180d=days_until(view.day, _.day.max()),
        )
    )


FAMILY = Family(
    name="complaints",
    text=Text("complaints", "投诉"),
    needs=("complaints",),
    build=build,
    features=(
        counted("complaints_30d", "complaints in 30 days", "近30天投诉次数", topic="complaints"),
        counted(
            "complaints_unsatisfied_180d",
            "complaints in 180 days whose outcome did not content the customer",
            "近180天处理不满意投诉次数",
            topic="complaints",
        ),
        counted(
            "complaints_regulator_180d",
            "complaints in 180 days that went to the regulator",
            "近180天申诉至监管部门次数",
            topic="complaints",
        ),
        Feature(
            "complaint_answer_hours_180d",
            "hours",
            Text("no complaint answered in 180 days", "近180天无已答复投诉"),
            "mean time to the first answer of complaints",
            "投诉首次答复平均时长",
            topic="complaints",
        ),
        counted("complaints_90d", "complaints in 90 days", "近90天投诉次数", topic="complaints"),
        counted("complaints_180d", "complaints in 180 days", "近180天投诉次数", topic="complaints"),
        counted("complaints_open", "complaints still open", "未结投诉数", topic="complaints"),
        counted(
            "complaints_escalated_180d",
            "escalated complaints in 180 days",
            "近180天升级投诉次数",
            topic="complaints",
        ),
        counted(
            "complaints_network_180d",
            "complaints about the network in 180 days",
            "近180天网络质量投诉次数",
            topic="complaints",
        ),
        counted(
            "complaints_money_180d",
            "complaints about charges or value-added services",
            "近180天资费或增值业务投诉次数",
            topic="complaints",
        ),
        Feature(
            "complaints_solved_3d_share_180d",
            "share",
            Text("no complaint closed in 180 days", "近180天无办结投诉"),
            "complaints closed within 3 days",
            "投诉3天内办结占比",
            topic="complaints",
        ),
        Feature(
            "complaint_days_max_90d",
            "days",
            Text("no complaint in 90 days", "近90天无投诉"),
            "longest that a complaint of 90 days has been open",
            "近90天投诉最长处理时间",
            topic="complaints",
        ),
        days_since("days_since_complaint_180d", "complaint", "投诉", topic="complaints"),
    ),
)
