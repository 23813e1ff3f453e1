"""How the other lines of the same holder fare: those that left, are cut off, owe or complain."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _

from churn.features.arithmetic import days_until, flag
from churn.features.arrears import LATEST_DAYS
from churn.features.family import ID, Family, View
from churn.features.feature import NONE, Feature, counted
from churn.language import Text
from churn.states import DEPARTED
from churn.tables import holder


def build(view: View) -> ir.Table:
    """One row per line on the books; what it did itself is not counted."""
    books = view.known.subscribers.select(ID, "activated_on")
    state = view.current.select(ID, cut_off=flag(_.state.isin(("suspended", "soft_suspended"))))
    lines = view.lines.left_join(books, ID).drop(f"{ID}_right").left_join(state, ID)
    lines = lines.drop(f"{ID}_right")
    for part in (_overdue(view), _complaints(view)):
        lines = lines.left_join(part, ID).drop(f"{ID}_right")
    lines = lines.mutate(
        **{name: lines[name].fill_null(0) for name in ("cut_off", "overdue", "complaints")}
    )
    holders = lines.group_by("customer_id").aggregate(
        cut_off_sum=_.cut_off.sum(),
        overdue_sum=_.overdue.sum(),
        complaints_sum=_.complaints.sum(),
        newest=_.activated_on.max(),
    )
    both = lines.inner_join(holders, "customer_id").left_join(_left(view), "customer_id")
    return both.select(
        ID,
        customer_lines_left_90d=_["left"],
        household_cut_off=_.cut_off_sum - _.cut_off,
        household_overdue=_.overdue_sum - _.overdue,
        household_complaints_180d=_.complaints_sum - _.complaints,
        days_since_line_added=ibis.cases(
            (both.newest > both.activated_on, days_until(view.day, both.newest))
        ),
    )


def _left(view: View) -> ir.Table:
    """Count each customer's lines that left in 90 days.

    Books may forget who left: they are read as of the beginning of the 90 days.
    """
    quarter = view.window("status_events", 90)
    gone = view.current.filter(_.state.isin(DEPARTED) & quarter.contains(_.since))
    earlier = view.known.at(quarter.start).subscribers
    left = earlier.select(ID, customer_id=holder(earlier)).semi_join(gone, ID)
    return left.group_by("customer_id").aggregate(left=_.count())


def _overdue(view: View) -> ir.Table:
    """Return what each line owes beyond its due date, by its latest balance."""
    now = view.window("arrears", LATEST_DAYS)
    balances = view.known.arrears.filter(now.contains(_.as_of))
    return balances.group_by(ID).aggregate(overdue=_.amount_overdue.argmax(_.as_of))


def _complaints(view: View) -> ir.Table:
    lookback = view.window("complaints", 180)
    opened = view.known.complaints.filter(lookback.contains(_.opened_at))
    return opened.group_by(ID).aggregate(complaints=_.count())


FAMILY = Family(
    name="household",
    text=Text("the holder's other lines", "同客户其他用户"),
    needs=("subscribers", "status_events"),
    build=build,
    features=(
        counted(
            "customer_lines_left_90d",
            "other lines of the customer that left in 90 days",
            "近90天同一客户名下已离网的其他用户数",
            topic="circle",
        ),
        counted(
            "household_cut_off",
            "other lines of the customer blocked or suspended",
            "同客户其他停机用户数",
            topic="payment",
        ),
        Feature(
            "household_overdue",
            "currency",
            NONE,
            "amount overdue on other lines of the customer",
            "同客户其他用户欠费金额",
            topic="payment",
        ),
        counted(
            "household_complaints_180d",
            "complaints on other lines of the customer in 180 days",
            "近180天同客户其他用户投诉次数",
            topic="complaints",
        ),
        Feature(
            "days_since_line_added",
            "days ago",
            Text("no newer line of the customer", "客户名下无更新用户"),
            "last line added by the customer",
            "最近一次新增用户",
        ),
    ),
)
