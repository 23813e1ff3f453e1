"""What was set aside: file, line (or number), rule and the raw record, one row per record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from churn.ingest.extracts import Extract
from churn.ingest.readers import Rejects

SCHEMA = pa.schema(
    [("file", pa.string()), ("line", pa.int64()), ("rule", pa.string()), ("raw", pa.binary())]
)


class Quarantine:
    """Collects the rejected records of one delivery in a file of its own.

    The file appears under its final name only with :meth:`keep`; without rejects there is none.

    Parameters
    ----------
    blank
        What is kept of a raw record: nothing where it names somebody who was erased.
    """

    def __init__(self, partial: Path, blank: Callable[[bytes], bytes] = bytes) -> None:
        self._partial = partial
        self._blank = blank
        self._writer: pq.ParquetWriter | None = None
        self.counts: Counter[str] = Counter()

    def add(self, file: str, rejects: Rejects, raw: Sequence[bytes]) -> None:
        """Set records aside as they were delivered."""
        if not len(rejects.numbers):
            return
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._partial, SCHEMA, compression="zstd")
        codes = rejects.codes.tolist()
        self.counts.update(codes)
        columns = [
            [file] * len(codes),
            rejects.numbers.tolist(),
            codes,
            list(map(self._blank, raw)),
        ]
        arrays = [pa.array(c, f.type) for c, f in zip(columns, SCHEMA, strict=True)]
        self._writer.write_table(pa.table(arrays, schema=SCHEMA))

    def fetch(self, extract: Extract, rejects: Rejects) -> None:
        """Set records aside that are read again for it."""
        raw = extract.reader.raw(rejects.numbers.tolist())
        self.add(extract.name, rejects, [raw[number] for number in rejects.numbers.tolist()])

    def keep(self, final: Path) -> bool:
        """Put the file in its place, or remove an older one where nothing was set aside."""
        self.close()
        if self._writer is None:
            final.unlink(missing_ok=True)
            return False
        final.parent.mkdir(parents=True, exist_ok=True)
        self._partial.replace(final)
        return True

    def close(self) -> None:
        """Take no more records."""
        if self._writer is not None:
            self._writer.close()
