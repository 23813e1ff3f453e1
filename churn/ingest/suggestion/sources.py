"""The sources that a suggestion lists: what each of them reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from churn.ingest.columns import AS_OF
from churn.ingest.suggestion.accounts import divided
from churn.ingest.suggestion.assignment import CONTACTS, Assignment, ends, without
from churn.ingest.suggestion.daily import summed
from churn.ingest.suggestion.damage import Limit, limit_of, totals_of
from churn.ingest.suggestion.dating import BOOKS, CONSTANT, Dating, Days, date_of, latest_of
from churn.ingest.suggestion.endings import (
    by_months,
    changes_of_books,
    ended_on,
    events_of_books,
    flagged,
)
from churn.ingest.suggestion.evidence import doubts_of, evidence_of, initials_of
from churn.ingest.suggestion.filling import OF_NAMES, Filled, Pick, StateOf
from churn.ingest.suggestion.likeness import meaning
from churn.ingest.suggestion.owners import owned, owner_of
from churn.ingest.suggestion.parts import added
from churn.ingest.suggestion.profiles import PLAIN_NULLS, Profile
from churn.ingest.suggestion.proposals import Line, Source, Suggested
from churn.ingest.suggestion.reasons import HALTING, left_out, without_state
from churn.ingest.suggestion.stating import EVENTS
from churn.ingest.suggestion.tickets import complaints_in, done_in
from churn.ingest.suggestion.vocabulary import VALUES
from churn.ingest.suggestion.wide import Wide, outcome_in, wide_in
from churn.language import Text
from churn.tables import TABLES, Table

_DERIVED = Text(
    "no name tells it: the day after the last one in the files",
    "文件名未含日期：取文件中最晚日期的次日",
)
_FIRST = Text(
    "no name tells it: the last first of a month in the files", "文件名未含日期：取文件中最晚的月初"
)
_SAID = Text("as was said", "按指定")
ENDS = ("removed", "left", "ported_out")  # states that end a service by somebody's will
FEW = 20


def suggested(
    assignment: Assignment, extracted_on: date | None, state_of: StateOf
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
    day = extracted_on
    if day is None:
        latest = latest_of(days.values(), ended_on(assignment))
        # Where only months are known, the first of the last is the day of the extraction itself.
        beyond = 0 if by_months(assignment) else 1
        day = latest + timedelta(days=beyond) if latest else None
    found: dict[str, list[tuple[Filled, Source]]] = {}
    for filled in every:
        dating = date_of(filled, days[id(filled)], day)
        if filled.table.name == EVENTS and filled.look.batch is every[0].look.batch:
            # Each file of the books tells the newest state alone: those before go on counting.
            dating = replace(dating, mode=None, mode_evidence=())
        if OF_NAMES.get(filled.table.name, "subscriber_id") not in filled.picks:
            dating = replace(dating, mode=None, mode_evidence=())  # each file is another day
        if dating.delivered_on is not None:
            derived = _FIRST if by_months(assignment) else _DERIVED
            dating = replace(dating, evidence=(derived if extracted_on is None else _SAID,))
        before = len(found.get(filled.table.name, ()))
        source = _source(filled, dating, assignment, state_of)
        registered = found[BOOKS][0][1].dating if BOOKS in found else dating
        until = _end_of(assignment)
        owner = owner_of(filled, assignment.books, registered, until)
        source = summed(filled, source, owner, before)
        source = added(filled, source, owner, before)
        source = owned(filled, source, owner, before)
        if assignment.books is not None:
            source = divided(filled, source, assignment.books, registered, until, before)
        found.setdefault(filled.table.name, []).append((filled, source))
    if assignment.books is not None and assignment.books.look.batch.dated == ():
        _add_wide(found, assignment.books, day)
    books, ended = assignment.books, assignment.ended
    if books is not None and ended is not None and not _tell(assignment, ENDS, state_of):
        dating = found[BOOKS][0][1].dating
        begun = EVENTS not in found  # else the other files tell what happened before the end
        of_books = events_of_books(books, ended, dating, state_of, begun=begun)
        if not _tell(assignment, HALTING, state_of):
            of_books += changes_of_books(books, dating, state_of)
        load = of_books[0].load if of_books else None
        # A delivery is history for all its sources, or for none of them.
        told = [
            (f, replace(s, load=s.load or load)) if len(f.look.batch.paths) == 1 else (f, s)
            for f, s in found.get(EVENTS, ())
        ]
        found[EVENTS] = [*told, *((books, source) for source in of_books)]
    order = [name for name in TABLES if name in found]
    return tuple(_table(TABLES[name], found[name], books) for name in order), day


def _end_of(assignment: Assignment) -> Pick | None:
    """Return the day in the subscribers' file on which a line ended, where there is one."""
    told = ends(assignment.ended) if assignment.ended is not None else None
    if assignment.ended is None or told is None:
        return None
    return Pick(without(assignment.ended, told[1]), told[0], 1.0)


