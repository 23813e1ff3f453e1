"""Which table each batch fills, and each of its columns: by names, values, and whom its ids are."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from churn.ingest.suggestion.profiles import Look, Profile, are_chinese
from churn.ingest.suggestion.readings import ALL, LEVELS, Reading, formats_of, reading, span_of
from churn.ingest.suggestion.vocabulary import ALIKE, ENDED, likeness, likeness_to, words_of
from churn.language import Text
from churn.tables import TABLES, Column, Table

BOOKS, EVENTS, CONTACTS = "subscribers", "status_events", "contact_details"
COMPARED = 20_000  # ids of a column that are held to those on the books
MATCHED = 0.3  # share of ids on the books from which a column names subscribers
READ = 0.6  # share of values read, below which a column is not filled from there
BY_VALUES = 0.45  # what values alone count, beside the likeness of a header
OPAQUE = 0.2  # what codes count that say nothing
ENOUGH = 1.2  # score from which a batch is taken for a table
SURELY = 0.9  # likeness of a header that fills a column though it has no values
NAMING = ("名称", "姓名")  # how headers end that name somebody rather than identify
FEW = 20
MONTH = 31  # days
ACTIVATED = 0.9  # share of rows with a value that the first day of a service must have
LARGE = 1_000  # whole amounts from which they may be hundredths
FEN = r"^-?\d{1,15}$"
HELD = 0.98  # share of rows with a value that an id must have
StateOf = Callable[[str], str | None]


@dataclass(frozen=True)
class Pick:
    """A header that fills a column.

    Attributes
    ----------
    likeness
        How much the header is what operators call the column, 0 to 1.
    evidence, doubts
        What speaks for it, and what does not, in words.
    """

    profile: Profile
    reading: Reading
    likeness: float
    evidence: tuple[Text, ...] = ()
    doubts: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Filled:
    """A batch and the table it fills."""

    look: Look
    table: Table
    picks: Mapping[str, Pick]
    score: float = 0.0
    doubts: tuple[Text, ...] = ()

    @property
    def unused(self) -> tuple[Profile, ...]:
        """The columns that fill nothing."""
        used = {pick.profile.position for pick in self.picks.values()}
        return tuple(p for p in self.look.profiles if p.position not in used)


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


_EMPTY = Text(
    "empty in all rows looked at: how are its values written?", "已查看的行均为空：其值如何书写？"
)


@dataclass
class _Assigner:
    state_of: StateOf
    chinese: bool = False
    _readings: dict[tuple[int, int, str, str], Reading] = field(default_factory=dict)

    def reading(self, look: Look, profile: Profile, table: Table, column: Column) -> Reading:
        key = (id(look), profile.position, table.name, column.name)
        if key not in self._readings:
            self._readings[key] = reading(profile, table, column)
        return self._readings[key]

    def fill(self, look: Look, table: Table, ids: Mapping[str, Profile]) -> Filled:
        """Fill the columns of a table from a batch; ``ids`` are those known beforehand."""
        picks = {name: Pick(p, Reading({}, 1.0), 1.0) for name, p in ids.items()}
        taken = {profile.position for profile in ids.values()}
        pairs = []
        for order, column in enumerate(table.columns):
            if column.name in {*ids, "delivered_on"}:
                continue
            for profile in look.profiles:
                pair = self._pair(look, profile, table, column)
                if profile.position not in taken and pair.likeness:
                    pairs.append((-pair.likeness, order, profile.position, column.name, pair))
        for _, _, position, name, pick in sorted(pairs, key=lambda pair: pair[:3]):
            if name not in picks and position not in taken:
                picks[name] = pick
                taken.add(position)
        self._by_values(look, table, picks, taken)
        _write_alike(table, picks)
        if self.chinese:
            _count_in_fen(table, picks)
        score = self._score(look, table, picks, ids)
        return Filled(look, table, picks, score)

    def _pair(self, look: Look, profile: Profile, table: Table, column: Column) -> Pick:
        alike = likeness(profile.header, f"{table.name}.{column.name}")
        if not len(profile.distinct) and alike >= SURELY and not column.allowed:
            return Pick(profile, Reading({}, 1.0), alike * READ, doubts=(_EMPTY,))
        if not len(profile.distinct) or (alike < ALIKE and not column.allowed):
            return Pick(profile, Reading({}, 0.0), 0.0)
        if column.identifier and _names(profile.header):
            return Pick(profile, Reading({}, 0.0), 0.0)
        read = self.reading(look, profile, table, column)
        if alike < ALIKE:
            telling = read.decided and len(profile.distinct) > 1 and column.type != "boolean"
            value = BY_VALUES if telling and read.share >= ALL else 0.0
            return Pick(profile, read, value)
        if read.share < READ or (_is_word(column) and self._is_dated(profile)):
            return Pick(profile, read, 0.0)
        if column.name == "status":
            known = self._known(profile)
            alike *= 0.7 + 0.3 * known if len(profile.distinct) <= LEVELS else 0.3
        return Pick(profile, read, alike * read.share * _held(column, profile))

    def _by_values(self, look: Look, table: Table, picks: dict[str, Pick], taken: set[int]) -> None:
        """Fill required columns that no header names, where the values leave little choice."""
        for column in table.columns:
            if not column.required or column.name in picks or column.name == "delivered_on":
                continue
            found = []
            for profile in look.profiles:
                if profile.position in taken or not len(profile.distinct):
                    continue
                read = self.reading(look, profile, table, column)
                if self._may_be(profile, read, column):
                    found.append(Pick(profile, read, BY_VALUES))
            if not found and column.name == "status":
                found = self._opaque(look, taken)
            if not found:
                continue
            others = [pick.profile.header for pick in found[1:]]
            doubts = (
                (
                    Text(
                        f"told by its values alone; it may as well be {', '.join(others)}",
                        f"仅凭取值判断；也可能是{'、'.join(others)}",
                    ),
                )
                if others
                else ()
            )
            picks[column.name] = replace(found[0], doubts=(*found[0].doubts, *doubts))
            taken.add(found[0].profile.position)

    def _may_be(self, profile: Profile, read: Reading, column: Column) -> bool:
        if profile.present < HELD * profile.rows or read.share < ALL:
            return False
        if column.type in {"date", "timestamp"} or column.allowed:
            return read.decided
        if column.name == "status":
            return len(profile.distinct) <= LEVELS and self._known(profile) >= ALIKE
        if column.unit == "id":
            return profile.unique and not self._is_dated(profile)
        return False

    def _opaque(self, look: Look, taken: set[int]) -> list[Pick]:
        """Return the columns of a few codes whose words tell no state."""
        doubt = Text("are these the states of a service?", "这些是服务状态吗？")
        return [
            Pick(profile, Reading({}, 1.0), OPAQUE, doubts=(doubt,))
            for profile in look.profiles
            if profile.position not in taken
            and 1 < len(profile.distinct) <= FEW
            and profile.present >= HELD * profile.rows
            and not self._is_dated(profile)
        ]

    def _known(self, profile: Profile) -> float:
        """Return the share of a column's rows whose codes tell a state."""
        if len(profile.distinct) > LEVELS or not profile.present:
            return 0.0
        counted = profile.counted()
        named = (n for v, n in counted.items() if self.state_of(profile.named(v)))
        return sum(named) / profile.present

    def _is_dated(self, profile: Profile) -> bool:
        return bool(formats_of(profile))

    def _score(
        self, look: Look, table: Table, picks: Mapping[str, Pick], ids: Mapping[str, Profile]
    ) -> float:
        score = 0.0
        for column in table.columns:
            if column.name in {*ids, "delivered_on"}:
                continue
            pick = picks.get(column.name)
            if pick is None and column.required:
                return 0.0
            if pick is not None:
                score += pick.likeness * (1.0 if column.required else 0.6)
        return score + 1.5 * named_as(look, table.name) if score else 0.0


