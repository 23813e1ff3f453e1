"""How much the line is used, how that changed, and towards whom: from call detail records."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial, reduce
from operator import add

import ibis
import ibis.expr.types as ir
from ibis import _

from churn.features.arithmetic import (
    SECONDS_PER_MINUTE,
    days_until,
    flag,
    ratio,
    ratio_of_means,
    share_of_change,
)
from churn.features.calendar import Calendar
from churn.features.family import ID, Family, View
from churn.features.feature import NONE, Feature, counted
from churn.language import Text
from churn.windows import Window

NO_FESTIVALS = Calendar()
NIGHT_FROM, NIGHT_TO = 22, 6
SATURDAY = 5
WEEKS = 12
SILENT = Text("no use in 90 days", "近90天无使用")
NO_CALL = Text("no calls in 90 days", "近90天无通话")
NONE_OUT = Text("no outgoing calls in 90 days", "近90天无呼出通话")


def build(view: View, calendar: Calendar = NO_FESTIVALS) -> ir.Table:
    """One row per subscriber with any record in 120 days.

    Days of use are counted from one row per line and day, never by a distinct count over records.
    Trends compare use per day, without the days of festivals.
    """
    quarter = view.window("calls", 90)
    month, week = view.window("calls", 30), view.window("calls", 7)
    reach = view.known.calls.filter(view.window("calls", 120).contains(_.started_at))
    records = reach.filter(quarter.contains(_.started_at))
    sums = _marked(records, month, week, calendar.apart(_.started_at, quarter)).group_by(ID)
    sums = sums.aggregate(**_sums(quarter), **_rates(calendar, quarter, month, week))
    of_quarter = sums.inner_join(_days_of_use(records, quarter, month, week), ID)
    rows = _long_changes(view, reach, calendar).left_join(of_quarter, ID)
    return rows.drop(f"{ID}_right").mutate(
        silence_against_usual_90d=ratio(_.days_since_use_90d * _.active_days_90d, quarter.days)
    )


def _long_changes(view: View, reach: ir.Table, calendar: Calendar) -> ir.Table:
    """Compare use of the last month with that of two months before the last two, by day."""
    month, longer = view.window("calls", 30), view.window("calls", 120)
    before = Window(longer.start, view.window("calls", 60).start)
    recent, earlier = month.contains(_.started_at), before.contains(_.started_at)
    apart = calendar.apart(_.started_at, longer)
    if apart is not None:
        recent, earlier = recent & ~apart, earlier & ~apart
    return reach.group_by(ID).aggregate(
        use_trend_120d=ratio_of_means(
            _.count(where=recent),
            ibis.literal(calendar.days(month)),
            _.count(where=earlier),
            ibis.literal(calendar.days(before)),
        )
    )


def _marked(
    records: ir.Table, month: Window, week: Window, apart: ir.BooleanValue | None
) -> ir.Table:
    """Say of each record once what many sums ask of it."""
    recent, latest = month.contains(_.started_at), week.contains(_.started_at)
    voice = _.kind == "voice"
    out = voice & (_.direction == "out")
    hour = _.started_at.hour()
    earlier = ~recent
    middle = recent & ~latest
    comparable = {"recent": recent, "earlier": earlier, "latest": latest, "middle": middle}
    if apart is not None:
        comparable = {name: spell & ~apart for name, spell in comparable.items()}
    return records.select(
        ID,
        "started_at",
        "seconds",
        "megabytes",
        "charge",
        in_month=recent,
        voice=voice,
        out=out,
        out_month=out & recent,
        out_earlier=out & earlier,
        incoming=voice & (_.direction == "in"),
        sms=_.kind == "sms",
        night=(hour >= NIGHT_FROM) | (hour < NIGHT_TO),
        competitor=out & (_.network == "competitor"),
        international=out & (_.network == "international"),
        **comparable,
        **{f"voice_{name}": voice & spell for name, spell in comparable.items()},
        **{f"out_{name}_day": out & comparable[name] for name in ("recent", "earlier")},
    )


def _sums(quarter: Window) -> dict[str, ir.Deferred]:
    return {
        "days_since_use_90d": days_until(quarter.end, _.started_at.max().date()),
        "voice_minutes_90d": ratio(_.seconds.sum(where=_.voice), SECONDS_PER_MINUTE),
        "voice_minutes_30d": ratio(_.seconds.sum(where=_.voice & _.in_month), SECONDS_PER_MINUTE),
        "call_minutes_mean_90d": ratio(
            _.seconds.sum(where=_.voice), _.count(where=_.voice) * SECONDS_PER_MINUTE
        ),
        "megabytes_90d": _.megabytes.sum(),
        "megabytes_30d": _.megabytes.sum(where=_.in_month),
        "uses_30d": _.count(where=_.in_month),
        "sms_90d": _.count(where=_.sms),
        "call_charge_90d": _.charge.sum(),
        "night_share_90d": ratio(_.count(where=_.night), _.count()),
        "incoming_share_90d": ratio(_.count(where=_.incoming), _.count(where=_.voice)),
        "competitor_share_90d": ratio(_.count(where=_.competitor), _.count(where=_.out)),
        "competitor_share_30d": ratio(
            _.count(where=_.competitor & _.in_month), _.count(where=_.out_month)
        ),
        "competitor_share_change_90d": share_of_change(
            _.count(where=_.competitor & _.in_month),
            _.count(where=_.out_month),
            _.count(where=_.competitor & ~_.in_month),
            _.count(where=_.out_earlier),
        ),
        "international_share_90d": ratio(_.count(where=_.international), _.count(where=_.out)),
    }


def _rates(
    calendar: Calendar, quarter: Window, month: Window, week: Window
) -> dict[str, ir.Deferred]:
    """Compare use per day of the last 30 days with the 60 before, of 7 with the 23 before."""
    before, middle = Window(quarter.start, month.start), Window(month.start, week.start)
    days = {
        name: ibis.literal(calendar.days(window))
        for name, window in zip(
            ("month", "before", "week", "middle"), (month, before, week, middle), strict=True
        )
    }

    def of_months(column: str, recent: ir.Deferred, earlier: ir.Deferred) -> ir.Deferred:
        return ratio_of_means(
            _[column].sum(where=recent).fill_null(0),
            days["month"],
            _[column].sum(where=earlier),
            days["before"],
        )

    def of_weeks(column: str, latest: ir.Deferred, middle: ir.Deferred) -> ir.Deferred:
        return ratio_of_means(
            _[column].sum(where=latest).fill_null(0),
            days["week"],
            _[column].sum(where=middle),
            days["middle"],
        )

    return {
        "voice_trend_90d": of_months("seconds", _.voice_recent, _.voice_earlier),
        "voice_trend_30d": of_weeks("seconds", _.voice_latest, _.voice_middle),
        "outgoing_trend_90d": of_months("seconds", _.out_recent_day, _.out_earlier_day),
        "use_trend_90d": ratio_of_means(
            _.count(where=_.recent), days["month"], _.count(where=_.earlier), days["before"]
        ),
        "megabytes_trend_90d": of_months("megabytes", _.recent, _.earlier),
        "megabytes_trend_30d": of_weeks("megabytes", _.latest, _.middle),
        "call_charge_trend_90d": of_months("charge", _.recent, _.earlier),
    }


def _days_of_use(records: ir.Table, quarter: Window, month: Window, week: Window) -> ir.Table:
    """Count days of use, and the weeks without any: the last twelve end with the window."""
    days = records.select(ID, day=_.started_at.date()).distinct()
    weeks = [
        Window(quarter.end - timedelta(days=7 * (at + 1)), quarter.end - timedelta(days=7 * at))
        for at in range(WEEKS)
    ]
    used = [flag(one.contains(_.day)).max() for one in weeks]
    return days.group_by(ID).aggregate(
        active_days_90d=_.count(),
        active_days_30d=_.count(where=month.contains(_.day)),
        active_days_7d=_.count(where=week.contains(_.day)),
        weekend_share_90d=ratio(_.count(where=_.day.day_of_week.index() >= SATURDAY), _.count()),
        weeks_silent_84d=WEEKS - reduce(add, used),
    )


FAMILY = Family(
    name="calls",
    text=Text("use", "使用行为"),
    needs=("calls",),
    build=build,
    features=(
        Feature("days_since_use_90d", "days ago", SILENT, "last use", "最近一次使用", topic="use"),
        counted("active_days_90d", "days with use in the last 90", "近90天使用天数", topic="use"),
        counted("active_days_30d", "days with use in the last 30", "近30天使用天数", topic="use"),
        counted("active_days_7d", "days with use in the last 7", "近7天使用天数", topic="use"),
        counted(
            "weeks_silent_84d", "weeks without use of the last 12", "近12周无使用周数", topic="use"
        ),
        Feature(
            "silence_against_usual_90d",
            "ratio",
            SILENT,
            "time since the last use against that between days of use",
            "未使用时长较平时使用间隔",
            topic="use",
        ),
        Feature(
            "weekend_share_90d", "share", SILENT, "share of weekends in days of use", "周末使用占比"
        ),
        Feature("night_share_90d", "share", SILENT, "share of use at night", "夜间使用占比"),
        Feature("voice_minutes_90d", "minutes", NONE, "talk time in 90 days", "近90天通话时长"),
        Feature("voice_minutes_30d", "minutes", NONE, "talk time in 30 days", "近30天通话时长"),
        Feature(
            "call_minutes_mean_90d",
            "minutes",
            NO_CALL,
            "mean length of a call",
            "平均每次通话时长",
        ),
        Feature(
            "voice_trend_30d",
            "ratio",
            Text("no calls in the three weeks before the last", "最近一周之前的三周无通话"),
            "talk time a day of the last week against the three before",
            "近一周日均通话时长较此前三周",
            topic="use",
        ),
        Feature(
            "outgoing_trend_90d",
            "ratio",
            Text(
                "no outgoing calls in the 60 days before the last 30",
                "最近30天之前的60天无呼出通话",
            ),
            "outgoing talk time a day of the last month against the two before",
            "近30天日均呼出时长较此前60天",
            topic="use",
        ),
        Feature(
            "megabytes_trend_30d",
            "ratio",
            Text("no data in the three weeks before the last", "最近一周之前的三周无流量"),
            "data a day of the last week against the three before",
            "近一周日均流量较此前三周",
            topic="use",
        ),
        Feature("megabytes_30d", "MB", NONE, "data in 30 days", "近30天流量"),
        Feature(
            "call_charge_trend_90d",
            "ratio",
            Text(
                "nothing charged in the 60 days before the last 30", "最近30天之前的60天无使用费用"
            ),
            "charged for use a day of the last month against the two before",
            "近30天日均使用费用较此前60天",
            topic="use",
        ),
        Feature(
            "competitor_share_change_90d",
            "share",
            Text("no outgoing calls to compare", "无可比呼出通话"),
            "share of calls to competitors' numbers above that of the two months before",
            "拨打竞争对手号码占比较此前60天上升",
            below_zero=Text(
                "share of calls to competitors' numbers {value} below the two months before",
                "拨打竞争对手号码占比较此前60天下降{value}",
            ),
            topic="competition",
        ),
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
            NO_CALL,
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


def family(calendar: Calendar) -> Family:
    """Return the family whose trends leave out the festivals of a calendar."""
    return replace(FAMILY, build=partial(build, calendar=calendar))
