"""How often and how much a prepaid line is topped up, and how long its credit lasts."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _

from churn.features.arithmetic import days_until, ratio, ratio_of_means
from churn.features.family import ID, Family, View
from churn.features.feature import NONE, Feature, counted, days_since
from churn.language import Text
from churn.windows import Window

NO_BALANCE = Text("no credit on record in 180 days", "近180天无余额记录")


def build(view: View) -> ir.Table:
    """One row per subscriber topped up in 180 days.

    Of several top-ups at one moment the highest credit is the one after the last of them. Credit
    lasts as long as what was topped up before the last time lasted: per day of the time between.
    """
    lookback = view.window("recharges", 180)
    quarter, month = view.window("recharges", 90), view.window("recharges", 30)
    before = Window(quarter.start, month.start)
    moments = (
        view.known.recharges.filter(lookback.contains(_.at))
        .group_by(ID, "at")
        .aggregate(
            times=_.count(),
            amount=_.amount.sum(),
            balance=_.balance_after.max(),
        )
    )
    sums = moments.group_by(ID).aggregate(
        recharges_30d=_.times.sum(where=month.contains(_.at)),
        recharges_90d=_.times.sum(where=quarter.contains(_.at)),
        recharge_amount_90d=_.amount.sum(where=quarter.contains(_.at)),
        recharge_trend_90d=ratio_of_means(
            _.amount.sum(where=month.contains(_.at)).fill_null(0),
            ibis.literal(month.days),
            _.amount.sum(where=before.contains(_.at)),
            ibis.literal(before.days),
        ),
        balance_last_180d=_.balance.argmax(_.at, where=_.balance.notnull()),
        days_since_recharge_180d=days_until(view.day, _["at"].max().date()),
        times=_.count(),
        first=_["at"].min().date(),
        last=_["at"].max().date(),
        amount=_.amount.sum(),
        amount_last=_.amount.argmax(_.at),
    )
    span = days_until(lookback.end, _.first) - days_until(lookback.end, _["last"])
    waited = days_until(lookback.end, _["last"])
    return sums.mutate(span=span, waited=waited).select(
        ID,
        "recharges_30d",
        "recharges_90d",
        "recharge_amount_90d",
        "recharge_trend_90d",
        "balance_last_180d",
        "days_since_recharge_180d",
        recharge_wait_180d=ratio(_.waited * (_.times - 1), _.span),
        credit_days_180d=ratio(
            _.balance_last_180d.cast("float64") * _.span.cast("float64"),
            _.amount - _.amount_last,
        ),
    )


FAMILY = Family(
    name="recharges",
    text=Text("top-ups", "充值"),
    needs=("recharges",),
    build=build,
    features=(
        counted("recharges_30d", "top-ups in 30 days", "近30天充值次数", topic="use"),
        counted("recharges_90d", "top-ups in 90 days", "近90天充值次数", topic="use"),
        Feature("recharge_amount_90d", "currency", NONE, "topped up in 90 days", "近90天充值金额"),
        Feature(
            "recharge_trend_90d",
            "ratio",
            Text("no top-up in the 60 days before the last 30", "最近30天之前的60天无充值"),
            "topped up a day of the last month against the two before",
            "近30天日均充值金额较此前60天",
            topic="use",
        ),
        Feature(
            "balance_last_180d",
            "currency",
            NO_BALANCE,
            "credit after the last top-up",
            "最近一次充值后余额",
        ),
        days_since("days_since_recharge_180d", "top-up", "充值", topic="use"),
        Feature(
            "recharge_wait_180d",
            "ratio",
            Text("fewer than two top-ups in 180 days", "近180天充值不足两次"),
            "time since the last top-up against that between top-ups",
            "距上次充值时长较平时充值间隔",
            topic="use",
        ),
        Feature(
            "credit_days_180d",
            "days",
            Text(
                "fewer than two top-ups with credit in 180 days", "近180天有余额记录的充值不足两次"
            ),
            "time the last credit lasts at the usual pace",
            "最近余额按平时速度可用时长",
        ),
    ),
)
