"""What a delivery holds, in figures: rows by month, and of each column its gaps and distribution.

Counts are exact and depend on the rows alone. They are kept beside the tables, one small file per
delivery, so that a delivery is looked through once. No value that identifies anybody is in them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from churn.ingest.kept import FOLDER, keep, read
from churn.ingest.registry import Entry
from churn.store import Workspace
from churn.tables import TABLES, Column, Table
from churn.windows import month_end

VERSION = 1
CODES = 100  # values of a text column that are told each
MANY = 10_000  # values of a text column beyond which it is no column of codes
BATCH = 1 << 18
STEPS = 4  # buckets of a number for each doubling
_LEAST = 40  # doublings below 1 that are told apart
ZERO = 0
Kind = Literal["text", "number", "moment", "flag", "id"]
#: Columns that name a person or a campaign: what is new in them tells nothing.
NAMES = frozenset({"account_manager", "assigned_to", "by", "campaign_id", "unit", "text"})


@dataclass(frozen=True)
class ColumnProfile:
    """The values of one column in one delivery.

    Parameters
    ----------
    distinct
        How many values, buckets or months differ; of text, :data:`MANY` and one for more.
    counts
        Rows by value: of text the most frequent ones, of numbers by bucket (see :func:`bucket`), of
        dates by month. Without null.
    least, greatest, mean
        Of numbers; of dates and times the first and last, as text.
    """

    kind: Kind
    nulls: int
    distinct: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    least: float | str | None = None
    greatest: float | str | None = None
    mean: float | None = None


@dataclass(frozen=True)
class MonthProfile:
    """The rows of a delivery that occurred in one month, and the days of the first and last."""

    rows: int
    first: str
    last: str


@dataclass(frozen=True)
class Profile:
    """One delivery in figures.

    Parameters
    ----------
    months
        By first day, as ``2024-03``; none where rows are not dated.
    """

    rows: int
    months: Mapping[str, MonthProfile]
    columns: Mapping[str, ColumnProfile]


def bucket(value: float) -> int:
    """Return which bucket a number falls into: four for each doubling, their signs apart.

    Examples
    --------
    >>> bucket(0), bucket(1), bucket(2), bucket(100), bucket(-2)
    (0, 161, 165, 187, -165)
    """
    if value == 0:
        return ZERO
    size = math.floor(STEPS * math.log2(abs(value))) + STEPS * _LEAST + 1
    return int(math.copysign(max(1, size), value))


def ends_of(number: int) -> tuple[float, float]:
    """Return the numbers between which a bucket lies."""
    if number == ZERO:
        return (0.0, 0.0)
    sizes = [2 ** ((abs(number) - 1 - STEPS * _LEAST + step) / STEPS) for step in (0, 1)]
    return (sizes[0], sizes[1]) if number > 0 else (-sizes[1], -sizes[0])


def profiles(entries: Sequence[Entry], workspace: Workspace) -> dict[str, Profile]:
    """Return the profile of each delivery by the path of its rows; what is not kept is made."""
    return {entry.path: profile_of(entry, workspace) for entry in entries}


def profile_of(entry: Entry, workspace: Workspace) -> Profile:
    """Return one delivery in figures, as kept beside the tables; made where it is not."""
    kept = workspace.tables / FOLDER / entry.table / f"{Path(entry.path).stem}.json"
    content = read(kept, VERSION)
    if content is None:
        made = _measured(entry, workspace.root)
        parts = {name: _plain(getattr(made, name)) for name in ("months", "columns")}
        keep(kept, {"version": VERSION, "rows": made.rows, **parts})
        return made
    return Profile(
        content["rows"],
        {month: MonthProfile(**rows) for month, rows in content["months"].items()},
        {name: ColumnProfile(**column) for name, column in content["columns"].items()},
    )


def _plain(parts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: vars(part) for name, part in parts.items()}


def remove_orphans(entries: Sequence[Entry], workspace: Workspace) -> None:
    """Remove the profiles of deliveries that are no longer there."""
    held = {(entry.table, Path(entry.path).stem) for entry in entries}
    for path in (workspace.tables / FOLDER).glob("*/*.json*"):  # what a kill left half-written, too
        if (path.parent.name, path.stem) not in held:
            path.unlink()


def _measured(entry: Entry, root: Path) -> Profile:
    """Look through the rows of a delivery once, a part of them at a time."""
    table = TABLES[entry.table]
    columns = [column for column in table.columns if column.name != "delivered_on"]
    tallies = {c.name: _Tally("id" if table.personal else kind_of(c)) for c in columns}
    months = _Months(table)
    rows = 0
    with pq.ParquetFile(root / entry.path) as file:
        there = [name for name in tallies if name in file.schema_arrow.names]
        for batch in file.iter_batches(BATCH, columns=there):
            rows += batch.num_rows
            for name in there:
                tallies[name].add(batch.column(name))
            months.add(batch)
    return Profile(rows, months.profile(), {name: tallies[name].profile() for name in there})


def kind_of(column: Column) -> Kind:
    """Return how the values of a column are counted."""
    if column.identifier or column.unit == "id" or column.name.endswith("_id"):
        return "id"
    if column.type in {"date", "timestamp"}:
        return "moment"
    if column.type == "boolean":
        return "flag"
    return "text" if column.type == "string" else "number"


class _Tally:
    """Counts the values of one column, part by part."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._nulls = 0
        self._counts: Counter[Any] = Counter()
        self._many = False
        self._sum = Decimal(0)
        self._ends: list[Any] = []

    def add(self, values: pa.Array) -> None:
        """Count more values."""
        self._nulls += values.null_count
        if self._kind == "id" or values.null_count == len(values):
            return
        values = values.drop_null()
        if self._kind in {"number", "moment"}:
            ends = pc.min_max(values)
            self._ends += [ends["min"].as_py(), ends["max"].as_py()]
        if self._kind == "number":
            self._sum += Decimal(str(pc.sum(values).as_py()))
            values = _buckets(values)
        elif self._kind == "moment":
            values = values.cast(pa.date32(), safe=False)
        elif self._kind == "flag":
            values = pc.if_else(values, "true", "false")
        if self._many:
            return
        counted = pc.value_counts(values)
        if self._kind == "text" and len(counted) > MANY:
            self._many = True
            return
        self._counts.update(_pairs(counted))
        self._many = self._kind == "text" and len(self._counts) > MANY

    def profile(self) -> ColumnProfile:
        """Return what was counted."""
        filled = sum(self._counts.values())
        if self._kind == "moment":
            days, self._counts = self._counts, Counter()
            for day, rows in days.items():
                self._counts[f"{day:%Y-%m}"] += rows
        distinct = MANY + 1 if self._many else len(self._counts)
        if self._kind == "number":
            counts = {str(number): self._counts[number] for number in sorted(self._counts)}
        else:
            ordered = sorted(self._counts.items(), key=lambda pair: (-pair[1], pair[0]))
            counts = {} if self._many else dict(ordered[: CODES if self._kind == "text" else None])
        if not self._ends:
            return ColumnProfile(self._kind, self._nulls, distinct, counts)
        least, greatest = min(self._ends), max(self._ends)
        if self._kind == "moment":
            return ColumnProfile(
                self._kind, self._nulls, distinct, counts, str(least), str(greatest)
            )
        mean = float(self._sum / max(1, filled))
        return ColumnProfile(
            self._kind, self._nulls, distinct, counts, float(least), float(greatest), mean
        )


