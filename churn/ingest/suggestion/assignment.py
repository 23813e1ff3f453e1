"""Which table each batch fills: by its columns, its name, and whom its ids are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from churn.ingest.suggestion.accounts import DIVISIBLE, stands_once
from churn.ingest.suggestion.agreement import agreed
from churn.ingest.suggestion.filling import (
    BY_VALUES,
    COMPARED,
    FEW,
    HELD,
    Filled,
    Filler,
    Pick,
    StateOf,
    named_as,
)
from churn.ingest.suggestion.looks import Look, are_chinese
from churn.ingest.suggestion.prefixes import without_prefixes
from churn.ingest.suggestion.profiles import Profile
from churn.ingest.suggestion.readings import ALL, LEVELS, Reading, formats_of, reading, span_of
from churn.ingest.suggestion.reasons import HALTING, with_reasons
from churn.ingest.suggestion.tickets import complaints_in, done_values
from churn.ingest.suggestion.vocabulary import ALIKE, ENDED, likeness, likeness_to
from churn.language import Text
from churn.tables import TABLES

ENDS = ("removed", "left", "ported_out", "contract_lapsed", "deceased", "fraud", "transferred")
_STATUS = "status_events.status"
BOOKS, EVENTS, CONTACTS = "subscribers", "status_events", "contact_details"
DIGITS, ENDING = 9, 0.6  # last digits of a number by which it is known, and of how many
STRANGE = 0.01  # share of ids on the books below which they are ids of something else
AGAIN = 0.2  # share of rows whose number an earlier line had, up to which it tells lines apart
MATCHED = 0.3  # share of ids on the books from which a column names subscribers
MANY = 0.99  # numbers an id, below which several lines had the same number in turn
OWNED = 0.2  # values a line from which a column may be that of accounts
THROUGH = 0.9  # what ids count that a view has to put in the place of others
ENOUGH = 1.2  # score from which a batch is taken for a table
MONTH = 31  # days
MOST_STATES, SOME_STATES, HARDLY_STATES = 0.8, 0.5, 0.2  # share of rows whose code tells a state
ENOUGH_CODES = 200  # whose states are looked at
BETTER = 0.2  # share of rows more whose code tells a state, for a column less likely by its header
UNTOLD = 0.1  # share of ended lines on the books without any event from which their ends are added
COMPLAINING = 0.8  # what it counts that some tickets are complaints by their words
_OF_LINES = (EVENTS, BOOKS, "service_orders")  # what files of states may be called as well
CALLED = 0.6  # likeness of a file's name to what operators call a table
ACTIVATED = 0.9  # share of rows with a value that the first day of a service must have


@dataclass(frozen=True)
class Assignment:
    """What the batches are.

    Attributes
    ----------
    ended
        The column of the subscribers' file with the day on which a line ended.
    beside
        Files with one row per subscriber whose columns stand beside those of the books.
    left
        Files that fill no table, with the reason.
    """

    books: Filled | None
    filled: tuple[Filled, ...]
    ended: Profile | None = None
    beside: tuple[Filled, ...] = ()
    left: tuple[tuple[Look, Text], ...] = ()


def assign(looks: Sequence[Look], state_of: StateOf) -> Assignment:
    """Tell which table each batch fills.

    Parameters
    ----------
    state_of
        The state of a service that a code tells, if any.
    """
    filler = Filler(state_of, are_chinese(looks))
    books = _books(looks, filler)
    if books is not None:
        looks = without_prefixes(looks, books.look, books.picks["subscriber_id"].profile)
    filled: list[Filled] = []
    beside: list[Filled] = []
    left: list[tuple[Look, Text]] = []
    for look in looks:
        if books is not None and look is books.look:
            continue
        best, why = _best(look, books, filler)
        if best is None:
            left.append((look, why))
        elif best.table.name == BOOKS:
            beside.append(best)
        else:
            filled.append(best)
    if books is None:
        return Assignment(None, tuple(filled), left=tuple(left))
    filled, strange = _telling_states(_with_events(filled, filler), state_of)
    for each in strange:
        look = next(one for one in looks if one.batch is each.look.batch)
        best, _ = _best(look, books, filler, without=EVENTS)
        if best is None or best.table.name == BOOKS:
            left.append((look, _NO_STATES))
        else:
            filled.append(best)
    ended = _ended(books, (books, *filled))
    if ended is None:
        books = _with_days(books)
    books, contacts = _parted(books, filler)
    stated = _stated(books, filled, filler) if ended is None else ()
    books, *filled = agreed((books, *contacts, *stated, *filled))
    return Assignment(books, tuple(filled), ended, tuple(beside), tuple(left))


def _books(looks: Sequence[Look], filler: Filler) -> Filled | None:
    """Find the batch with one row per subscriber, whose ids those of the others are."""
    best: Filled | None = None
    for look in looks:
        others = [other for other in looks if other is not look]
        keys = [p for p in look.profiles if _may_identify(p) and not formats_of(p)]
        # Rows of its accounts, or of its numbers, a view gives to the lines.
        most = max((len(key.distinct) for key in keys), default=0)
        ids = [p for p in look.profiles if len(p.distinct) >= OWNED * most and not formats_of(p)]
        through = [
            max((_overlap(other, p) for p in ids), default=0.0) if keys else 0.0 for other in others
        ]
        direct = {id(p): max((_overlap(other, p) for other in others), default=0.0) for p in keys}
        for profile in keys:
            if any(
                len(key.distinct) * MANY > len(profile.distinct) and direct[id(key)] >= MATCHED
                for key in keys
            ):
                continue  # a number that several lines had in turn, beside their ids
            matched = sum(
                max(_overlap(other, profile), THROUGH * reached)
                for other, reached in zip(others, through, strict=True)
            )
            named = likeness(profile.header, f"{BOOKS}.subscriber_id")
            filled = filler.fill(look, TABLES[BOOKS], {"subscriber_id": profile})
            rival = max(
                (
                    filler.fill(look, table, {"subscriber_id": profile}).score
                    for table in TABLES.values()
                    if table.name not in {BOOKS, CONTACTS, "attributes"}
                    and "subscriber_id" in table
                ),
                default=0.0,
            )
            if rival > filled.score + ALIKE and named_as(look, BOOKS) < 1:
                continue
            score = 2 * matched + filled.score + named + 0.5 * named_as(look, BOOKS)
            if (others and not matched) and filled.score < ENOUGH:
                continue
            if best is None or score > best.score:
                best = replace(filled, score=score)
    return best


def _may_identify(profile: Profile) -> bool:
    held = profile.present >= HELD * profile.rows
    return profile.unique and held and len(profile.distinct) >= FEW


def _overlap(look: Look, ids: Profile) -> float:
    """Return the largest share of a column's distinct values that are among the ids."""
    return max((_telling(profile, ids) for profile in look.profiles), default=0.0)


