"""Which files tell states of a service, in words or by reasons, and which only seem to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from churn.ingest.suggestion.dating import BOOKS
from churn.ingest.suggestion.filling import FEW, HELD, Filled, Filler, Pick, StateOf, named_as
from churn.ingest.suggestion.likeness import ALIKE, likeness
from churn.ingest.suggestion.readings import LEVELS, Reading, formats_of
from churn.ingest.suggestion.reasons import HALTING, with_reasons
from churn.ingest.suggestion.tickets import done_values
from churn.tables import TABLES

EVENTS = "status_events"
GONE = ("removed", "left", "ported_out", "contract_lapsed", "deceased", "fraud", "transferred")
_STATUS = "status_events.status"
MOST_STATES, SOME_STATES, HARDLY_STATES = 0.8, 0.5, 0.2  # share of rows whose code tells a state
ENOUGH_CODES = 200  # whose states are looked at
BETTER = 0.2  # share of rows more whose code tells a state, for a column less likely by its header
UNTOLD = 0.1  # share of ended lines on the books without any event from which their ends are added
_OF_LINES = (EVENTS, BOOKS, "service_orders")  # what files of states may be called as well
CALLED = 0.6  # likeness of a file's name to what operators call a table


def with_events(filled: list[Filled], filler: Filler) -> list[Filled]:
    """Take orders for events, where no file tells states in words and theirs do: connect, cease."""
    events = [each for each in filled if each.table.name == EVENTS]
    if any(_known(each, filler.state_of) >= HARDLY_STATES for each in events):
        return filled
    best: tuple[float, int, Filled | None] = (0.0, -1, None)
    for at, each in enumerate(filled):
        key = each.picks.get("subscriber_id")
        if key is None:
            continue
        orders = filler.fill(each.look, TABLES[EVENTS], {"subscriber_id": key.profile})
        orders = replace(
            with_states(orders, filler),
            account=each.account,
            named_by=each.named_by,
            ends=each.ends,
            doubts=each.doubts,
        )
        spoken = _speaks(orders, filler.state_of) if orders.score else 0.0
        if spoken > best[0]:
            best = (spoken, at, orders)
    _, at, found = best
    return filled if found is None else [*filled[:at], found, *filled[at + 1 :]]


def with_states(events: Filled, filler: Filler) -> Filled:
    """Tell states by the column whose words do, and by reasons; they speak for a file of events."""
    if "status" not in events.picks or not events.score:
        return events
    pick = events.picks["status"]
    named = likeness(pick.profile.header, _STATUS)
    best, most = events, (-1.0, 0.0)
    for each in (pick.profile, *events.unused):
        if each is not pick.profile and (
            not 1 < len(each.distinct) <= LEVELS
            or each.present < HELD * each.rows
            or formats_of(each)
        ):
            continue
        picked = pick if each is pick.profile else Pick(each, Reading({}, 1.0), ALIKE)
        way = with_reasons(
            replace(events, picks={**events.picks, "status": picked}), filler.state_of
        )
        alike = likeness(each.header, _STATUS)
        less = BETTER if alike < named else 0.0
        less += 2 * BETTER if done_values(each) else 0.0  # what became of an order
        told = (round(_speaks(way, filler.state_of) - less, 3), alike)
        if told > most:
            best, most = way, told
    return replace(best, score=best.score + _speaks(best, filler.state_of))


def _speaks(events: Filled, state_of: StateOf) -> float:
    """Return the share of rows whose code tells a state; 0 where none of them is a suspension.

    Tickets, too, are opened and closed; nothing but a service is suspended.
    """
    known = _known(events, state_of)
    profile = events.picks["status"].profile
    codes = profile.values[:ENOUGH_CODES]
    states = {events.states.get(code) or state_of(profile.named(code)) for code in codes}
    return known if known >= SOME_STATES and states & {*HALTING} else 0.0


def telling_states(
    filled: Sequence[Filled], state_of: StateOf
) -> tuple[list[Filled], list[Filled]]:
    """Part what tells states from what hardly does, where other files do or it is called else."""
    events = [each for each in filled if each.table.name == EVENTS]
    told = {id(each): _known(each, state_of) for each in events}
    strange = [
        each
        for each in events
        if _called_else(each)
        or (told[id(each)] < HARDLY_STATES and max(told.values()) >= SOME_STATES)
        or (told[id(each)] < SOME_STATES and max(told.values()) >= MOST_STATES)
    ]
    return [each for each in filled if all(each is not other for other in strange)], strange


def _known(events: Filled, state_of: StateOf) -> float:
    """Return the share of the rows whose code tells a state."""
    profile = events.picks["status"].profile
    known = (n for c, n in profile.counted().items()
             if c in events.states or state_of(profile.named(c)))  # fmt: skip
    return sum(known) / max(1, profile.present)


def _called_else(events: Filled) -> bool:
    """Tell files that are called what operators call another table, and not status events."""
    mine = named_as(events.look, EVENTS)
    others = (named_as(events.look, name) for name in TABLES if name not in _OF_LINES)
    return max(others) >= CALLED > mine


def stated_in(books: Filled, others: Sequence[Filled], filler: Filler) -> tuple[Filled, ...]:
    """Take states out of the subscribers' file: of each line the newest, and since when.

    Where other files tell states, those of lines alone that are on the books still though they
    ended before any of these files begins.
    """
    key = books.picks["subscriber_id"].profile
    look = replace(books.look, profiles=(key, *books.unused))
    stated = filler.fill(look, TABLES[EVENTS], {"subscriber_id": key})
    if "status" not in stated.picks or "effective_at" not in stated.picks:
        return ()
    stated = with_states(replace(stated, look=books.look), filler)
    since, known = stated.picks["effective_at"], _known(stated, filler.state_of)
    if min(since.likeness, known) < ALIKE:
        return ()  # a day that its header does not say to be that of a state may be any other
    events = [each for each in others if each.table.name == EVENTS]
    if not events:
        return (stated,)
    if any(each.account or each.named_by for each in events):
        return ()  # whose ids are not to be held to those of the books
    ends = tuple(sorted(c for c in stated.picks["status"].profile.values
                        if (stated.states.get(c) or filler.state_of(c)) in GONE))  # fmt: skip
    gone = _rows_of(stated, ends)
    told = pa.chunked_array([ids for each in events for ids in _rows_of(each, None).chunks])
    untold = pc.invert(pc.is_in(gone, value_set=pc.unique(told))).cast(pa.float64())
    if len(gone) < FEW or pc.mean(untold).as_py() < UNTOLD:
        return ()
    return (replace(stated, only=ends),)


def _rows_of(events: Filled, codes: Sequence[str] | None) -> pa.ChunkedArray:
    """Return the ids of the rows with some codes, of all without."""
    ids = events.look.texts(events.picks["subscriber_id"].profile)
    if codes is None:
        return ids
    texts = events.look.texts(events.picks["status"].profile)
    return ids.filter(pc.is_in(texts, value_set=pa.array(codes, pa.string())))
