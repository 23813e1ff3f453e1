"""When files were delivered and what they cover: by their names, and by the days in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from churn.ingest.mapping import read_column
from churn.ingest.names import last_day
from churn.ingest.suggestion.filling import Filled, Pick
from churn.ingest.suggestion.profiles import Profile
from churn.ingest.suggestion.readings import span_of
from churn.language import Text
from churn.tables import Column, Mode

BOOKS = "subscribers"
HISTORY = 62  # days of facts in one delivery from which it is history, not a month
WHOLE = 0.8  # share of one delivery's keys in the next from which each is the whole table
LATEST = date(2100, 1, 1)  # later days mean "for ever"
CONSTANT = ("product", "customer_id", "account_id", "group_id", "customer_type", "region")
AHEAD = ("contract_ends_on", "due_on")  # days that may lie ahead of who writes them


@dataclass(frozen=True)
class Dating:
    """The deliveries of a batch.

    Attributes
    ----------
    placeholders
        Position of a piece of the files' names: what it tells.
    days_after
        Days from the end of the period to the delivery, where names tell the period alone.
    delivered_on
        The day of the delivery, where no name tells it.
    covers_until
        Of history extracted on one day: the last day that it holds.
    mode
        How the deliveries make the table, where that is not the table's own way.
    """

    placeholders: dict[int, str]
    days_after: int | None = None
    delivered_on: date | None = None
    covers_until: date | None = None
    mode: Mode | None = None
    evidence: tuple[Text, ...] = ()
    mode_evidence: tuple[Text, ...] = ()
    doubts: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Days:
    """The days in the columns of a batch that is filled."""

    filled: Filled

    @cached_property
    def facts(self) -> tuple[date, date] | None:
        """The first and the last day that the rows tell of."""
        name = self.filled.table.occurs_on
        pick = self.filled.picks.get(name) if name else None
        return self._span(pick, name) if pick and name else None

    @cached_property
    def latest(self) -> date | None:
        """The last day that must have been over when the files were written."""
        spans = [self._span(pick, name) for name, pick in self.filled.picks.items()]
        return max((span[1] for span in spans if span), default=None)

    def _span(self, pick: Pick, name: str) -> tuple[date, date] | None:
        column = self.filled.table[name]
        if column.type not in {"date", "timestamp"} or name in AHEAD:
            return None
        span = span_of(pick.profile, self.filled.table, column, pick.reading.how)
        if span is None or span[1] >= LATEST:
            return None
        months = self.filled.table.occurs_at_month_end and name == self.filled.table.occurs_on
        return (span[0], last_day(f"{span[1]:%Y%m}") or span[1]) if months else span

    def of_file(self, number: int) -> date | None:
        """Return the last day that must have been over when a file was written."""
        rows = self.filled.look.rows
        mine = rows.filter(pc.equal(rows.column("file"), number))
        days = []
        for name, pick in self.filled.picks.items():
            column = self.filled.table[name]
            if column.type not in {"date", "timestamp"} or name in AHEAD:
                continue
            last = _last(mine.column(pick.profile.position), self.filled, column, pick)
            if last is not None and last < LATEST:
                days.append(last)
        return max(days, default=None)


def _last(texts: pa.ChunkedArray, filled: Filled, column: Column, pick: Pick) -> date | None:
    values = pc.unique(texts.combine_chunks())
    absent = pa.array(["", "NULL", *pick.profile.missing], pa.string())
    values = values.filter(pc.invert(pc.is_in(values, absent))).drop_null()
    days, _ = read_column(values, filled.table, column, pick.reading.mapping(pick.profile.header))
    last = pc.max(days.cast(pa.timestamp("us"))).as_py()
    return last.date() if last else None


def latest_of(days: Iterable[Days], ended: date | None) -> date | None:
    """Return the last day that any file tells of; None where none tells of any."""
    known = [each.latest for each in days]
    return max((day for day in [*known, ended] if day is not None), default=None)


def date_of(filled: Filled, days: Days, extracted_on: date | None) -> Dating:
    """Tell how the files of a batch were delivered.

    Parameters
    ----------
    extracted_on
        The day on which files without a day in their names were extracted, if that is known.
    """
    look = filled.look
    dated = look.batch.dated
    ends = {at: [last_day(tokens[at].text) for tokens in look.batch.tokens] for at in dated}
    kinds = {at: look.batch.tokens[0][at].kind for at in dated}
    varying = [at for at in dated if at in look.batch.varying] or list(dated)
    if not varying:
        return _undated(extracted_on)
    pair = _pair(varying, kinds, ends)
    if pair is not None:
        period, delivered = pair
        dating = Dating(
            {period: "period", delivered: "delivered_on"},
            evidence=(Text("the names tell period and day", "文件名含账期与交付日"),),
        )
        return _with_mode(dating, filled, days, ends[delivered])
    at = varying[-1]
    file_day = days.of_file(len(look.batch.paths) - 1)
    end = ends[at][-1]
    if kinds[at] == "day" and (file_day is None or end is None or file_day < end):
        told = Text(
            "all that the newest file tells of lies before the day in its name",
            "最新文件中的日期均早于其文件名中的日期",
        )
        return _with_mode(Dating({at: "delivered_on"}, evidence=(told,)), filled, days, ends[at])
    after = 1
    if file_day is not None and end is not None and file_day > end:
        after = (file_day - end).days + 1
    doubt = Text(
        "names tell the period alone: how many days after its last one were the files there? They"
        f" tell of days up to {after - 1} days after it",
        f"文件名仅含账期：文件在账期结束后几天交付？其中最晚的日期为账期结束后{after - 1}天",
    )
    rule = Dating({at: "period"}, days_after=after, doubts=(doubt,))
    delivered_on = [day and day + timedelta(days=after) for day in ends[at]]
    return _with_mode(rule, filled, days, delivered_on)


def _pair(
    dated: list[int], kinds: Mapping[int, str], ends: dict[int, list[date | None]]
) -> tuple[int, int] | None:
    """Return which pieces of the names tell the period and the day of delivery."""
    for period in dated:
        for delivered in dated:
            if delivered == period or kinds[delivered] != "day":
                continue
            pairs = list(zip(ends[period], ends[delivered], strict=True))
            if all(p and d and p < d for p, d in pairs):
                return period, delivered
    return None


def _undated(extracted_on: date | None) -> Dating:
    doubts: list[Text] = []
    if extracted_on is None:
        doubts.append(Text("nothing tells when the files were extracted", "无法得知文件的提取日期"))
    covers = extracted_on - timedelta(days=1) if extracted_on else None
    return Dating({}, delivered_on=extracted_on, covers_until=covers, doubts=tuple(doubts))


def _with_mode(dating: Dating, filled: Filled, days: Days, delivered: list[date | None]) -> Dating:
    """Add how deliveries make the table, and whether one of them is history."""
    moments = sorted({day for day in delivered if day})
    facts = days.facts
    long = facts is not None and (facts[1] - facts[0]).days > HISTORY
    if len(moments) == 1 and (long or filled.table.name == BOOKS):
        covers = moments[0] - timedelta(days=1)
        return replace(dating, covers_until=covers)
    mode, told = _mode(dating, filled)
    own = filled.table.mode
    return replace(dating, mode=mode if mode != own else None, mode_evidence=(told,))


def _mode(dating: Dating, filled: Filled) -> tuple[Mode | None, Text]:
    """Tell whether deliveries replace each other, a period of them, or add up."""
    periods = [at for at, what in dating.placeholders.items() if what == "period"]
    tokens = filled.look.batch.tokens
    if periods and dating.days_after is None:
        named = [each[periods[0]].text for each in tokens]
        if len(set(named)) < len(named) and not _parts(filled, dating):
            return "partition", Text("periods are delivered anew", "同一账期有重复交付")
    kept = _kept(filled)
    if kept is None:
        return None, Text("", "")
    if kept >= WHOLE:
        return "full", Text(
            f"{kept:.0%} of a delivery's rows stand in the next as well",
            f"前次交付的{kept:.0%}在下次交付中仍在",
        )
    return "append", Text(
        f"{kept:.0%} of a delivery's rows stand in the next: deliveries add up",
        f"前次交付仅{kept:.0%}在下次交付中仍在：各次交付累加",
    )


def _parts(filled: Filled, dating: Dating) -> bool:
    """Tell whether files of one delivery are told apart by further pieces of their names."""
    return bool(filled.look.batch.varying - set(dating.placeholders))


def _kept(filled: Filled) -> float | None:
    """Return the share of the keys of a file that the next holds too; None where unknown."""
    if not filled.table.key:
        return None
    keys = [filled.picks[name].profile for name in filled.table.key if name in filled.picks]
    rows = filled.look.rows
    numbers = sorted(pc.unique(rows.column("file")).to_pylist())[-2:]
    if len(numbers) < 2 or not keys:  # noqa: PLR2004 - a delivery and the next
        return None
    older, newer = (_keys(rows.filter(pc.equal(rows.column("file"), n)), keys) for n in numbers)
    if len(older) == 0:
        return None
    return float(pc.mean(pc.is_in(older, value_set=newer).cast(pa.float64())).as_py())


def _keys(rows: pa.Table, keys: list[Profile]) -> pa.Array:
    texts = [rows.column(key.position).combine_chunks().fill_null("") for key in keys]
    return pc.binary_join_element_wise(*texts, "\x1f") if len(texts) > 1 else texts[0]
