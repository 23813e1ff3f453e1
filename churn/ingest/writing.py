"""Sorted rows become one Parquet file per delivery, whose bytes depend on the rows alone."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from churn.ingest.mapping import DELIVERY
from churn.store.hashing import sha256_file
from churn.tables import Table
from churn.windows import month_end

ROW_GROUP = 1 << 20


class TableFile:
    """One delivery's Parquet file, written in row groups of equal size as its rows come."""

    def __init__(self, partial: Path, table: Table, delivered_on: date) -> None:
        self._partial = partial
        self._table = table
        self._delivered_on = delivered_on
        self._waiting: list[pa.RecordBatch] = []
        self._rows = 0
        self._latest: date | None = None
        self._writer = pq.ParquetWriter(partial, table.arrow_schema, compression="zstd")

    def add(self, rows: pa.RecordBatch) -> None:
        """Take rows in their final order."""
        self._waiting.append(rows)
        self._rows += rows.num_rows
        while self._rows >= ROW_GROUP:
            merged = pa.Table.from_batches(self._waiting)
            self._write(merged.slice(0, ROW_GROUP))
            self._waiting = merged.slice(ROW_GROUP).to_batches()
            self._rows -= ROW_GROUP

    def _write(self, rows: pa.Table) -> None:
        schema = self._table.arrow_schema
        day = pa.repeat(pa.scalar(self._delivered_on, pa.date32()), rows.num_rows)
        rows = rows.append_column("delivered_on", day).select(schema.names).cast(schema)
        self._writer.write_table(rows.combine_chunks(), row_group_size=ROW_GROUP)
        if self._table.occurs_on is not None:
            moment = pc.max(rows[self._table.occurs_on]).as_py()
            if moment is not None:
                day = date(moment.year, moment.month, moment.day)
                self._latest = day if self._latest is None else max(self._latest, day)

    def finish(self, home: Path, label: str) -> tuple[Path, date | None]:
        """Put the file in its place, named by label and content; return it and its latest day.

        That is the last day on which a row occurred; a month occurs on its last day.
        """
        if self._rows:
            self._write(pa.Table.from_batches(self._waiting))
        self._writer.close()
        with self._partial.open("rb") as file:
            os.fsync(file.fileno())
        final = home / f"{label}-{sha256_file(self._partial)[:8]}.parquet"
        final.parent.mkdir(parents=True, exist_ok=True)
        self._partial.replace(final)
        if self._latest is not None and self._table.occurs_at_month_end:
            self._latest = month_end(self._latest)
        return final, self._latest


def order(table: Table) -> list[str]:
    """Sort by key, else by subscriber and time; then by all else, so that order is total."""
    first = table.key or tuple(filter(None, (table.names[0], table.occurs_on)))
    rest = [name for name in table.names if name not in first and name != "delivered_on"]
    return [*(name for name in first if name != "delivered_on"), *rest]


def by_delivery(batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Cut batches sorted by delivery where the delivery changes."""
    for batch in batches:
        numbers = batch.column(DELIVERY).to_numpy()
        cuts = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), len(numbers)]
        rows = batch.drop_columns([DELIVERY])
        for start, end in pairwise(cuts):
            if end > start:
                yield int(numbers[start]), rows.slice(start, end - start)
