"""How the tariff changed, at whose wish, and what that did to the fee."""

from __future__ import annotations

import ibis.expr.types as ir
from ibis import _

from churn.features.arithmetic import days_until
from churn.features.family import ID, Family, View
from churn.features.feature import Feature, counted, days_since
from churn.language import Text


def build(view: View) -> ir.Table:
    """One row per subscriber whose plan changed in 180 days.

    A change without its difference of fees on record is neither dearer nor cheaper.
    """
    lookback, quarter = view.window("plan_changes", 180), view.window("plan_changes", 90)
    return (
        view.known.plan_changes.filter(lookback.contains(_.changed_on))
        .group_by(ID)
        .aggregate(
            plan_changes_180d=_.count(),
            downgrades_180d=_.count(where=_.fee_change < 0),
            offers_ended_90d=_.count(
                where=(_.reason == "offer_ended") & quarter.contains(_.changed_on)
            ),
            fee_change_180d=_.fee_change.sum(),
            days_since_plan_change_180d=days_until(view.day, _.changed_on.max()),
        )
    )


FAMILY = Family(
    name="plan_changes",
    text=Text("plan changes", "套餐变更"),
    needs=("plan_changes",),
    build=build,
    features=(
        counted(
            "plan_changes_180d", "plan changes in 180 days", "近180天套餐变更次数", topic="tariff"
        ),
        counted(
            "downgrades_180d",
            "changes to a cheaper plan in 180 days",
            "近180天套餐降档次数",
            topic="tariff",
        ),
        counted(
            "offers_ended_90d", "offers ended in 90 days", "近90天优惠到期次数", topic="contract"
        ),
        Feature(
            "fee_change_180d",
            "currency",
            Text("no change of fees in 180 days", "近180天月费无变更"),
            "monthly fee raised in 180 days by",
            "近180天套餐月费上涨",
            below_zero=Text("monthly fee lowered by {value}", "套餐月费下调{value}"),
            topic="price",
        ),
        days_since("days_since_plan_change_180d", "plan change", "套餐变更", topic="tariff"),
    ),
)
