"""What is owed beyond its due date, for how long, and how often."""

from __future__ import annotations

import ibis.expr.types as ir
from ibis import _

from churn.features.arithmetic import flag
from churn.features.family import ID, Family, View
from churn.features.feature import NONE, Feature, counted
from churn.language import Text

LATEST_DAYS = 28  # holds exactly one month end, so a balance not repeated has been settled


def build(view: View) -> ir.Table:
    """One row per subscriber with a balance in 180 days; an overdue month counts once."""
    lookback = view.window("arrears", 180)
    now = view.window("arrears", LATEST_DAYS)
    latest = now.contains(_.as_of)
    per_month = (
        view.known.arrears.filter(lookback.contains(_.as_of))
        .group_by(ID, month=_.as_of.truncate("M"))
        .aggregate(
            overdue=flag(_.amount_overdue.max() > 0),
            most=_.amount_overdue.max(),
            longest=_.days_overdue.max(),
            amount=_.amount_overdue.argmax(_.as_of, where=latest),
            days=_.days_overdue.argmax(_.as_of, where=latest),
            bills=_.bills_overdue.argmax(_.as_of, where=latest),
            latest=_.as_of.max(where=latest),
        )
    )
    return per_month.group_by(ID).aggregate(
        arrears_amount=_.amount.argmax(_.latest),
        arrears_days=_.days.argmax(_.latest),
        arrears_bills=_.bills.argmax(_.latest),
        arrears_amount_max_180d=_.most.max(),
        arrears_days_max_180d=_.longest.max(),
        arrears_months_180d=_.overdue.sum(),
    )


FAMILY = Family(
    name="arrears",
    text=Text("arrears", "欠费"),
    needs=("arrears",),
    build=build,
    features=(
        Feature(
            "arrears_amount",
            "currency",
            NONE,
            "amount overdue now",
            "当前欠费金额",
            topic="payment",
        ),
        Feature(
            "arrears_days",
            "days",
            NONE,
            "age of the oldest overdue bill",
            "最早欠费账单已逾期",
            topic="payment",
        ),
        counted("arrears_bills", "bills overdue now", "当前欠费账单数", topic="payment"),
        Feature(
            "arrears_amount_max_180d",
            "currency",
            NONE,
            "highest amount overdue in 180 days",
            "近180天最高欠费金额",
            topic="payment",
        ),
        Feature(
            "arrears_days_max_180d",
            "days",
            NONE,
            "longest arrears in 180 days",
            "近180天最长欠费",
            topic="payment",
        ),
        counted(
            "arrears_months_180d",
            "months with arrears in 180 days",
            "近180天欠费月数",
            topic="payment",
        ),
    ),
)
