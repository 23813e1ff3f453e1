"""What the line pays beside others of its plan and region, and beside its own fee."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _

from churn.features.arithmetic import last_months, ratio
from churn.features.bills import NO_BILLS
from churn.features.family import ID, Family, View
from churn.features.feature import Feature
from churn.language import Text
from churn.windows import Window, add_months

LEAST_LINES = 20
"""Lines of a plan or region below which their mean is nobody's measure."""
ALONE = Text("too few lines to compare with", "可比用户过少")


def build(view: View) -> ir.Table:
    """One row per line on the books that was billed in three months."""
    end = last_months(view.window("bills", 180), 6).end
    months = Window(add_months(end, -3), end)
    billed = (
        view.known.bills.filter(months.contains(_.bill_month))
        .group_by(ID)
        .aggregate(bills=_.count(), amount=_.amount_due.sum(), data=_.data.sum())
    )
    books = view.known.subscribers.select(ID, "plan", "region", "plan_fee")
    lines = books.inner_join(billed, ID)
    plans, regions = _means(lines, "plan"), _means(lines, "region")
    rows = lines.left_join(plans, "plan").left_join(regions, "region")
    mean = ratio(_.amount, _.bills)
    return rows.select(
        ID,
        bill_against_plan_3m=ratio(mean, _.plan_mean),
        data_against_plan_3m=ratio(ratio(_.data, _.bills), _.plan_data),
        bill_against_region_3m=ratio(mean, _.region_mean),
        bill_against_fee_3m=ratio(mean, _.plan_fee),
        fee_above_plan_bill_3m=_.plan_fee.cast("float64") - _.plan_mean,
    )


def _means(lines: ir.Table, group: str) -> ir.Table:
    """Return a group's mean bill and mean data charges; of small groups none."""
    sums = (
        lines.filter(lines[group].notnull())
        .group_by(group)
        .aggregate(lines=_.count(), bills=_.bills.sum(), amount=_.amount.sum(), data=_.data.sum())
    )
    enough = sums["lines"] >= LEAST_LINES
    return sums.select(
        group,
        **{
            f"{group}_mean": ibis.cases((enough, ratio(sums.amount, sums.bills))),
            f"{group}_data": ibis.cases((enough, ratio(sums.data, sums.bills))),
        },
    )


FAMILY = Family(
    name="standing",
    text=Text("standing among others", "同类对比"),
    needs=("bills", "subscribers"),
    build=build,
    features=(
        Feature(
            "bill_against_plan_3m",
            "ratio",
            ALONE,
            "bills of three months against those of the same plan",
            "近3个月账单较同套餐用户",
            topic="tariff",
        ),
        Feature(
            "data_against_plan_3m",
            "ratio",
            ALONE,
            "data charges of three months against those of the same plan",
            "近3个月流量费较同套餐用户",
            topic="tariff",
        ),
        Feature(
            "bill_against_region_3m",
            "ratio",
            ALONE,
            "bills of three months against those of the region",
            "近3个月账单较同区域用户",
        ),
        Feature(
            "bill_against_fee_3m",
            "ratio",
            NO_BILLS,
            "bills of three months against the plan's fee",
            "近3个月账单较套餐月费",
            topic="tariff",
        ),
        Feature(
            "fee_above_plan_bill_3m",
            "currency",
            ALONE,
            "plan's fee above what lines of the plan pay on average",
            "套餐月费高于同套餐用户平均账单",
            below_zero=Text(
                "plan's fee {value} below what lines of the plan pay on average",
                "套餐月费低于同套餐用户平均账单{value}",
            ),
        ),
    ),
)
