"""The sources that a suggestion lists: what each of them reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from churn.ingest.mapping import read_column
from churn.ingest.suggestion.assignment import (
    BOOKS,
    CONTACTS,
    EVENTS,
    Assignment,
    Filled,
    ends,
    without,
)
from churn.ingest.suggestion.dating import CONSTANT, Dating, Days, date_of, latest_of
from churn.ingest.suggestion.evidence import doubts_of, evidence_of
from churn.ingest.suggestion.profiles import PLAIN_NULLS, Look, Profile
from churn.ingest.suggestion.readings import Reading, days_of, span_of
from churn.ingest.suggestion.vocabulary import VALUES, meaning
from churn.ingest.suggestion.wide import Outcome, Wide, outcome_in, wide_in
from churn.language import Text
from churn.tables import TABLES, Table

IN_SERVICE, LEFT = "in_service", "left"
BEARABLE = 0.0005  # share of damaged rows that the default limit leaves room for
LATE = 365  # days without any end from which what came before teaches nothing of ends
NEXT = 31  # days in which who is flagged is taken to have gone
LIMITS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1)


_DERIVED = Text(
    "no name tells it: the day after the last one in the files",
    "文件名未含日期：取文件中最晚日期的次日",
)
_FIRST = Text(
    "no name tells it: the last first of a month in the files", "文件名未含日期：取文件中最晚的月初"
)
_SAID = Text("as was said", "按指定")
_OUTCOME = Text("a month later: the outcome", "一个月后：结果")


@dataclass(frozen=True)
class Line:
    """A column's line in the settings.

    Attributes
    ----------
    value
        A header, or a section of ``from:`` or ``constant:`` and the rest.
    counts
        Rows of each code, for the lines that list codes.
    """

    target: str
    value: Any
    evidence: tuple[Text, ...] = ()
    doubts: tuple[Text, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """A source of a table as it is suggested."""

    look: Look
    dating: Dating
    options: Mapping[str, Any]
    lines: tuple[Line, ...]
    only: Mapping[str, Any] = field(default_factory=dict)
    load: Mapping[str, Any] | None = None
    joins: tuple[Mapping[str, Any], ...] = ()
    unpivot: tuple[Mapping[str, Any], ...] = ()
    unused: tuple[Profile, ...] = ()
    doubts: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Suggested:
    """A table as it is suggested."""

    table: Table
    sources: tuple[Source, ...]
    mode: str | None = None
    max_rejected: float | None = None
    evidence: tuple[Text, ...] = ()
    limit_evidence: tuple[Text, ...] = ()


def suggested(
    assignment: Assignment, extracted_on: date | None
) -> tuple[tuple[Suggested, ...], date | None]:
    """Return the tables with their sources, and the day on which history was extracted.

    Parameters
    ----------
    extracted_on
        When files without a day in their names were extracted, where somebody has said so;
        otherwise the day after the last that any of them tells of.
    """
    every = [*([assignment.books] if assignment.books else []), *assignment.filled]
    days = {id(filled): Days(filled) for filled in every}
    ended = _ended_on(assignment)
    day = extracted_on
    if day is None:
        latest = latest_of(days.values(), ended)
        # Where only months are known, the first of the last is the day of the extraction itself.
        beyond = 0 if by_months(assignment) else 1
        day = latest + timedelta(days=beyond) if latest else None
    found: dict[str, list[tuple[Filled, Source]]] = {}
    for filled in every:
        dating = date_of(filled, days[id(filled)], day)
        if dating.delivered_on is not None:
            derived = _FIRST if by_months(assignment) else _DERIVED
            dating = replace(dating, evidence=(derived if extracted_on is None else _SAID,))
        source = _source(filled, dating, assignment)
        found.setdefault(filled.table.name, []).append((filled, source))
    if assignment.books is not None and assignment.books.look.batch.dated == ():
        _add_wide(found, assignment.books, day)
    if EVENTS not in found and assignment.books is not None and assignment.ended is not None:
        books_dating = found[BOOKS][0][1].dating
        found[EVENTS] = [
            (assignment.books, source)
            for source in _events(assignment.books, assignment.ended, books_dating)
        ]
    order = [name for name in TABLES if name in found]
    return tuple(_table(TABLES[name], found[name]) for name in order), day


def _add_wide(
    found: dict[str, list[tuple[Filled, Source]]], books: Filled, day: date | None
) -> None:
    """Add what one file tells of all: months side by side, and a flag of who went after them."""
    ((_, register),) = found[BOOKS]
    taken: set[int] = set()
    first = None
    for wide in wide_in(books, day):
        if wide.table.name in found or not wide.months:
            continue
        taken |= {p.position for columns in wide.months.values() for p in columns.values()}
        first = min([*wide.months, *([first] if first else [])])
        found[wide.table.name] = [(books, _wide(wide, books, register.dating))]
    outcome = outcome_in(books)
    if outcome is not None and day is not None and EVENTS not in found:
        taken.add(outcome.profile.position)
        dating = register.dating
        found[EVENTS] = [(books, each) for each in _flagged(outcome, books, dating, day, first)]
    if first is not None and "activated_on" not in books.picks:
        ask = Text(
            "no column tells it: on the books since the first month?", "没有该列：自首月起在册吗？"
        )
        line = Line("activated_on", {"constant": first.isoformat()}, doubts=(ask,))
        register = replace(register, lines=(*register.lines, line))
    unused = tuple(p for p in register.unused if p.position not in taken)
    found[BOOKS] = [(books, replace(register, unused=unused))]


def _wide(wide: Wide, books: Filled, dating: Dating) -> Source:
    month = wide.table.occurs_on or "month"
    groups = [
        {
            "columns": {
                month: {"constant": f"{first:%Y-%m}"},
                **{column: profile.header for column, profile in columns.items()},
            }
        }
        for first, columns in sorted(wide.months.items(), reverse=True)
    ]
    newest = max(wide.months)
    doubt = Text(
        f"headers count months: is the first of them the newest, {newest:%Y-%m}?",
        f"列名仅含序号：第一个是最近的月份{newest:%Y-%m}吗？",
    )
    key = books.picks["subscriber_id"].profile.header
    load = {"covers_until": dating.covers_until, "assumed_lag": 1}
    return Source(
        wide.look,
        replace(dating, mode=None, doubts=()),
        books.look.options,
        (Line("subscriber_id", key),),
        load=load if dating.covers_until else None,
        unpivot=tuple(groups),
        doubts=(doubt,) if wide.ordered else (),
    )


def _flagged(
    outcome: Outcome, books: Filled, dating: Dating, day: date, first: date | None
) -> tuple[Source, Source]:
    """Begin everybody with the first month, and end who is flagged in the month to come."""
    key = books.picks["subscriber_id"].profile.header
    begun = books.picks.get("activated_on")
    state = "removed" if outcome.passive else LEFT
    start: Any = {"constant": f"{first or day - timedelta(days=1)} 00:00:00"}
    later = day + timedelta(days=NEXT)
    ask = Text(
        f"{outcome.profile.header} tells no day: did they go in the {NEXT} days from {day} on?",
        f"{outcome.profile.header}未含日期：是否在{day}起的{NEXT}天内离网？",
    )
    return (
        Source(
            books.look,
            replace(dating, mode=None, doubts=()),
            books.look.options,
            (
                Line("subscriber_id", key),
                Line(
                    "effective_at",
                    _moment(begun.profile.header, begun.reading) if begun is not None else start,
                ),
                Line("status", {"constant": IN_SERVICE}),
            ),
            load={"covers_until": day - timedelta(days=1), "assumed_lag": 1},
        ),
        Source(
            books.look,
            Dating({}, delivered_on=later, evidence=(_OUTCOME,), doubts=(ask,)),
            books.look.options,
            (
                Line("subscriber_id", key),
                Line("effective_at", {"constant": f"{day + timedelta(days=NEXT // 2)} 00:00:00"}),
                Line("status", {"constant": state}),
            ),
            only={outcome.profile.header: {"in": list(outcome.positive)}},
            load={"covers_until": later - timedelta(days=1), "assumed_lag": 0},
        ),
    )


def by_months(assignment: Assignment) -> bool:
    """Tell that lines begin and end on firsts of months alone, so that only months are known."""
    books, ended = assignment.books, assignment.ended
    begun = books.picks.get("activated_on") if books is not None else None
    told = ends(ended) if ended is not None else None
    if books is None or begun is None or ended is None or told is None:
        return False
    column = TABLES[EVENTS]["effective_at"]
    gone = days_of(without(ended, told[1]), TABLES[EVENTS], column, told[0].how)
    came = days_of(begun.profile, books.table, books.table["activated_on"], begun.reading.how)
    days = [pc.day(each.drop_null()) for each in (gone, came)]
    return all(len(each) > 1 and pc.max(each).as_py() == 1 for each in days)


def ends_late(assignment: Assignment) -> tuple[date, date] | None:
    """Return the days between which lines ended, where lines began long before any did."""
    span = _ended_between(assignment)
    begun = assignment.books.picks.get("activated_on") if assignment.books is not None else None
    if span is None or begun is None or assignment.books is None:
        return None
    table = assignment.books.table
    first = span_of(begun.profile, table, table["activated_on"], begun.reading.how)
    late = first is not None and (span[0] - first[0]).days > LATE
    return span if late else None


def _ended_on(assignment: Assignment) -> date | None:
    span = _ended_between(assignment)
    return span[1] if span else None


def _ended_between(assignment: Assignment) -> tuple[date, date] | None:
    if assignment.ended is None:
        return None
    told = ends(assignment.ended)
    if told is None:
        return None
    reading, words = told
    dated = without(assignment.ended, words)
    return span_of(dated, TABLES[EVENTS], TABLES[EVENTS]["effective_at"], reading.how)


def _table(table: Table, parts: Sequence[tuple[Filled, Source]]) -> Suggested:
    modes = {source.dating.mode for _, source in parts if source.dating.mode}
    mode = modes.pop() if len(modes) == 1 else None
    limit, told = _limit(parts)
    evidence = parts[0][1].dating.mode_evidence
    return Suggested(
        table, tuple(source for _, source in parts), mode, limit, evidence if mode else (), told
    )


def _limit(parts: Sequence[tuple[Filled, Source]]) -> tuple[float | None, tuple[Text, ...]]:
    """Return how much may be set aside, where more is damaged than is usual."""
    worst, bad, rows = 0.0, 0, 0
    for filled, _ in parts:
        for damaged, count in _damaged(filled).values():
            if count and damaged / count > worst:
                worst, bad, rows = damaged / count, damaged, count
    if worst <= BEARABLE:
        return None, ()
    limit = next((each for each in LIMITS if each >= 1.5 * worst), None)
    if limit is None:
        return None, ()
    told = Text(
        f"{bad:,} of {rows:,} rows of one file cannot be read: see `churn quarantine`",
        f"其中一个文件的{rows:,}行中有{bad:,}行无法读取：参见 churn quarantine",
    )
    return limit, (told,)


def _damaged(filled: Filled) -> Mapping[int, tuple[int, int]]:
    """Return, per file, how many rows break a rule of their columns, and of how many."""
    rows = filled.look.rows
    bad = np.zeros(len(rows), dtype=np.bool_)
    for name, pick in filled.picks.items():
        column = filled.table[name]
        texts = rows.column(pick.profile.position).combine_chunks()
        absent = pa.array([*PLAIN_NULLS, *pick.profile.missing], pa.string())
        texts = pc.if_else(pc.is_in(texts, absent), pa.scalar(None, pa.string()), texts)
        _, wrong = read_column(
            texts, filled.table, column, pick.reading.mapping(pick.profile.header)
        )
        bad |= wrong
    numbers = rows.column("file").to_numpy()
    return {
        int(number): (
            int(bad[numbers == number].sum()) + filled.look.damaged.get(int(number), 0),
            int((numbers == number).sum()) + filled.look.damaged.get(int(number), 0),
        )
        for number in np.unique(numbers)
    }


def _source(filled: Filled, dating: Dating, assignment: Assignment) -> Source:
    lines = [_line(filled, name, assignment.books) for name in _ordered(filled)]
    lines += _constants(filled, assignment)
    named = {line.target for line in lines}
    for profile in filled.unused:
        if profile.header in filled.table and profile.header not in named:
            told = Text("is not what the table means by it", "与标准列含义不符")
            lines.append(Line(profile.header, None, (told,)))
    joins = _joins(filled, assignment)
    load = _load(filled, dating, lines, joins)
    return Source(
        filled.look,
        dating,
        {**filled.look.options, **_nulls(filled)},
        tuple(lines),
        load=load,
        joins=joins,
        unused=_unused(filled, assignment),
        doubts=(*filled.doubts, *filled.look.doubts),
    )


def _unused(filled: Filled, assignment: Assignment) -> tuple[Profile, ...]:
    taken: set[int] = set()
    if assignment.books is not None and filled.look is assignment.books.look:
        for other in (assignment.books, *assignment.filled):
            if other.look is filled.look:
                taken |= {pick.profile.position for pick in other.picks.values()}
        if assignment.ended is not None:
            taken.add(assignment.ended.position)
        if filled.table.name == CONTACTS:
            return ()
    return tuple(profile for profile in filled.unused if profile.position not in taken)


def _ordered(filled: Filled) -> list[str]:
    return [name for name in filled.table.names if name in filled.picks]


def _nulls(filled: Filled) -> dict[str, Any]:
    """Return the words for no value that stand in columns that are not text."""
    typed = [
        pick
        for name, pick in filled.picks.items()
        if filled.table[name].type != "string"
        or filled.table[name].identifier
        or filled.table[name].allowed
    ]
    words = sorted({word for pick in typed for word in pick.profile.missing})
    return {"nulls": [*PLAIN_NULLS, *words]} if words else {}


def _line(filled: Filled, name: str, books: Filled | None) -> Line:
    pick = filled.picks[name]
    how = dict(pick.reading.how)
    value = {"from": pick.profile.header, **how} if how else pick.profile.header
    counted = pick.profile.counted() if "codes" in how else {}
    doubts = doubts_of(pick, filled.table[name])
    return Line(name, value, evidence_of(filled, name, pick, books), doubts, counts=counted)


def _constants(filled: Filled, assignment: Assignment) -> list[Line]:
    """Return what no header tells, and the files themselves do."""
    if filled.table.name == "calls":
        return _of_calls(filled)
    if filled.table.name == BOOKS and "product" not in filled.picks:
        beside = any("product" in side.picks for side in assignment.beside)
        mobile = any(
            "megabytes" in other.picks or _kind(other) == "sms"
            for other in assignment.filled
            if other.table.name == "calls"
        )
        if mobile and not beside:
            told = Text("messages or data sessions are delivered", "含短信或流量话单")
            return [Line("product", {"constant": "mobile"}, (told,))]
        if not beside:
            ask = Text(
                "no column tells the kind of service: which is it?", "没有产品类型列：是哪一类？"
            )
            return [Line("product", {"constant": "other"}, doubts=(ask,))]
    return []


def _kind(filled: Filled) -> str | None:
    words = VALUES["calls.kind"]
    return meaning(filled.look.batch.label.rpartition("/")[2].partition(".")[0], words)


def _of_calls(filled: Filled) -> list[Line]:
    lines = []
    if "kind" not in filled.picks:
        kind = _kind(filled)
        told = Text("told by the files' name", "由文件名判断")
        if "megabytes" in filled.picks and "seconds" not in filled.picks:
            kind, told = "data", Text("its records have volumes alone", "只有流量，没有时长")
        elif kind is None and "seconds" in filled.picks and "megabytes" not in filled.picks:
            kind, told = "voice", Text("its records have durations", "记录含通话时长")
        if kind:
            lines.append(Line("kind", {"constant": kind}, (told,)))
    if "direction" not in filled.picks:
        doubt = Text("no column tells the direction: outgoing?", "没有方向列：均为主叫吗？")
        lines.append(Line("direction", {"constant": "out"}, doubts=(doubt,)))
    return lines


def _joins(filled: Filled, assignment: Assignment) -> tuple[Mapping[str, Any], ...]:
    if filled.table.name != BOOKS:
        return ()
    joins = []
    taken: set[str] = set(filled.picks)
    for side in assignment.beside:
        picks = {n: p for n, p in side.picks.items() if n not in taken}
        if not picks:
            continue
        taken |= set(picks)
        joins.append(
            {
                "files": side.look.batch.pattern(),
                **side.look.options,
                "key": side.picks["subscriber_id"].profile.header,
                "columns": {
                    name: {"from": p.profile.header, **p.reading.how}
                    if p.reading.how
                    else p.profile.header
                    for name, p in picks.items()
                },
            }
        )
    return tuple(joins)


def _load(
    filled: Filled, dating: Dating, lines: Sequence[Line], joins: Sequence[Mapping[str, Any]]
) -> Mapping[str, Any] | None:
    """Return what is assumed of history extracted on one day."""
    if dating.covers_until is None:
        return None
    load: dict[str, Any] = {"covers_until": dating.covers_until, "assumed_lag": 1}
    table = filled.table
    if (dating.mode or table.mode) != "full":
        return load
    dated = {*table.key, table.occurs_on}
    mapped = [line.target for line in lines if line.value is not None]
    mapped += [name for join in joins for name in join["columns"]]
    listed = [n for n in mapped if n not in dated and not table[n].known_from]
    constant = [name for name in listed if name in CONSTANT]
    current = [name for name in listed if name not in CONSTANT]
    if constant:
        load["constant"] = constant
    if current:
        load["current_state"] = current
    return load


def _events(books: Filled, ended: Profile, dating: Dating) -> list[Source]:
    """Make a line's beginning and end, as its subscribers' file tells them, its states."""
    told = ends(ended)
    begun = books.picks.get("activated_on")
    if told is None:
        return []
    reading, words = told
    key = books.picks["subscriber_id"].profile.header
    load = None
    if dating.covers_until is not None:
        load = {"covers_until": dating.covers_until, "assumed_lag": 1}
    plain = replace(dating, mode=None, doubts=())
    sources = []
    if begun is not None:
        lines = (
            Line("subscriber_id", key),
            Line("effective_at", _moment(begun.profile.header, begun.reading)),
            Line("status", {"constant": IN_SERVICE}, (Text("since its first day", "自入网日起"),)),
        )
        missing = [*PLAIN_NULLS[:1], *begun.profile.missing]
        gaps = begun.profile.present < begun.profile.rows
        only = {begun.profile.header: {"not": missing}} if gaps else {}
        sources.append(Source(books.look, plain, books.look.options, lines, only, load))
    doubt = Text(
        "nothing tells who ended them: by the subscriber (left) or the operator (removed)?",
        "无法得知由谁终止：用户主动（left）还是运营商（removed）？",
    )
    lines = (
        Line("subscriber_id", key),
        Line("effective_at", _moment(ended.header, reading)),
        Line("status", {"constant": LEFT}, doubts=(doubt,)),
    )
    not_ended = ["", *ended.missing, *words]
    sources.append(
        Source(
            books.look, plain, books.look.options, lines, {ended.header: {"not": not_ended}}, load
        )
    )
    return sources


def _moment(header: str, reading: Reading) -> Any:
    """Return a day as the time that an event needs."""
    formats = reading.how.get("format")
    return {"from": header, "format": formats or ["%Y-%m-%d", "%Y-%m-%d %H:%M:%S"]}
