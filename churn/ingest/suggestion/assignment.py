"""Which table each batch fills: by its columns, its name, and whom its ids are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from churn.ingest.suggestion.accounts import DIVISIBLE, stands_once
from churn.ingest.suggestion.agreement import agreed
from churn.ingest.suggestion.dating import BOOKS
from churn.ingest.suggestion.filling import (
    BY_VALUES,
    HELD,
    Filled,
    Filler,
    Pick,
    StateOf,
    named_as,
)
from churn.ingest.suggestion.likeness import ALIKE, likeness, likeness_to
from churn.ingest.suggestion.looks import Look, are_chinese
from churn.ingest.suggestion.matching import (
    MATCHED,
    id_column,
    may_identify,
    other_id,
    overlap,
)
from churn.ingest.suggestion.prefixes import without_prefixes
from churn.ingest.suggestion.profiles import Profile
from churn.ingest.suggestion.readings import ALL, LEVELS, Reading, formats_of, reading, span_of
from churn.ingest.suggestion.stating import (
    EVENTS,
    stated_in,
    telling_states,
    with_events,
    with_states,
)
from churn.ingest.suggestion.tickets import complaints_in
from churn.ingest.suggestion.vocabulary import ENDED
from churn.language import Text
from churn.tables import TABLES

CONTACTS = "contact_details"
STRANGE = 0.01  # share of ids on the books below which they are ids of something else
MANY = 0.99  # numbers an id, below which several lines had the same number in turn
OWNED = 0.2  # values a line from which a column may be that of accounts
THROUGH = 0.9  # what ids count that a view has to put in the place of others
ENOUGH = 1.2  # score from which a batch is taken for a table
MONTH = 31  # days
COMPLAINING = 0.8  # what it counts that some tickets are complaints by their words
_NO_STATES = Text("its codes are no states of a service", "其代码不是服务状态")
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
    filled, strange = telling_states(with_events(filled, filler), state_of)
    for each in strange:
        look = next(one for one in looks if one.batch is each.look.batch)
        best, _ = _best(look, books, filler, without=EVENTS)
        if best is None or best.table.name == BOOKS or not _is_named(best):
            left.append((look, _NO_STATES))
        else:
            filled.append(best)
    ended = _ended(books, (books, *filled))
    books = _with_days(books)
    books, contacts = _parted(books, filler)
    stated = stated_in(books, filled, filler) if ended is None else ()
    books, *filled = agreed((books, *contacts, *stated, *filled))
    return Assignment(books, tuple(filled), ended, tuple(beside), tuple(left))


def _books(looks: Sequence[Look], filler: Filler) -> Filled | None:
    """Find the batch with one row per subscriber, whose ids those of the others are."""
    best: Filled | None = None
    for look in looks:
        others = [other for other in looks if other is not look]
        keys = [p for p in look.profiles if may_identify(p) and not formats_of(p)]
        # Rows of its accounts, or of its numbers, a view gives to the lines.
        most = max((len(key.distinct) for key in keys), default=0)
        ids = [p for p in look.profiles if len(p.distinct) >= OWNED * most and not formats_of(p)]
        of = {id(p): [overlap(other, p) for other in others] for p in (ids if keys else ())}
        through = [max(each, default=0.0) for each in zip(*of.values(), strict=True)]
        direct = {id(p): of[id(p)] for p in keys if id(p) in of}
        for profile in keys:
            if id(profile) not in direct or any(
                len(key.distinct) * MANY > len(profile.distinct)
                and max(direct.get(id(key), ()), default=0.0) >= MATCHED
                for key in keys
            ):
                continue  # a number that several lines had in turn, beside their ids
            matched = sum(
                max(mine, THROUGH * reached)
                for mine, reached in zip(direct[id(profile)], through, strict=True)
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


def _best(
    look: Look, books: Filled | None, filler: Filler, without: str = ""
) -> tuple[Filled | None, Text]:
    """Return the table that a batch fills best, but for one; else why it fills none."""
    subscriber, share = id_column(look, books, "subscriber_id")
    customer, of_customers = id_column(look, books, "customer_id")
    other = other_id(look, books) if books is not None and share < MATCHED else None
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


def _is_named(filled: Filled) -> bool:
    """Tell that headers name all that the table must have, rather than values alone."""
    must = (c.name for c in filled.table.columns if c.required and c.name != "delivered_on")
    return all(filled.picks[name].likeness >= ALIKE for name in must)


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
        return with_states(filled, filler)
    if filled.table.name == "complaints" and filled.score and complaints_in(filled)[0]:
        return replace(filled, score=filled.score + COMPLAINING)
    return filled


def _is_better(per_account: Filled, best: Filled) -> bool:
    """Tell that rows are rather those of accounts: no line has them, nor a table of customers."""
    return "subscriber_id" in best.table or per_account.score > best.score


def _of_accounts(look: Look, books: Filled | None, filler: Filler, without: str) -> Filled | None:
    """Return what a batch fills whose rows are those of accounts, or of customers, on the books."""
    for column in ("account_id", "customer_id"):
        profile, share = id_column(look, books, column)
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