def _write_alike(table: Table, picks: dict[str, Pick]) -> None:
    """Take days of empty columns to be written as those of the columns beside."""
    days = {"date", "timestamp"}
    written = [
        (table[name].type, pick.reading)
        for name, pick in picks.items()
        if table[name].type in days
        and len(pick.profile.distinct)
        and not (table.occurs_at_month_end and name == table.occurs_on)
    ]
    for name, pick in picks.items():
        kind = table[name].type
        beside = [read for other, read in written if other == kind]
        if kind in days and not len(pick.profile.distinct) and beside:
            picks[name] = replace(pick, reading=replace(beside[0], doubtful=()))


def _count_in_fen(table: Table, picks: dict[str, Pick]) -> None:
    """Take a Chinese operator's amounts for fen, where all are whole and the usual one is large.

    Nobody pays a thousand yuan a month; the columns beside are counted as the largest is.
    """
    amounts = {
        name: pick
        for name, pick in picks.items()
        if table[name].unit == "currency"
        and "unit" not in pick.reading.how
        and len(pick.profile.distinct)
    }
    values = [pick.profile.distinct[:COMPARED] for pick in amounts.values()]
    if not values or not all(pc.all(pc.match_substring_regex(v, FEN)).as_py() for v in values):
        return
    if max(pc.quantile(v.cast(pa.int64()), 0.5)[0].as_py() for v in values) < LARGE:
        return
    first = next(iter(amounts))
    for name, pick in amounts.items():
        how = {**pick.reading.how, "unit": "hundredths"}
        beside = () if name == first else (amounts[first].profile.header,)
        picks[name] = replace(
            pick, reading=replace(pick.reading, how=how), evidence=tuple(map(_counted_as, beside))
        )


def _counted_as(header: str) -> Text:
    return Text(f"counted as {header}", f"单位同{header}")


def _names(header: str) -> bool:
    """Tell a header of names from one of ids."""
    words = words_of(header)
    return "name" in words or any(word.endswith(NAMING) for word in words)