def matched(profile: Profile, ids: Profile) -> float:
    """Return the share of a column's distinct values that are among some ids, 0 to 1."""
    if len(profile.distinct) < FEW // 4:
        return 0.0
    inside = pc.is_in(profile.distinct[:COMPARED], value_set=ids.distinct)
    return float(np.mean(inside.to_numpy(zero_copy_only=False)))


def _telling(profile: Profile, ids: Profile) -> float:
    """Return what the match of ids counts: of few values, such as ages, half."""
    few = len(profile.distinct) < max(FEW, 0.02 * len(ids.distinct))
    return matched(profile, ids) * (0.5 if few else 1.0)


def _best(
    look: Look, books: Filled | None, filler: Filler, without: str = ""
) -> tuple[Filled | None, Text]:
    """Return the table that a batch fills best, but for one; else why it fills none."""
    subscriber, share = _id_column(look, books, "subscriber_id")
    customer, of_customers = _id_column(look, books, "customer_id")
    other = _other_id(look, books) if books is not None and share < MATCHED else None
    if other is not None:
        subscriber = other.profile
    elif of_customers > share + MATCHED:
        subscriber = None
    candidates = [
        filler.fill(look, table, {key: profile})
        for table in TABLES.values()
        if table.name not in {BOOKS, "attributes", without}
        for key, profile in (
            ("subscriber_id", subscriber)
            if "subscriber_id" in table
            else ("customer_id", customer if books is None or of_customers >= STRANGE else None),
        )
        if profile is not None
    ]
    candidates = [_speaking(each, filler) for each in candidates]
    best = max(candidates, key=lambda each: each.score, default=None)
    if share < MATCHED and other is None:
        per_account = _of_accounts(look, books, filler, without)
        if per_account is not None and (best is None or _is_better(per_account, best)):
            best = per_account
    if best is not None and best.score >= ENOUGH:
        of_lines = "subscriber_id" in best.table
        if other is not None and of_lines:
            return replace(best, named_by=other.named, ends=other.ends), Text("", "")
        strange = of_lines and share < MATCHED and books is not None and best.account is None
        if strange and share < STRANGE and subscriber is not None:
            return None, Text("none of its ids is a subscriber's", "其编号均不属于用户资料")
        return replace(best, doubts=(_strangers(share),) if strange else ()), Text("", "")
    side = None
    if books is not None and subscriber is not None and share >= MATCHED:
        side = _beside(look, books, subscriber, filler)
    of_customers = of_customers if subscriber is None and customer is not None else 0.0
    return side, _why_not(subscriber, of_customers)


