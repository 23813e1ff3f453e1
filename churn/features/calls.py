"""How much the line is used, how that changed, and towards whom: from call detail records."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import partial, reduce
from operator import add, or_

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
    with_ones,
)
from churn.features.calendar import Calendar
from churn.features.daily_use import DAILY_USE
from churn.features.family import ID, Family, View
from churn.features.feature import NONE, Feature, counted
from churn.language import Text
from churn.windows import Window

NO_FESTIVALS = Calendar()
SPELLS = (7, 30, 60, 90, 120)
"""Where spells end, in days ago: every window that a feature asks of is some of them."""
QUARTER = range(4)
"""The spells of 90 days."""
SATURDAY = 5
WEEKS = 12
SILENT = Text("no use in 90 days", "近90天无使用")
NO_CALL = Text("no calls in 90 days", "近90天无通话")
NONE_OUT = Text("no outgoing calls in 90 days", "近90天无呼出通话")


def build(view: View, calendar: Calendar = NO_FESTIVALS) -> ir.Table:
    """One row per subscriber with any record in 120 days.

    Use is first added up by spell, between the ends of the windows that features ask of; what is
    left is a handful of rows per subscriber. Trends compare use per day, without the days of
    festivals.
    """
    longest = view.window("calls", SPELLS[-1])
    use = view.known.daily(DAILY_USE, longest)
    spells = _by_spell(use, longest.end, calendar.apart(_.day, longest))
    sums = spells.group_by(ID).aggregate(
        **_sums(longest.end), **_rates(calendar, longest), **_days_by_spell()
    )
    return _with_days_of_use(sums, longest.end)


def _by_spell(use: ir.Table, end: date, apart: ir.BooleanValue | None) -> ir.Table:
    """Add up use by subscriber and spell, and mark its days of use, one bit for each."""
    age = days_until(end, _.day)
    spell = [(_.age <= days, at) for at, days in enumerate(SPELLS)]
    before = [(_.spell == at, days) for at, days in enumerate((0, *SPELLS[:-1]))]
    rows = use.mutate(age=age, apart=ibis.literal(False) if apart is None else apart)  # noqa: FBT003 - Ibis's signature
    rows = rows.mutate(spell=ibis.cases(*spell))
    rows = rows.mutate(first=ibis.cases(*before))
    place = (rows.age - rows["first"] - 1).cast("int32")
    rows = rows.mutate(bit=ibis.literal(1, type="int64") << place)
    return rows.group_by(ID, "spell", "apart").aggregate(
        latest=_.day.max(),
        days=_.bit.bit_or(),
        **{name: _[name].sum().cast(kind) for name, kind in DAILY_USE.totals.items()},
    )


_MONTH, _QUARTER = _.spell <= SPELLS.index(30), _.spell <= SPELLS.index(90)


def _count(column: str, where: ir.Deferred) -> ir.Deferred:
    """Add up a count of each spell; 0 where none is among them."""
    return _[column].sum(where=where).fill_null(0)


def _sums(end: date) -> dict[str, ir.Deferred]:
    quarter, month = _QUARTER, _MONTH
    earlier = _QUARTER & ~_MONTH
    return {
        "days_since_use_90d": days_until(end, _.latest.max(where=quarter)),
        "voice_minutes_90d": ratio(_.voice_seconds.sum(where=quarter), SECONDS_PER_MINUTE),
        "voice_minutes_30d": ratio(_.voice_seconds.sum(where=month), SECONDS_PER_MINUTE),
        "call_minutes_mean_90d": ratio(
            _.voice_seconds.sum(where=quarter), _count("voice", quarter) * SECONDS_PER_MINUTE
        ),
        "megabytes_90d": _.megabytes.sum(where=quarter),
        "megabytes_30d": _.megabytes.sum(where=month),
        "uses_30d": _count("uses", month),
        "sms_90d": _count("sms", quarter),
        "call_charge_90d": _.charge.sum(where=quarter),
        "night_share_90d": ratio(_count("night", quarter), _count("uses", quarter)),
        "incoming_share_90d": ratio(_count("incoming", quarter), _count("voice", quarter)),
        "competitor_share_90d": ratio(_count("competitor", quarter), _count("out", quarter)),
        "competitor_share_30d": ratio(_count("competitor", month), _count("out", month)),
        "competitor_share_change_90d": share_of_change(
            _count("competitor", month),
            _count("out", month),
            _count("competitor", earlier),
            _count("out", earlier),
        ),
        "international_share_90d": ratio(_count("international", quarter), _count("out", quarter)),
    }


def _rates(calendar: Calendar, longest: Window) -> dict[str, ir.Deferred]:
    """Compare use per day of 30 days with the 60 before, or with 61 to 120 days ago; of 7 with 23.

    Sums of nothing are null where they are compared with: there is no rate to compare with.
    """

    def spells(first: int, last: int) -> tuple[ir.Deferred, ir.IntegerScalar]:
        """Return which rows lie between so many days ago, and how many days compare."""
        window = Window(longest.end - timedelta(days=last), longest.end - timedelta(days=first))
        since = SPELLS.index(first) + 1 if first else 0
        inside = (_.spell >= since) & (_.spell <= SPELLS.index(last))
        return inside & ~_.apart, ibis.literal(calendar.days(window))

    def trend(column: str, recent: tuple[int, int], earlier: tuple[int, int]) -> ir.Deferred:
        (now, days), (then, days_then) = spells(*recent), spells(*earlier)
        total = _[column].sum(where=now).fill_null(0)
        return ratio_of_means(total, days, _[column].sum(where=then), days_then)

    months, weeks = ((0, 30), (30, 90)), ((0, 7), (7, 30))
    return {
        "voice_trend_90d": trend("voice_seconds", *months),
        "voice_trend_30d": trend("voice_seconds", *weeks),
        "outgoing_trend_90d": trend("out_seconds", *months),
        "use_trend_90d": trend("uses", *months),
        "use_trend_120d": trend("uses", (0, 30), (60, 120)),
        "megabytes_trend_90d": trend("megabytes", *months),
        "megabytes_trend_30d": trend("megabytes", *weeks),
        "call_charge_trend_90d": trend("charge", *months),
    }


def _days_by_spell() -> dict[str, ir.Deferred]:
    """Bring the days of use of a spell together: a day lies in a festival, or it does not."""
    return {f"days{at}": _.days.sum(where=_.spell == at).fill_null(0) for at in QUARTER}


def _with_days_of_use(sums: ir.Table, end: date) -> ir.Table:
    """Count days of use, and the weeks without any: the last twelve end with the window."""
    weekends = dict.fromkeys(QUARTER, 0)
    weeks: list[dict[int, int]] = [dict.fromkeys(QUARTER, 0) for _week in range(WEEKS)]
    for at, first in zip(QUARTER, (0, *SPELLS), strict=False):
        for age in range(first, SPELLS[at]):
            bit = 1 << (age - first)
            if (end - timedelta(days=age + 1)).weekday() >= SATURDAY:
                weekends[at] |= bit
            if age // 7 < WEEKS:
                weeks[age // 7][at] |= bit
    used = [
        flag(reduce(or_, ((_[f"days{at}"] & bits) > 0 for at, bits in week.items() if bits)))
        for week in weeks
    ]
    rows = sums.mutate(
        # Nothing is said of who has no use in 90 days, as of who has no records.
        weeks_silent_84d=ibis.cases((_.days_since_use_90d.notnull(), WEEKS - reduce(add, used))),
        **{f"weekend{at}": _[f"days{at}"] & bits for at, bits in weekends.items()},
    )
    rows = with_ones(rows, [f"{kind}{at}" for kind in ("days", "weekend") for at in QUARTER])
    rows = rows.mutate(
        active_days_7d=_.days0,
        active_days_30d=_.days0 + _.days1,
        active_days_90d=reduce(add, (_[f"days{at}"] for at in QUARTER)),
        weekend_days=reduce(add, (_[f"weekend{at}"] for at in QUARTER)),
    )
    rows = rows.mutate(
        weekend_share_90d=ratio(_.weekend_days, _.active_days_90d),
        silence_against_usual_90d=ratio(_.days_since_use_90d * _.active_days_90d, SPELLS[-2]),
    )
    return rows.select(ID, *(feature.name for feature in FAMILY.features))


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
