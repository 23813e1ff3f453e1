"""Which headers of a batch fill which columns of a table: by names and by values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import pyarrow as pa
import pyarrow.compute as pc

from churn.ingest.suggestion.likeness import ALIKE, likeness, likeness_to, words_of
from churn.ingest.suggestion.looks import Look
from churn.ingest.suggestion.profiles import Profile
from churn.ingest.suggestion.readings import (
    ALL,
    COUNTED,
    LEVELS,
    MOST,
    Reading,
    formats_of,
    reading,
)
from churn.ingest.suggestion.vocabulary import ENDED_FOR, STOPPED_FOR
from churn.language import Text
from churn.tables import TABLES, Column, Table

COMPARED = 20_000  # ids of a column that are held to those on the books
READ = 0.6  # share of values read, below which a column is not filled from there
BY_VALUES = 0.45  # what values alone count, beside the likeness of a header
OPAQUE = 0.2  # what codes count that say nothing
SURELY = 0.9  # likeness of a header that fills a column though it has no values
PRICED = frozenset({"price", "fee", "pence", "cent", "amount", "charge", "cost"})
SHARED = ("customer_id", "account_id")  # ids that several lines may have
OF_NAMES = {"arrears": "as_of"}  # a day that the names of files may tell in its column's place
NAMING = ("名称", "姓名")  # how headers end that name somebody rather than identify
FEW = 20
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
    """A batch and the table it fills.

    Attributes
    ----------
    account
        The header of the subscribers' file whose ids its rows name, where that is not the
        subscriber's own: the account that pays for several.
    named_by
        The column of the subscribers' file by which its rows name a line, where that is not the
        subscriber's id: a telephone number.
    ends
        Last digits by which these numbers are the same, where they are written in another way.
    computed
        Header that no file has: what it is of the others, as SQL over a view's input ``b``.
    states
        Code of a status: the state that it tells, where its own words do not.
    only
        The codes of a status whose rows are taken, where these are not all.
    """

    look: Look
    table: Table
    picks: Mapping[str, Pick]
    score: float = 0.0
    doubts: tuple[Text, ...] = ()
    account: str | None = None
    named_by: Profile | None = None
    ends: int = 0
    computed: Mapping[str, str] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)
    only: tuple[str, ...] = ()

    @property
    def unused(self) -> tuple[Profile, ...]:
        """The columns that fill nothing."""
        used = {pick.profile.position for pick in self.picks.values()}
        return tuple(p for p in self.look.profiles if p.position not in used)


_EMPTY = Text(
    "empty in all rows looked at: how are its values written?", "已查看的行均为空：其值如何书写？"
)


@dataclass
class Filler:
    """Fills the columns of tables from batches.

    Attributes
    ----------
    state_of
        The state of a service that a code tells, if any.
    chinese
        Whether headers are Chinese: whole amounts may be fen then.
    """

    state_of: StateOf
    chinese: bool = False
    _readings: dict[tuple[int, str, str], Reading] = field(default_factory=dict)

    def reading(self, profile: Profile, table: Table, column: Column) -> Reading:
        """Return how a header is best read as a column; each pair is looked at once."""
        key = (id(profile), table.name, column.name)
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
                pair = self._pair(profile, table, column)
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

    def _pair(self, profile: Profile, table: Table, column: Column) -> Pick:
        alike = likeness(profile.header, f"{table.name}.{column.name}")
        if not len(profile.distinct) and alike >= SURELY and not column.allowed:
            return Pick(profile, Reading({}, 1.0), alike * READ, doubts=(_EMPTY,))
        if not len(profile.distinct) or (alike < ALIKE and not column.allowed):
            return Pick(profile, Reading({}, 0.0), 0.0)
        if _identifies_nobody(profile, column):
            return Pick(profile, Reading({}, 0.0), 0.0)
        read = self.reading(profile, table, column)
        if alike < ALIKE:
            telling = read.decided and len(profile.distinct) > 1 and column.type != "boolean"
            value = BY_VALUES if telling and read.share >= ALL else 0.0
            return Pick(profile, read, value)
        if read.share < _least(column) or (_is_word(column) and formats_of(profile)):
            return Pick(profile, read, 0.0)
        if column.name == "plan":
            alike *= self._may_be_plans(profile)
        if column.name == "status":
            known = self.known(profile)
            alike *= 0.7 + 0.3 * known if len(profile.distinct) <= LEVELS else 0.3
        return Pick(profile, read, alike * read.share * _held(column, profile))

    def _may_be_plans(self, profile: Profile) -> float:
        """Return what a likeness to a plan counts of products, prices and kinds of a cut."""
        kinds = max(likeness_to(profile.header, each) for each in (STOPPED_FOR, ENDED_FOR))
        priced = bool(PRICED & {*words_of(profile.header)})
        if kinds >= SURELY or priced:
            return 0.0
        return 0.7 if self._are_products(profile) else 1.0

    def _are_products(self, profile: Profile) -> bool:
        """Tell names of products, such as Mobile and Broadband, from those of plans."""
        table = TABLES["subscribers"]
        read = self.reading(profile, table, table["product"])
        return read.decided and len(profile.distinct) > 1 and read.share >= MOST

    def _by_values(self, look: Look, table: Table, picks: dict[str, Pick], taken: set[int]) -> None:
        """Fill required columns that no header names, where the values leave little choice."""
        for column in table.columns:
            if not column.required or column.name in picks or column.name == "delivered_on":
                continue
            found = []
            for profile in look.profiles:
                if profile.position in taken or not len(profile.distinct):
                    continue
                read = self.reading(profile, table, column)
                if self._may_be(profile, read, column):
                    found.append(Pick(profile, read, BY_VALUES))
            found.sort(key=lambda pick: pick.reading.how.get("format") in COUNTED)
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
            return len(profile.distinct) <= LEVELS and self.known(profile) >= ALIKE
        if column.unit == "id":
            return profile.unique and not formats_of(profile)
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
            and not formats_of(profile)
        ]

    def known(self, profile: Profile) -> float:
        """Return the share of a column's rows whose codes tell a state."""
        if len(profile.distinct) > LEVELS or not profile.present:
            return 0.0
        counted = profile.counted()
        named = (n for v, n in counted.items() if self.state_of(profile.named(v)))
        return sum(named) / profile.present

    def _score(
        self, look: Look, table: Table, picks: Mapping[str, Pick], ids: Mapping[str, Profile]
    ) -> float:
        score = 0.0
        for column in table.columns:
            if column.name in {*ids, "delivered_on"}:
                continue
            pick = picks.get(column.name)
            if pick is None and column.required:
                if column.name == OF_NAMES.get(table.name) and look.batch.dated:
                    continue  # the files' names tell it
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