def _pairs(counted: pa.StructArray) -> dict[Any, int]:
    """Return the value counts of Arrow as a dictionary."""
    values, counts = (counted.field(name).to_pylist() for name in ("values", "counts"))
    return dict(zip(values, counts, strict=True))


def _buckets(values: pa.Array) -> pa.Array:
    """Return the bucket of each number, see :func:`bucket`."""
    numbers = values.cast(pa.float64()).to_numpy(zero_copy_only=False)
    with np.errstate(divide="ignore"):
        sizes = np.floor(STEPS * np.log2(np.abs(numbers))) + (STEPS * _LEAST + 1)
    sizes = np.where(numbers == 0, ZERO, np.copysign(np.maximum(sizes, 1), numbers))
    return pa.array(sizes[np.isfinite(sizes)].astype(np.int64))


class _Months:
    """Counts the rows of each month, and the days of the first and last of them."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._rows: Counter[date] = Counter()

    def add(self, batch: pa.RecordBatch) -> None:
        """Count more rows by the day on which they occurred."""
        if self._table.occurs_on is None or self._table.occurs_on not in batch.schema.names:
            return
        days = batch.column(self._table.occurs_on).drop_null().cast(pa.date32(), safe=False)
        self._rows.update(_pairs(pc.value_counts(days)))

    def profile(self) -> dict[str, MonthProfile]:
        """Return what was counted; a month's rows occurred on its last day."""
        found: dict[str, list[date]] = {}
        rows: Counter[str] = Counter()
        for day in sorted(self._rows):
            month = f"{day:%Y-%m}"
            occurred = month_end(day) if self._table.occurs_at_month_end else day
            found.setdefault(month, []).append(occurred)
            rows[month] += self._rows[day]
        return {
            month: MonthProfile(rows[month], days[0].isoformat(), days[-1].isoformat())
            for month, days in found.items()
        }
