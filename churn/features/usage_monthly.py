"""How much the line is used, from monthly sums: for operators that deliver no records."""

from __future__ import annotations

import ibis.expr.types as ir
from ibis import _

from churn.features.arithmetic import last_months, ratio
from churn.features.family import ID, Family, View
from churn.features.feature import NONE, Feature, counted
from churn.language import Text
from churn.windows import Window, add_months


def build(view: View) -> ir.Table:
    """One row per subscriber with monthly sums in the last six months."""
    months = last_months(view.window("usage_monthly", 180), 6)
    half = Window(add_months(months.end, -3), months.end)
    recent = half.contains(_.month)
    voice = _.voice_out_minutes.fill_null(0) + _.voice_in_minutes.fill_null(0)
    return (
        view.known.usage_monthly.filter(months.contains(_.month))
        .mutate(voice=voice)
        .group_by(ID)
        .aggregate(
            month_voice_minutes_3m=_.voice.sum(where=recent),
            month_voice_trend_6m=ratio(
                _.voice.sum(where=recent).fill_null(0), _.voice.sum(where=~recent)
            ),
            month_competitor_share_3m=ratio(
                _.competitor_minutes.sum(where=recent), _.voice_out_minutes.sum(where=recent)
            ),
            month_sms_3m=_.sms.sum(where=recent),
            month_megabytes_3m=_.megabytes.sum(where=recent),
            month_megabytes_trend_6m=ratio(
                _.megabytes.sum(where=recent).fill_null(0), _.megabytes.sum(where=~recent)
            ),
            month_charge_3m=_.charge.sum(where=recent),
            month_charge_trend_6m=ratio(
                _.charge.sum(where=recent).fill_null(0), _.charge.sum(where=~recent)
            ),
            months_used_6m=_.count(where=(_.voice > 0) | (_.megabytes > 0) | (_.sms > 0)),
            recharge_trend_6m=ratio(
                _.recharge_amount.sum(where=recent).fill_null(0),
                _.recharge_amount.sum(where=~recent),
            ),
            recharges_3m=_.recharges.sum(where=recent),
            recharge_amount_3m=_.recharge_amount.sum(where=recent),
        )
    )


FAMILY = Family(
    name="usage_monthly",
    text=Text("monthly use", "月度使用量"),
    needs=("usage_monthly",),
    build=build,
    features=(
        Feature(
            "month_voice_minutes_3m",
            "minutes",
            NONE,
            "talk time in three months",
            "近3个月通话时长",
        ),
        Feature(
            "month_voice_trend_6m",
            "ratio",
            Text("no calls in the three months before the last three", "前3个月无通话"),
            "talk time of three months against the three before",
            "近3个月通话时长较前3个月",
            topic="use",
        ),
        Feature(
            "month_competitor_share_3m",
            "share",
            Text("no outgoing calls in three months", "近3个月无呼出通话"),
            "share of talk time to competitors' numbers",
            "拨打竞争对手号码时长占比",
            topic="competition",
        ),
        counted("month_sms_3m", "messages in three months", "近3个月短信数"),
        Feature("month_megabytes_3m", "MB", NONE, "data in three months", "近3个月流量"),
        Feature(
            "month_megabytes_trend_6m",
            "ratio",
            Text("no data in the three months before the last three", "前3个月无流量"),
            "data of three months against the three before",
            "近3个月流量较前3个月",
            topic="use",
        ),
        Feature(
            "month_charge_3m",
            "currency",
            NONE,
            "charged for use in three months",
            "近3个月使用费用",
        ),
        Feature(
            "month_charge_trend_6m",
            "ratio",
            Text("nothing charged in the three months before the last three", "前3个月无使用费用"),
            "charged for use in three months against the three before",
            "近3个月使用费用较前3个月",
            topic="use",
        ),
        counted(
            "months_used_6m", "months with use of the last six", "近6个月有使用月数", topic="use"
        ),
        Feature(
            "recharge_trend_6m",
            "ratio",
            Text("no top-up in the three months before the last three", "前3个月无充值"),
            "topped up in three months against the three before",
            "近3个月充值金额较前3个月",
            topic="use",
        ),
        counted("recharges_3m", "top-ups in three months", "近3个月充值次数", topic="use"),
        Feature(
            "recharge_amount_3m", "currency", NONE, "topped up in three months", "近3个月充值金额"
        ),
    ),
)
