"""Do the tables speak of the same subscribers? Rows whose id is on no books, and how it is spelt.

Billing and network systems write one number in different ways: with a plus, with leading zeros,
as a floating number. Each file is sound then, and nothing in it belongs to anybody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import ibis
import ibis.expr.types as ir

from churn.engines import Engine
from churn.errors import ExtractError
from churn.ingest.registry import Entry
from churn.ingest.targets import listed_under
from churn.tables import TABLES

BOOKS = "subscribers"
#: Share of rows on the books from which nothing is said: newcomers and leavers are among the rest.
EXPECTED = 0.99
_LONGEST_SHAPE = 40
_ENDING = 8  # digits that two spellings of a number share where one has its country before it


@dataclass(frozen=True)
class Match:
    """How many rows of a table are of somebody who is, or was, on the books.

    Parameters
    ----------
    key
        The column that says whom a row is about.
    """

    table: str
    key: str
    rows: int
    matched: int

    @property
    def share(self) -> float:
        """Share of the rows that match; 1 without rows."""
        return self.matched / self.rows if self.rows else 1.0

    @property
    def unmatched(self) -> int:
        """Rows that match nobody."""
        return self.rows - self.matched

    def wording(self, of: str = "") -> str:
        """Tell it in one line; ``of`` says which rows were looked at, if not all."""
        return (
            f"{self.unmatched:,} of {of}{self.rows:,} rows of {self.table} name a"
            f" {self.key.removesuffix('_id')} who was never on the books"
        )

    def problem(self, least: float, spelling: str | None, of: str = "") -> ExtractError | None:
        """Return the error of a table of which hardly a row matches.

        Parameters
        ----------
        least
            The share of rows that must match.
        spelling
            What would make them match, as :func:`respelt` says it.
        """
        if self.share >= least:
            return None
        place = listed_under(self.table)
        hint = f"; {spelling}" if spelling else ""
        return ExtractError(
            f"{self.wording(of)}; at least {least:.0%} must{hint}",
            where=f"{self.table}.{self.key}, beside {BOOKS}",
            do=f"deliver the ids of {self.table} as those of {BOOKS} are written, or lower"
            f" {place}.min_matched",
        )


def key_of(table: str) -> str | None:
    """Return the column by which a table's rows belong to somebody on the books."""
    if table == BOOKS or TABLES[table].named_by:
        return None
    return next((key for key in ("subscriber_id", "customer_id") if key in TABLES[table]), None)


def matches(entries: Iterable[Entry], root: Path, engine: Engine) -> tuple[Match, ...]:
    """Count, per table delivered, the rows of somebody on the books of any delivery.

    Parameters
    ----------
    root
        The workspace's folder, in which the entries' paths lie.
    """
    paths: dict[str, list[Path]] = {}
    for entry in entries:
        paths.setdefault(entry.table, []).append(root / entry.path)
    if BOOKS not in paths:
        return ()
    books = engine.read_parquet(paths[BOOKS], TABLES[BOOKS].schema)
    found = []
    for table, key in ((name, key_of(name)) for name in TABLES if name in paths):
        if key is None:
            continue
        there = engine.read_parquet(paths[table], TABLES[table].schema)
        named = _named(there, key)
        named = named.group_by("id").aggregate(rows=named.count())
        both = named.left_join(_holders(books, key), "id", rname="{name}_of_books")
        counts = both.aggregate(
            rows=both.rows.sum(), matched=both.rows.sum(where=both.id_of_books.notnull())
        )
        (row,) = engine.to_arrow(counts).to_pylist()
        found.append(Match(table, key, int(row["rows"] or 0), int(row["matched"] or 0)))
    return tuple(found)


def strangers(
    match: Match, entries: Iterable[Entry], root: Path, engine: Engine, *, most: int
) -> list[str]:
    """Return some of the hashed ids of a table that are on no books, the same on every run."""
    paths: dict[str, list[Path]] = {match.table: [], BOOKS: []}
    for entry in entries:
        if entry.table in paths:
            paths[entry.table].append(root / entry.path)
    there = engine.read_parquet(paths[match.table], TABLES[match.table].schema)
    books = engine.read_parquet(paths[BOOKS], TABLES[BOOKS].schema)
    unknown = (
        _named(there, match.key)
        .distinct()
        .anti_join(_holders(books, match.key), "id")
        .order_by("id")
        .limit(most)
    )
    return list(engine.to_arrow(unknown)["id"].to_pylist())


def _named(rows: ir.Table, key: str) -> ir.Table:
    return rows.select(id=rows[key]).filter(ibis._.id.notnull())


def _holders(books: ir.Table, key: str) -> ir.Table:
    """Return everybody the books name by that key, once; a line without a holder is its own."""
    return books.select(id=ibis.coalesce(books[key], books.subscriber_id)).distinct()


Respell = Callable[[str], str]


def _digits_end(text: str) -> str:
    digits = re.sub(r"\D", "", text)
    return digits[-_ENDING:] if len(digits) >= _ENDING else ""


#: Ways in which one id is written differently, the plainest first.
SPELLINGS: Mapping[str, Respell] = MappingProxyType(
    {
        "without a leading plus": lambda text: text.removeprefix("+"),
        "without leading zeros": lambda text: text.lstrip("0"),
        "without a leading plus or zeros": lambda text: text.lstrip("+0"),
        "without a decimal point": lambda text: re.sub(r"[.,]0*$", "", text),
        "without blanks and dashes": lambda text: re.sub(r"[^0-9A-Za-z]", "", text),
        "without regard to case": str.upper,
        f"by their last {_ENDING} digits (a country or area code)": _digits_end,
    }
)


def respelt(strange: Collection[str], books: Collection[str]) -> str | None:
    """Say what would make ids that are on no books match, if anything would.

    Both are given as the operator writes them. The shapes told hold no digit of anybody's.

    Examples
    --------
    >>> respelt(["+10000000001", "+10000000002"], ["10000000001", "10000000002"])
    '2 of 2 ids looked at would match without a leading plus (+99999999999 beside 99999999999)'
    """
    for words, respell in SPELLINGS.items():
        known = {respell(one): one for one in sorted(books)} if books else {}
        pairs = [(one, known[respell(one)]) for one in strange if respell(one) in known]
        pairs = [pair for pair in pairs if respell(pair[0])]
        if 2 * len(pairs) > len(strange):
            one, other = pairs[0]
            return (
                f"{len(pairs):,} of {len(strange):,} ids looked at would match {words}"
                f" ({shape(one)} beside {shape(other)})"
            )
    return None


def shape(text: str) -> str:
    """Return how an id is written, without the id: digits as 9, letters as A.

    Examples
    --------
    >>> shape("+49 170-12ab.0")
    '+99 999-99AA.9'
    """
    spelt = "".join("9" if c.isdigit() else "A" if c.isalpha() else c for c in text)
    return spelt if len(spelt) <= _LONGEST_SHAPE else f"{spelt[:_LONGEST_SHAPE]}…"


def in_heads(
    heads: Sequence[tuple[str, Sequence[str]]], books: Collection[str]
) -> tuple[Match, ...]:
    """Count as :func:`matches` does, of the first rows of some files.

    Parameters
    ----------
    heads
        Table, and the ids its rows name.
    """
    counted: dict[str, tuple[int, int]] = {}
    for table, ids in heads:
        rows, matched = counted.get(table, (0, 0))
        counted[table] = (rows + len(ids), matched + sum(one in books for one in ids))
    return tuple(Match(table, "subscriber_id", *pair) for table, pair in counted.items())