def _tell(assignment: Assignment, wanted: Sequence[str], state_of: StateOf) -> bool:
    """Tell whether files of status events hold some states; codes without words may be any."""
    events = [f for f in assignment.filled if f.table.name == EVENTS]
    states = [
        each.states.get(code) or state_of(each.picks["status"].profile.named(code))
        for each in events
        for code in each.picks["status"].profile.values[: 10 * FEW]
    ]
    if not events:
        return False
    return any(state in wanted for state in states) or states.count(None) > len(states) / 2


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
        found[EVENTS] = [(books, each) for each in flagged(outcome, books, dating, day, first)]
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


def _table(table: Table, parts: Sequence[tuple[Filled, Source]], books: Filled | None) -> Suggested:
    modes = {source.dating.mode for _, source in parts if source.dating.mode}
    mode = modes.pop() if len(modes) == 1 else None
    limit = limit_of([filled for filled, _ in parts])
    again = max(Counter(id(filled.look.batch) for filled, _ in parts).values())
    joined = [s.view for _, s in parts if s.view is not None and "lines" in s.view.inputs]
    if joined and books is not None:  # broken lines of the register count with what it joins
        beside = limit_of([books])
        registers = sum(len(view.inputs) + 1 for view in joined)  # one before, and that of peers
        rows = registers * (beside.rows or 0) + again * (limit.rows or 0)
        limit = Limit(limit.share, rows or None, limit.evidence or beside.evidence)
        again = 1
    evidence = parts[0][1].dating.mode_evidence
    return Suggested(
        table,
        tuple(source for _, source in parts),
        mode,
        limit.share,
        limit.rows and again * limit.rows,  # each source sets a broken line aside
        evidence if mode else (),
        limit.evidence,
    )


def _source(filled: Filled, dating: Dating, assignment: Assignment, state_of: StateOf) -> Source:
    lines = [_line(filled, name, assignment.books) for name in _ordered(filled)]
    lines += _constants(filled, assignment)
    named = {line.target for line in lines}
    for profile in filled.unused:
        if profile.header in filled.table and profile.header not in named:
            told = Text("is not what the table means by it", "与标准列含义不符")
            lines.append(Line(profile.header, None, (told,)))
    only = _without_totals(filled)
    ask: tuple[Text, ...] = ()
    if filled.table.name == EVENTS:
        none, ask = left_out(filled, without_state(filled, state_of))
        if filled.only:
            none, ask = {filled.picks["status"].profile.header: {"in": list(filled.only)}}, ()
        done, about = done_in(filled)
        only, ask = {**only, **none, **done}, (*ask, *about)
    if filled.table.name == "complaints":
        kinds, ask = complaints_in(filled)
        only = {**only, **kinds}
    joins = _joins(filled, assignment)
    load = _load(filled, dating, lines, joins)
    return Source(
        filled.look,
        dating,
        {**filled.look.options, **_nulls(filled)},
        tuple(lines),
        only,
        load=load,
        joins=joins,
        unused=_unused(filled, assignment),
        doubts=(*filled.doubts, *filled.look.doubts, *ask),
    )


def _without_totals(filled: Filled) -> Mapping[str, Any]:
    """Leave out the lines below the rows that only add them up."""
    words = totals_of(filled)
    if not words:
        return {}
    return {filled.picks["subscriber_id"].profile.header: {"not": list(words)}}


def _unused(filled: Filled, assignment: Assignment) -> tuple[Profile, ...]:
    taken: set[int] = set()
    if assignment.books is not None and filled.look.batch is assignment.books.look.batch:
        for other in (assignment.books, *assignment.filled):
            if other.look.batch is filled.look.batch:
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
    prefix = pick.profile.prefix
    if prefix:
        how["prefix"] = prefix
    value = {"from": pick.profile.header, **how} if how else pick.profile.header
    counted = pick.profile.counted() if "codes" in how else {}
    doubts = doubts_of(pick, filled.table[name])
    bare = Text(f"on the books without {prefix} before it", f"用户资料中不带前缀{prefix}")
    evidence = (
        *((bare,) if prefix else ()),
        *initials_of(filled, name, pick),
        *evidence_of(filled, name, pick, books),
    )
    return Line(name, value, evidence, doubts, counts=counted)


def _constants(filled: Filled, assignment: Assignment) -> list[Line]:
    """Return what no header tells, and the files themselves do."""
    if filled.table.name == "calls":
        return _of_calls(filled)
    day = OF_NAMES.get(filled.table.name)
    if day is not None and day not in filled.picks:
        told = Text(
            "the last day of the files' period, or that before them",
            "文件账期的最后一天，或交付前一天",
        )
        return [Line(day, {"constant": AS_OF}, (told,))]
    if filled.table.name == BOOKS and "product" not in filled.picks:
        beside = any("product" in side.picks for side in assignment.beside)
        mobile = any(
            ("megabytes" in other.picks or _kind(other) == "sms")
            if other.table.name == "calls"
            else other.table.name == "usage_monthly" and "sms" in other.picks
            for other in assignment.filled
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