def _why_not(subscriber: Profile | None, of_customers: float) -> Text:
    """Say why a batch fills no table of lines."""
    if of_customers >= MATCHED:
        return Text(
            "its ids are those of customers; a view divides a customer's rows among its lines "
            "(docs/extracts.md, Views)",
            "其编号为客户编号；可用视图将客户的记录分摊到各用户（见 docs/extracts.md 的 Views）",
        )
    if subscriber is None:
        return Text("none of its columns holds the ids of subscribers", "没有任何一列是用户编号")
    return Text("its columns are those of no canonical table", "各列不属于任何标准表")


def _speaking(filled: Filled, filler: Filler) -> Filled:
    """Let words that only one table has speak for it: states, or that somebody complained."""
    if filled.table.name == EVENTS:
        return _with_states(filled, filler)
    if filled.table.name == "complaints" and filled.score and complaints_in(filled)[0]:
        return replace(filled, score=filled.score + COMPLAINING)
    return filled


def _with_events(filled: list[Filled], filler: Filler) -> list[Filled]:
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
            _with_states(orders, filler),
            account=each.account,
            named_by=each.named_by,
            ends=each.ends,
        )
        spoken = _speaks(orders, filler.state_of) if orders.score else 0.0
        if spoken > best[0]:
            best = (spoken, at, orders)
    _, at, found = best
    return filled if found is None else [*filled[:at], found, *filled[at + 1 :]]


def _with_states(events: Filled, filler: Filler) -> Filled:
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


class _Other(NamedTuple):
    """A column that names lines by another of the books' than their ids."""

    profile: Profile
    named: Profile
    ends: int = 0


def _other_id(look: Look, books: Filled) -> _Other | None:
    """Return the column whose values name lines by another of the books, a number to each line.

    Numbers may be written in another way: then their last digits are the same.
    """
    ids = books.picks["subscriber_id"].profile
    others = {
        p.profile.position for n, p in books.picks.items() if n in {"customer_id", "account_id"}
    }
    named = [
        p
        for p in books.look.profiles
        if p is not ids
        and p.position not in others
        and p.again <= AGAIN
        and len(p.distinct) >= max(FEW, len(ids.distinct) / 2)
        and not formats_of(p)
    ]
    held = [p for p in look.profiles if p.present >= HELD * p.rows and not formats_of(p)]
    for ends, least in ((0, MATCHED), (DIGITS, ENDING)):
        pairs = [(_shared(p, n, ends), p, n) for p in held for n in named]
        best = max(pairs, key=lambda pair: pair[0], default=None)
        if best is not None and best[0] >= least:
            return _Other(best[1], best[2], ends)
    return None


def _shared(profile: Profile, named: Profile, ends: int) -> float:
    """Return the share of a column's values that are among another's, or end as they do."""
    if not ends:
        return matched(profile, named)
    mine, theirs = (_endings(p.distinct[:COMPARED], ends) for p in (profile, named))
    if len(mine) < max(FEW, len(profile.distinct[:COMPARED]) / 2):
        return 0.0
    inside = pc.is_in(mine, value_set=theirs).cast(pa.float64())
    return float(pc.mean(inside).as_py())


