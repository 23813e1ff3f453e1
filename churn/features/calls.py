"""How much the line is used, how that changed, and towards whom: from call detail records."""

from __future__ import annotations

import ibis.expr.types as ir
from ibis import _

from churn.features.arithmetic import SECONDS_PER_MINUTE, days_until, ratio
from churn.features.family import ID, Family, View
from churn.features.feature import NONE, Feature, counted
from churn.language import Text
from churn.windows import Window

SILENT = Text("no use in 90 days", "近90天无使用")
NONE_OUT = Text("no outgoing calls in 90 days", "近90天无呼出通话")


def build(view: View) -> ir.Table:
    """One row per subscriber with any record in 120 days.

    Days of use are counted from one row per line and day, never by a distinct count over records.
    """
    quarter = view.window("calls", 90)
    month = view.window("calls", 30)
    longer = view.window("calls", 120)
    before = Window(longer.start, view.window("calls", 60).start)
    reach = view.known.calls.filter(longer.contains(_.started_at))
    records = reach.filter(quarter.contains(_.started_at))
    recent = month.contains(_.started_at)
    voice = _.kind == "voice"
    out = voice & (_.direction == "out")
    to_competitor = out & (_.network == "competitor")
    days = (
        records.select(ID, day=_.started_at.date())
        .distinct()
        .group_by(ID)
        .aggregate(active_days_90d=_.count(), active_days_30d=_.count(where=month.contains(_.day)))
    )
    sums = records.group_by(ID).aggregate(
        days_since_use_90d=days_until(quarter.end, _.started_at.max().date()),
        voice_minutes_90d=ratio(_.seconds.sum(where=voice), SECONDS_PER_MINUTE),
        voice_minutes_30d=ratio(_.seconds.sum(where=voice & recent), SECONDS_PER_MINUTE),
        voice_trend_90d=_monthly_rate(
            _.seconds.sum(where=voice & recent), _.seconds.sum(where=voice & ~recent)
        ),
        uses_30d=_.count(where=recent),
        use_trend_90d=_monthly_rate(_.count(where=recent), _.count(where=~recent)),
        megabytes_90d=_.megabytes.sum(),
        megabytes_trend_90d=_monthly_rate(
            _.megabytes.sum(where=recent), _.megabytes.sum(where=~recent)
        ),
        sms_90d=_.count(where=_.kind == "sms"),
        call_charge_90d=_.charge.sum(),
        incoming_share_90d=ratio(
            _.count(where=voice & (_.direction == "in")), _.count(where=voice)
        ),
        competitor_share_90d=ratio(_.count(where=to_competitor), _.count(where=out)),
        competitor_share_30d=ratio(
            _.count(where=to_competitor & recent), _.count(where=out & recent)
        ),
        international_share_90d=ratio(
            _.count(where=out & (_.network == "international")), _.count(where=out)
        ),
    )
    changes = reach.group_by(ID).aggregate(
        use_trend_120d=_monthly_rate(
            _.count(where=recent), _.count(where=before.contains(_.started_at))
        )
    )
    of_quarter = sums.inner_join(days, ID)
    return changes.left_join(of_quarter, ID).drop(f"{ID}_right")


def _monthly_rate(recent: ir.Value, earlier: ir.Value) -> ir.Value:
    """Use of the last 30 days against that of 30 days in 60 earlier ones."""
    return ratio(recent.fill_null(0), ratio(earlier, 2))


FAMILY = Family(
    name="calls",
    text=Text("use", "使用行为"),
    needs=("calls",),
    build=build,
    features=(
        Feature("days_since_use_90d", "days ago", SILENT, "last use", "最近一次使用", topic="use"),
        counted("active_days_90d", "days with use in the last 90", "近90天使用天数", topic="use"),
        counted("active_days_30d", "days with use in the last 30", "近30天使用天数", topic="use"),
        Feature("voice_minutes_90d", "minutes", NONE, "talk time in 90 days", "近90天通话时长"),
        Feature("voice_minutes_30d", "minutes", NONE, "talk time in 30 days", "近30天通话时长"),
        Feature(
            "voice_trend_90d",
            "ratio",
            Text("no calls in the 60 days before the last 30", "最近30天之前的60天无通话"),
            "talk time of the last month against the two before",
            "近30天通话时长较此前60天月均",
            topic="use",
        ),
        counted("uses_30d", "times used in 30 days", "近30天使用次数", topic="use"),
        Feature(
            "use_trend_90d",
            "ratio",
            Text("no use in the 60 days before the last 30", "最近30天之前的60天无使用"),
            "times used in the last month against the two before",
            "近30天使用次数较此前60天月均",
            topic="use",
        ),
        Feature(
            "use_trend_120d",
            "ratio",
            Text("no use 61 to 120 days ago", "此前第61至120天无使用"),
            "times used in the last month against two months before the last two",
            "近30天使用次数较第61至120天月均",
            topic="use",
        ),
        Feature("megabytes_90d", "MB", NONE, "data in 90 days", "近90天流量"),
        Feature(
            "megabytes_trend_90d",
            "ratio",
            Text("no data in the 60 days before the last 30", "最近30天之前的60天无流量"),
            "data of the last month against the two before",
            "近30天流量较此前60天月均",
            topic="use",
        ),
        counted("sms_90d", "messages in 90 days", "近90天短信数"),
        Feature(
            "call_charge_90d", "currency", NONE, "charged for use in 90 days", "近90天使用费用"
        ),
        Feature(
            "incoming_share_90d",
            "share",
            Text("no calls in 90 days", "近90天无通话"),
            "share of calls that come in",
            "来电占比",
        ),
        Feature(
            "competitor_share_90d",
            "share",
            NONE_OUT,
            "share of calls to competitors' numbers",
            "拨打竞争对手号码占比",
            topic="competition",
        ),
        Feature(
            "competitor_share_30d",
            "share",
            Text("no outgoing calls in 30 days", "近30天无呼出通话"),
            "share of calls to competitors' numbers in 30 days",
            "近30天拨打竞争对手号码占比",
            topic="competition",
        ),
        Feature(
            "international_share_90d",
            "share",
            NONE_OUT,
            "share of international calls",
            "国际通话占比",
        ),
    ),
)
