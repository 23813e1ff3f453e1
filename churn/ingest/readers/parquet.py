"""Rows that are Arrow already, in a Parquet file: with its types, the first row having number 1."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from churn.errors import ExtractError
from churn.ingest.readers.packing import opened
from churn.ingest.readers.reader import BLOCK_BYTES, Block, Reader, Records, Rejects


class Rows(Block):
    """Rows of a Parquet file."""

    def __init__(self, rows: pa.RecordBatch, first: int) -> None:
        self.first = first
        self._rows = rows

    def __len__(self) -> int:
        """Return the number of rows."""
        return int(self._rows.num_rows)

    def raw(self, number: int) -> bytes:
        """Return a row as JSON."""
        (row,) = self._rows.slice(number - self.first, 1).to_pylist()
        return json.dumps(row, ensure_ascii=False, default=str).encode()

    def split(self, columns: Sequence[int]) -> Records:
        """Take the columns as they are."""
        numbers = np.arange(self.first, self.first + len(self))
        return Records({i: self._rows.column(i) for i in columns}, numbers, Rejects.joined([]))


class Parquet(Reader):
    """A Parquet file."""

    def header(self) -> tuple[str, ...]:
        """Return the names of its columns."""
        with self._opened() as file:
            return tuple(file.schema_arrow.names)

    def blocks(self, size: int = BLOCK_BYTES) -> Iterator[Block]:
        """Yield its rows."""
        first = 1
        with self._opened() as file:
            groups = (file.metadata.row_group(i) for i in range(file.num_row_groups))
            octets = sum(group.total_byte_size for group in groups)
            together = max(1, size * file.metadata.num_rows // max(1, octets))
            for rows in file.iter_batches(together):
                yield Rows(rows, first)
                first += rows.num_rows

    @contextmanager
    def _opened(self) -> Iterator[pq.ParquetFile]:
        try:
            with opened(self.path) as stream, pq.ParquetFile(stream) as file:
                yield file
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise ExtractError(
                "the Parquet file is damaged or cut off", where=self.name, do="deliver it again"
            ) from error