def _identifies_nobody(profile: Profile, column: Column) -> bool:
    """Tell names from ids, and segments from ids that several lines may have."""
    segments = column.name in SHARED and len(profile.distinct) < FEW <= profile.rows / FEW
    return column.identifier and (segments or _names(profile.header))


def _names(header: str) -> bool:
    """Tell a header of names from one of ids."""
    words = words_of(header)
    return "name" in words or any(word.endswith(NAMING) for word in words)


def _is_word(column: Column) -> bool:
    return column.type == "string" and not column.allowed and not column.identifier


def _least(column: Column) -> float:
    """Return the share that must be read: nobody sets records aside for what may be left out."""
    coded = bool(column.allowed) or column.type == "boolean"
    return READ if column.required or coded else MOST


def _held(column: Column, profile: Profile) -> float:
    """Return how well a required column is filled."""
    return min(1.0, profile.present / max(1, profile.rows) / HELD) if column.required else 1.0


def named_as(look: Look, table: str) -> float:
    """Tell how much a batch's files are called what operators call a table, 0 to 1."""
    label = re.sub(r"\.\w+", " ", look.batch.label)
    pieces = [p for p in re.split(r"[/_\-\s…]+", label) if p.strip()]
    names = {label.rpartition("/")[2], *pieces, *(f"{a} {b}" for a, b in zip(pieces, pieces[1:]))}  # noqa: B905, RUF007 - pairs
    return max((likeness(name, table) for name in names), default=0.0)
