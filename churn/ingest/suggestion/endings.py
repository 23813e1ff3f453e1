"""Ends of lines that no file of states tells: a day in the subscribers' file, or a flag."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pyarrow.compute as pc

from churn.ingest.suggestion.assignment import Assignment, ends, without
from churn.ingest.suggestion.dating import Dating
from churn.ingest.suggestion.filling import Filled, StateOf
from churn.ingest.suggestion.likeness import ALIKE, likeness_to
from churn.ingest.suggestion.profiles import PLAIN_NULLS, Profile
from churn.ingest.suggestion.proposals import Line, Source
from churn.ingest.suggestion.readings import LEVELS, Reading, days_of, span_of
from churn.ingest.suggestion.reasons import LEFT, ended_for, together
from churn.ingest.suggestion.stating import EVENTS
from churn.ingest.suggestion.vocabulary import ENDED_FOR, RESUMED, STOPPED, STOPPED_FOR
from churn.ingest.suggestion.wide import Outcome
from churn.language import Text
from churn.tables import TABLES

IN_SERVICE, SUSPENDED = "in_service", "suspended"
BESIDE = 0.9  # share of the ends whose reason is told
LATE = 365  # days without any end from which what came before teaches nothing of ends
NEXT = 31  # days in which who is flagged is taken to have gone
_OUTCOME = Text("a month later: the outcome", "一个月后：结果")


def flagged(
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


def ended_on(assignment: Assignment) -> date | None:
    """Return the last day on which a line ended, where the subscribers' file tells such days."""
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


def events_of_books(
    books: Filled, ended: Profile, dating: Dating, state_of: StateOf, *, begun: bool
) -> list[Source]:
    """Make a line's end, as its subscribers' file tells it, a state; and its beginning."""
    told = ends(ended)
    first = books.picks.get("activated_on") if begun else None
    if told is None:
        return []
    reading, words = told
    key = books.picks["subscriber_id"].profile.header
    plain, load = replace(dating, mode=None, doubts=()), _load(dating)
    sources = []
    if first is not None:
        lines = (
            Line("subscriber_id", key),
            Line("effective_at", _moment(first.profile.header, first.reading)),
            Line("status", {"constant": IN_SERVICE}, (Text("since its first day", "自入网日起"),)),
        )
        missing = [*PLAIN_NULLS[:1], *first.profile.missing]
        gaps = first.profile.present < first.profile.rows
        only = {first.profile.header: {"not": missing}} if gaps else {}
        sources.append(Source(books.look, plain, books.look.options, lines, only, load))
    lines = (
        Line("subscriber_id", key),
        Line("effective_at", _moment(ended.header, reading)),
        _ended_by(books, ended, state_of),
    )
    not_ended = ["", *ended.missing, *words]
    sources.append(
        Source(
            books.look, plain, books.look.options, lines, {ended.header: {"not": not_ended}}, load
        )
    )
    return sources


def _load(dating: Dating) -> Mapping[str, Any] | None:
    """Return what is assumed of events extracted with the whole register, if they were."""
    if dating.covers_until is None:
        return None
    return {"covers_until": dating.covers_until, "assumed_lag": 1}


def changes_of_books(books: Filled, dating: Dating, state_of: StateOf) -> list[Source]:
    """Make states of the last cut of a line and its last return, as the register has them."""
    key = books.picks["subscriber_id"].profile.header
    plain, load = replace(dating, mode=None, doubts=()), _load(dating)
    sources = []
    for synonyms in (STOPPED, RESUMED):
        day = max(books.unused, key=lambda p: likeness_to(p.header, synonyms), default=None)
        if day is None or likeness_to(day.header, synonyms) < ALIKE:
            continue
        told = ends(day)
        if told is None:
            continue
        reading, words = told
        told_ = Text("the last one of each line", "每个用户最近一次")
        status = Line("status", {"constant": IN_SERVICE}, (told_,))
        if synonyms is STOPPED:
            status = _stopped_by(books, state_of)
        lines = (
            Line("subscriber_id", key),
            Line("effective_at", _moment(day.header, reading)),
            status,
        )
        only = {day.header: {"not": ["", *day.missing, *words]}}
        sources.append(Source(books.look, plain, books.look.options, lines, only, load))
    return sources


def _stopped_by(books: Filled, state_of: StateOf) -> Line:
    """Tell the kind of a cut by the column beside its day, where there is one."""
    kind = max(books.unused, key=lambda p: likeness_to(p.header, STOPPED_FOR), default=None)
    told = Text("the last one of each line", "每个用户最近一次")
    if (
        kind is None
        or likeness_to(kind.header, STOPPED_FOR) < ALIKE
        or not 0 < len(kind.distinct) <= LEVELS
    ):
        return Line("status", {"constant": SUSPENDED}, (told,))
    codes = {value: together(SUSPENDED, kind.named(value), state_of) for value in kind.values}
    value = {"from": kind.header, "missing": SUSPENDED, "codes": codes, "otherwise": SUSPENDED}
    return Line("status", value, (told,), counts=kind.counted())


def _ended_by(books: Filled, ended: Profile, state_of: StateOf) -> Line:
    """Tell who ended lines: by the reason beside the day, where there is one; else ask."""
    reason = _reason(books, ended, state_of)
    if reason is None:
        doubt = Text(
            "nothing tells who ended them: by the subscriber (left) or the operator (removed)?",
            "无法得知由谁终止：用户主动（left）还是运营商（removed）？",
        )
        return Line("status", {"constant": LEFT}, doubts=(doubt,))
    states = {value: state_of(reason.named(value)) for value in reason.values}
    codes = {
        value: ended_for(state, reason.named(value)) for value, state in sorted(states.items())
    }
    unknown = sorted(value for value, state in states.items() if state is None)
    ask = Text(
        f"{len(unknown)} of these reasons say nothing known: taken for the subscriber's own will",
        f"其中{len(unknown)}种原因含义不明：按用户主动离网处理",
    )
    return Line(
        "status",
        {"from": reason.header, "missing": LEFT, "codes": {**codes, LEFT: LEFT}, "otherwise": LEFT},
        (Text("the reason beside the day", "离网日期旁的原因"),),
        (ask,) if unknown else (),
        counts=reason.counted(),
    )


def _reason(books: Filled, ended: Profile, state_of: StateOf) -> Profile | None:
    """Find the column that tells why lines ended: by its header, or filled where these ended."""
    best: tuple[float, Profile | None] = (0.0, None)
    for profile in books.unused:
        if profile is ended or not 0 < len(profile.distinct) <= LEVELS:
            continue
        alike = likeness_to(profile.header, ENDED_FOR)
        known = sum(n for v, n in profile.counted().items() if state_of(profile.named(v)))
        beside = BESIDE <= profile.present / max(1, ended.present) <= 1 / BESIDE
        score = alike if alike >= ALIKE else ALIKE if known and beside else 0.0
        if beside and score > best[0]:
            best = (score, profile)
    return best[1]


def _moment(header: str, reading: Reading) -> Any:
    """Return a day as the time that an event needs."""
    formats = reading.how.get("format")
    return {"from": header, "format": formats or ["%Y-%m-%d", "%Y-%m-%d %H:%M:%S"]}