def _is_word(column: Column) -> bool:
    return column.type == "string" and not column.allowed and not column.identifier


def _held(column: Column, profile: Profile) -> float:
    """Return how well a required column is filled."""
    return min(1.0, profile.present / max(1, profile.rows) / HELD) if column.required else 1.0


def named_as(look: Look, table: str) -> float:
    """Tell how much a batch's files are called what operators call a table, 0 to 1."""
    label = re.sub(r"\.\w+", " ", look.batch.label)
    pieces = [p for p in re.split(r"[/_\-\s…]+", label) if p.strip()]
    names = {label.rpartition("/")[2], *pieces, *(f"{a} {b}" for a, b in zip(pieces, pieces[1:]))}  # noqa: B905, RUF007 - pairs
    return max((likeness(name, table) for name in names), default=0.0)


def assign(looks: Sequence[Look], state_of: StateOf) -> Assignment:
    """Tell which table each batch fills.

    Parameters
    ----------
    state_of
        The state of a service that a code tells, if any.
    """
    assigner = _Assigner(state_of, are_chinese(looks))
    books = _books(looks, assigner)
    filled: list[Filled] = []
    beside: list[Filled] = []
    left: list[tuple[Look, Text]] = []
    for look in looks:
        if books is not None and look is books.look:
            continue
        best, why = _best(look, books, assigner)
        if best is None:
            left.append((look, why))
        elif best.table.name == BOOKS:
            beside.append(best)
        else:
            filled.append(best)
    if books is None:
        return Assignment(None, tuple(filled), left=tuple(left))
    ended = _ended(books, (books, *filled))
    if ended is None:
        books = _with_days(books)
    books, contacts = _parted(books, assigner)
    return Assignment(books, (*contacts, *filled), ended, tuple(beside), tuple(left))


def _books(looks: Sequence[Look], assigner: _Assigner) -> Filled | None:
    """Find the batch with one row per subscriber, whose ids those of the others are."""
    best: Filled | None = None
    for look in looks:
        for profile in look.profiles:
            if not _may_identify(profile) or assigner._is_dated(profile):  # noqa: SLF001 - the same module
                continue
            others = [other for other in looks if other is not look]
            matched = sum(_overlap(other, profile) for other in others)
            named = likeness(profile.header, f"{BOOKS}.subscriber_id")
            filled = assigner.fill(look, TABLES[BOOKS], {"subscriber_id": profile})
            rival = max(
                (
                    assigner.fill(look, table, {"subscriber_id": profile}).score
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


def _best(look: Look, books: Filled | None, assigner: _Assigner) -> tuple[Filled | None, Text]:
    """Return the table that a batch fills best; else why it fills none."""
    subscriber, share = _id_column(look, books, "subscriber_id")
    customer, of_customers = _id_column(look, books, "customer_id")
    if of_customers > share + MATCHED:
        subscriber = None
    candidates = [
        assigner.fill(look, table, {key: profile})
        for table in TABLES.values()
        if table.name not in {BOOKS, "attributes"}
        for key, profile in (
            ("subscriber_id", subscriber)
            if "subscriber_id" in table
            else ("customer_id", customer),
        )
        if profile is not None
    ]
    best = max(candidates, key=lambda each: each.score, default=None)
    if best is not None and best.score >= ENOUGH:
        strange = "subscriber_id" in best.table and share < MATCHED and books is not None
        return replace(best, doubts=(_strangers(share),) if strange else ()), Text("", "")
    side = None
    if books is not None and subscriber is not None and share >= MATCHED:
        side = _beside(look, books, subscriber, assigner)
    if subscriber is None:
        why = Text("none of its columns holds the ids of subscribers", "没有任何一列是用户编号")
    else:
        why = Text("its columns are those of no canonical table", "各列不属于任何标准表")
    return side, why


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


def _beside(look: Look, books: Filled, subscriber: Profile, assigner: _Assigner) -> Filled | None:
    """Take a single file of one row per subscriber as one that stands beside the books."""
    key = books.picks["subscriber_id"].profile.header
    if not subscriber.unique or subscriber.header != key or len(look.batch.paths) > 1:
        return None
    side = assigner.fill(look, TABLES[BOOKS], {"subscriber_id": subscriber})
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


def _parted(books: Filled, assigner: _Assigner) -> tuple[Filled, tuple[Filled, ...]]:
    """Take names and numbers to call out of the subscribers' file, where they stand in it."""
    key = books.picks["subscriber_id"].profile
    side = assigner.fill(books.look, TABLES[CONTACTS], {"subscriber_id": key})
    used = {p.profile.position for p in books.picks.values()}
    picks = {
        name: pick
        for name, pick in side.picks.items()
        if name == "subscriber_id" or (pick.profile.position not in used and pick.likeness > 0.9)  # noqa: PLR2004 - that very name
    }
    if len(picks) == 1:
        return books, ()
    return books, (replace(side, picks=picks),)