def _endings(values: pa.Array, ends: int) -> pa.Array:
    """Return the last digits of the numbers among values, without what stands between digits."""
    digits = pc.replace_substring_regex(values, r"[ ()\-.]", "")
    long = pc.match_substring_regex(digits, rf"^\+?\d{{{ends},}}$")
    return pc.utf8_slice_codeunits(digits.filter(long), -ends)


def _is_better(per_account: Filled, best: Filled) -> bool:
    """Tell that rows are rather those of accounts: no line has them, nor a table of customers."""
    return "subscriber_id" in best.table or per_account.score > best.score


def _of_accounts(look: Look, books: Filled | None, filler: Filler, without: str) -> Filled | None:
    """Return what a batch fills whose rows are those of accounts, or of customers, on the books."""
    for column in ("account_id", "customer_id"):
        profile, share = _id_column(look, books, column)
        if books is None or profile is None or share < MATCHED:
            continue
        candidates = [
            _speaking(filler.fill(look, TABLES[name], {"subscriber_id": profile}), filler)
            for name in DIVISIBLE
            if name != without
        ]
        best = max(candidates, key=lambda each: each.score)
        account = books.picks[column].profile.header
        if best.score >= ENOUGH and stands_once(best):
            return replace(best, account=account)
    return None


def _strangers(share: float) -> Text:
    return Text(
        f"only {share:.0%} of its ids are those of subscribers",
        f"其编号仅有{share:.0%}属于用户资料",
    )


def _id_column(look: Look, books: Filled | None, column: str) -> tuple[Profile | None, float]:
    """Return the column that names subscribers, or customers, and the share on the books."""
    known = books.picks.get(column) if books is not None else None
    best: tuple[float, Profile | None, float] = (0.0, None, 0.0)
    for profile in look.profiles:
        if not len(profile.distinct) or profile.present < HELD * profile.rows:
            continue
        named = likeness(profile.header, f"{BOOKS}.{column}")
        share = matched(profile, known.profile) if known is not None else 0.0
        if named < ALIKE and share < MATCHED:
            continue
        telling = _telling(profile, known.profile) if known is not None else 0.0
        score = 2 * telling + named
        if score > best[0]:
            best = (score, profile, share)
    return best[1], best[2]


def _beside(look: Look, books: Filled, subscriber: Profile, filler: Filler) -> Filled | None:
    """Take a single file of one row per subscriber as one that stands beside the books."""
    key = books.picks["subscriber_id"].profile.header
    joined = subscriber.header == key and not subscriber.prefix
    if not subscriber.unique or not joined or len(look.batch.paths) > 1:
        return None
    side = filler.fill(look, TABLES[BOOKS], {"subscriber_id": subscriber})
    sure = {
        name: pick
        for name, pick in side.picks.items()
        if name not in books.picks or name == "subscriber_id"
    }
    return replace(side, picks=sure) if len(sure) > 1 else None


_NO_STATES = Text("its codes are no states of a service", "其代码不是服务状态")


