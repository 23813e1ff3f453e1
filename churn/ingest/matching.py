"""Do the tables speak of the same subscribers? Rows whose id is on no books, and how it is spelt.

Billing and network systems write one number in different ways: with a plus, with leading zeros,
as a floating number. Each file is sound then, and nothing in it belongs to anybody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
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
#: Rows from which a table without a match is an error, whether or not another spelling is found.
ENOUGH = 30
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
    rows, matched
        Over all deliveries, for people to read.
    newest, newest_matched
        Of the newest delivery, by which the table is judged: a spelling changes from a day on, and
        is mended from one on.
    """

    table: str
    key: str
    rows: int
    matched: int
    newest: int
    newest_matched: int

    @property
    def share(self) -> float:
        """Share of the newest rows that match; 1 without rows."""
        return self.newest_matched / self.newest if self.newest else 1.0

    @property
    def unmatched(self) -> int:
        """Rows that match nobody."""
        return self.rows - self.matched

    def wording(self, of: str = "the newest ") -> str:
        """Tell it in one line; ``of`` says which rows were looked at."""
        who = "was not there before" if self.table == BOOKS else "was never on the books"
        return (
            f"{self.newest - self.newest_matched:,} of {of}{self.newest:,} rows of {self.table}"
            f" name a {self.key.removesuffix('_id')} who {who}"
        )

    def problem(self, least: float, spelling: str | None) -> ExtractError | None:
        """Return the error of a table of which hardly a row matches.

        A few rows of strangers are none, unless another spelling explains them.

        Parameters
        ----------
        least
            The share of rows that must match.
        spelling
            What would make them match, as :func:`respelt` says it.
        """
        if self.share >= least or (self.newest < ENOUGH and spelling is None):
            return None
        place = listed_under(self.table)
        hint = f"; {spelling}" if spelling else ""
        written = "were written before" if self.table == BOOKS else "are written"
        return ExtractError(
            f"{self.wording()}; at least {least:.0%} must{hint}",
            where=f"{self.table}.{self.key}, beside {BOOKS}",
            do=f"deliver the ids of {self.table} as those of {BOOKS} {written}, or lower"
            f" {place}.min_matched",
        )


def key_of(table: str) -> str | None:
    """Return the column by which a table's rows belong to somebody on the books."""
    if TABLES[table].named_by:
        return None
    return next((key for key in ("subscriber_id", "customer_id") if key in TABLES[table]), None)


def matches(entries: Sequence[Entry], root: Path, engine: Engine) -> tuple[Match, ...]:
    """Count, per table delivered, the rows of somebody on the books of any delivery.

    The books themselves, where each delivery is the whole of them, are held to those before: ids
    written in another way from a day on would make everybody a newcomer.

    Parameters
    ----------
    root
        The workspace's folder, in which the entries' paths lie.
    """
    found = []
    holders: dict[tuple[str, ...], ir.Table] = {}  # the books are many days' files: read once
    for table in TABLES:
        there = [entry for entry in entries if entry.table == table]
        key = key_of(table)
        if not there or key is None:
            continue
        day = max(entry.delivered_on for entry in there)
        books = [entry for entry in entries if entry.table == BOOKS]
        newest = [entry for entry in there if entry.delivered_on == day]
        if table == BOOKS:
            books = [entry for entry in books if entry.delivered_on < day]
            there = newest = newest if newest[0].mode == "full" else []
        if not books or not newest:
            continue
        of = (key, *(entry.path for entry in books))
        if of not in holders:
            holders[of] = engine.computed(_holders(read_rows(books, root, engine), key))
        rows, matched = _counted(read_rows(there, root, engine), holders[of], engine, key)
        latest = (rows, matched)
        if len(newest) < len(there):
            latest = _counted(read_rows(newest, root, engine), holders[of], engine, key)
        found.append(Match(table, key, rows, matched, *latest))
    return tuple(found)


def _counted(there: ir.Table, holders: ir.Table, engine: Engine, key: str) -> tuple[int, int]:
    """Return how many of some rows name anybody, and how many somebody on the books."""
    named = _named(there, key)
    named = named.group_by("id").aggregate(rows=named.count())
    both = named.left_join(holders, "id", rname="{name}_of_books")
    counts = both.aggregate(
        rows=both.rows.sum(), matched=both.rows.sum(where=both.id_of_books.notnull())
    )
    (row,) = engine.to_arrow(counts).to_pylist()
    return int(row["rows"] or 0), int(row["matched"] or 0)


def strangers(
    match: Match, entries: Sequence[Entry], root: Path, engine: Engine, *, most: int
) -> tuple[list[str], list[str]]:
    """Return some hashed ids of a table's newest delivery that match nobody, and the books'."""
    there = [entry for entry in entries if entry.table == match.table]
    day = max(entry.delivered_on for entry in there)
    newest = [entry for entry in there if entry.delivered_on == day]
    books = [entry for entry in entries if entry.table == BOOKS]
    if match.table == BOOKS:
        books = [entry for entry in books if entry.delivered_on < day]
    held = _holders(read_rows(books, root, engine), match.key)
    named = _named(read_rows(newest, root, engine), match.key).distinct()
    unknown = named.anti_join(held, "id").order_by("id").limit(most)
    strange, known = (list(engine.to_arrow(t)["id"].to_pylist()) for t in (unknown, held))
    return strange, known


def read_rows(entries: Sequence[Entry], root: Path, engine: Engine) -> ir.Table:
    """Return the rows of deliveries of one table."""
    schema = TABLES[entries[0].table].schema
    return engine.read_parquet([root / entry.path for entry in entries], schema)


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
    return tuple(Match(table, "subscriber_id", *pair, *pair) for table, pair in counted.items())
