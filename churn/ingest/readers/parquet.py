"""Rows that are Arrow already, in a Parquet file: with its types, the first row having number 1."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from churn.errors import ExtractError
from churn.ingest.readers.json_lines import JsonBlock
from churn.ingest.readers.lines import Lines
from churn.ingest.readers.packing import opened, packing_of
from churn.ingest.readers.reader import BLOCK_BYTES, Block, Reader, Records, Rejects, RowsBlock
from churn.ingest.readers.typed import single_values

INDEX = re.compile(r"__index_level_\d+__")  # what pandas writes of an index without a name


class Rows(RowsBlock):
    """Rows of a Parquet file."""

    def raw(self, number: int) -> bytes:
        """Return a row as JSON."""
        (row,) = self._rows.slice(number - self.first, 1).to_pylist()
        return json.dumps(row, ensure_ascii=False, default=str).encode()

    def split(self, columns: Sequence[int]) -> Records:
        """Take the columns as they are."""
        numbers = np.arange(self.first, self.first + len(self))
        return Records({i: self._rows.column(i) for i in columns}, numbers, Rejects.joined([]))


class TextRows(Rows):
    """Rows of a Parquet file, their values as text."""

    def __init__(self, rows: pa.RecordBatch, first: int, file: str) -> None:
        super().__init__(rows, first)
        self._file = file

    def split(self, columns: Sequence[int]) -> Records:
        """Write the columns as text."""
        records = super().split(columns)
        names = self._rows.schema.names
        texts = {
            i: single_values(values, names[i], self._file) for i, values in records.fields.items()
        }
        return Records(texts, records.numbers, records.rejects)


class Parquet(Reader):
    """A Parquet file, without the numbers of rows that pandas keeps in it."""

    def header(self) -> tuple[str, ...]:
        """Return the names of its columns."""
        with self._opened() as file:
            names = file.schema_arrow.names
        return tuple(names[i] for i in _kept(names))

    def blocks(self, size: int = BLOCK_BYTES) -> Iterator[Block]:
        """Yield its rows."""
        first = 1
        with self._opened() as file:
            groups = (file.metadata.row_group(i) for i in range(file.num_row_groups))
            octets = sum(group.total_byte_size for group in groups)
            together = max(1, size * file.metadata.num_rows // max(1, octets))
            kept = _kept(file.schema_arrow.names)
            for rows in file.iter_batches(together):
                yield self._block(rows.select(kept), first)
                first += rows.num_rows

    def record(self, raw: bytes, number: int) -> Block:
        """Return a block of one row, given as JSON."""
        return JsonBlock(Lines(raw + b"\n", number), self.encoding, self.header(), self.name)

    def _block(self, rows: pa.RecordBatch, first: int) -> Block:
        return Rows(rows, first)

    @contextmanager
    def _opened(self) -> Iterator[pq.ParquetFile]:
        try:
            with opened(self.path) as stream:
                packed = packing_of(self.path) is not None
                whole = pa.BufferReader(stream.read()) if packed else stream
                with pq.ParquetFile(whole) as file:
                    yield file
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # of the system, not of what the file holds
            raise ExtractError(
                "the Parquet file is damaged or cut off", where=self.name, do="deliver it again"
            ) from error


class ParquetText(Parquet):
    """A Parquet file whose values are written as text, for the mapping to read."""

    def _block(self, rows: pa.RecordBatch, first: int) -> Block:
        return TextRows(rows, first, self.name)


def _kept(names: Sequence[str]) -> list[int]:
    return [i for i, name in enumerate(names) if not INDEX.fullmatch(name)]