def _telling_states(
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


def _ended(books: Filled, every: Sequence[Filled]) -> Profile | None:
    """Find the day on which lines ended: filled for some, and never in the time to come."""
    now = max((last for each in every if (last := _latest(each)) is not None), default=None)
    best: tuple[float, Profile | None] = (0.0, None)
    for profile in books.look.profiles:
        alike = likeness_to(profile.header, ENDED)
        pick = books.picks.get("contract_ends_on")
        if pick is not None and pick.profile is profile and pick.likeness >= alike:
            continue
        told = ends(profile) if alike >= ALIKE and alike > best[0] else None
        if told is not None and now is not None:
            dated = without(profile, told[1])
            if dated.present >= HELD * dated.rows:
                continue  # the day of a snapshot: not all lines have ended
            span = span_of(dated, TABLES[EVENTS], TABLES[EVENTS]["effective_at"], told[0].how)
            if span is not None and span[1] <= now:
                best = (alike, profile)
    return best[1]


def _latest(filled: Filled) -> date | None:
    """Return the last day on which a row of a batch occurred."""
    name = filled.table.occurs_on
    pick = filled.picks.get(name) if name else None
    if pick is None or name is None or not len(pick.profile.distinct):
        return None
    span = span_of(pick.profile, filled.table, filled.table[name], pick.reading.how)
    if span is None:
        return None
    month = filled.table.occurs_at_month_end
    return span[1] + timedelta(days=MONTH) if month else span[1]


def _with_days(books: Filled) -> Filled:
    """Take the days of a subscribers' file whose headers say nothing: of the past, and to come."""
    table = books.table
    picks = dict(books.picks)
    doubt = Text("told by its days alone: is it so?", "仅凭日期判断：是否正确？")
    for name in ("activated_on", "contract_ends_on"):
        if name in picks:
            continue
        begun = picks.get("activated_on")
        for profile in books.unused:
            read = reading(profile, table, table[name])
            span = span_of(profile, table, table[name], read.how) if read.decided else None
            if span is None or profile.position in {p.profile.position for p in picks.values()}:
                continue
            spread = (span[1] - span[0]).days > MONTH
            full = profile.present >= ACTIVATED * profile.rows
            limit = _latest(replace(books, picks=picks))
            ahead = begun is not None and limit is not None and span[1] > limit
            if spread and (full if name == "activated_on" else ahead):
                picks[name] = Pick(profile, read, BY_VALUES, doubts=(doubt,))
                break
    return replace(books, picks=picks)


def without(profile: Profile, words: Sequence[str]) -> Profile:
    """Return the profile of a column without some of its values."""
    keep = ~np.isin(np.array(profile.values, dtype=object), np.array(words, dtype=object))
    return replace(
        profile, distinct=profile.distinct.filter(pa.array(keep)), counts=profile.counts[keep]
    )


def ends(profile: Profile) -> tuple[Reading, tuple[str, ...]] | None:
    """Return how a column tells days for some rows, and which words it has for the others."""
    column = TABLES[EVENTS]["effective_at"]
    values = profile.values[: 10 * LEVELS]
    words = tuple(v for v in values if not any(sign.isdigit() for sign in v))
    dated = without(profile, words)
    if not len(dated.distinct) or len(words) > 3:  # noqa: PLR2004 - a word for "still there", or two
        return None
    read = reading(dated, TABLES[EVENTS], column)
    return (read, words) if read.share >= ALL else None


def _stated(books: Filled, others: Sequence[Filled], filler: Filler) -> tuple[Filled, ...]:
    """Take states out of the subscribers' file: of each line the newest, and since when.

    Where other files tell states, those of lines alone that are on the books still though they
    ended before any of these files begins.
    """
    key = books.picks["subscriber_id"].profile
    look = replace(books.look, profiles=(key, *books.unused))
    stated = filler.fill(look, TABLES[EVENTS], {"subscriber_id": key})
    if "status" not in stated.picks or "effective_at" not in stated.picks:
        return ()
    stated = _with_states(replace(stated, look=books.look), filler)
    since, known = stated.picks["effective_at"], _known(stated, filler.state_of)
    if min(since.likeness, known) < ALIKE:
        return ()  # a day that its header does not say to be that of a state may be any other
    events = [each for each in others if each.table.name == EVENTS]
    if not events:
        return (stated,)
    ends = tuple(sorted(c for c in stated.picks["status"].profile.values
                        if (stated.states.get(c) or filler.state_of(c)) in ENDS))  # fmt: skip
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


def _parted(books: Filled, filler: Filler) -> tuple[Filled, tuple[Filled, ...]]:
    """Take names and numbers to call out of the subscribers' file, where they stand in it."""
    key = books.picks["subscriber_id"].profile
    side = filler.fill(books.look, TABLES[CONTACTS], {"subscriber_id": key})
    used = {p.profile.position for p in books.picks.values()}
    picks = {
        name: pick
        for name, pick in side.picks.items()
        if name == "subscriber_id" or (pick.profile.position not in used and pick.likeness > 0.9)  # noqa: PLR2004 - that very name
    }
    if len(picks) == 1:
        return books, ()
    return books, (replace(side, picks=picks),)
