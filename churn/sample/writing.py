"""Files of the deliveries: CSV by Arrow, gzip without a clock, broken lines put in on purpose."""

from __future__ import annotations

import gzip
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from churn.sample.clock import Month, calendar_day

GB18030 = "gb18030"
DIRTY_SHARE = 0.0002
DEFECTS = ("bad_number", "missing_id", "short_line", "bad_date", "duplicate")
_OPTIONS = pacsv.WriteOptions(include_header=False, quoting_style="none", batch_size=65_536)


@dataclass
class Deliveries:
    """The folder of extracts being written, and the count of what went into it.

    Parameters
    ----------
    level
        Effort of the compression, 1 to 9.
    dirty
        Whether broken and repeated lines are put into bills and calls.
    """

    folder: Path
    level: int
    dirty: bool
    rows: Counter[str] = field(default_factory=Counter)
    files: Counter[str] = field(default_factory=Counter)
    dirt: dict[str, dict[str, int]] = field(default_factory=dict)

    def write(
        self,
        table: str,
        month: Month,
        batches: Iterable[Mapping[str, pa.Array]],
        *,
        period: Month | None = None,
        encoding: str = "utf-8",
        spoil: Mapping[str, int] | None = None,
    ) -> None:
        """Write what is delivered at the end of ``month`` as one file.

        Parameters
        ----------
        period
            The month the file is about, where it is an earlier one.
        spoil
            Position of the columns ``number``, ``id`` and ``date`` that defects may hit.
        """
        about = (period or month).first_day
        delivered = calendar_day(month.end)
        name = f"{table}_{about:%Y%m}_{delivered:%Y%m%d}.csv.gz"
        path = self.folder / table / name
        path.parent.mkdir(exist_ok=True)
        rng = month.stream(100 + sum(map(ord, table)))
        with (
            path.open("wb") as file,
            gzip.GzipFile("", "wb", self.level, file, mtime=0) as packed,
        ):
            for number, columns in enumerate(batches):
                if number == 0:
                    packed.write((",".join(columns) + "\n").encode(encoding))
                body = pa.table(dict(columns))
                self.rows[table] += len(body)
                for part in self._spoiled(body, name, rng, spoil) if spoil else [_text(body)]:
                    packed.write(part if encoding == "utf-8" else part.decode().encode(encoding))
        self.files[table] += 1

    def _spoiled(
        self, body: pa.Table, name: str, rng: np.random.Generator, spoil: Mapping[str, int]
    ) -> Iterable[bytes]:
        """Yield the rows as text with broken or repeated copies of some of them between."""
        count = rng.poisson(DIRTY_SHARE * len(body)) if self.dirty and len(body) else 0
        defects = rng.integers(0, len(DEFECTS), count)
        places = np.sort(rng.integers(0, max(len(body), 1), count))
        start = 0
        for place, defect in zip(places, defects, strict=True):
            yield _text(body.slice(start, place + 1 - start))
            start = int(place) + 1
            kind = DEFECTS[defect]
            yield _broken(_text(body.slice(place, 1)).decode(), kind, spoil).encode()
            counts = self.dirt.setdefault(name, {})
            counts[kind] = counts.get(kind, 0) + 1
        yield _text(body.slice(start))


def _text(rows: pa.Table) -> bytes:
    buffer = io.BytesIO()
    if len(rows):
        pacsv.write_csv(rows, buffer, _OPTIONS)
    return buffer.getvalue()


def _broken(line: str, defect: str, spoil: Mapping[str, int]) -> str:
    """Return a copy of a line with one defect."""
    cells = line.rstrip("\n").split(",")
    if defect == "bad_number":
        cells[spoil["number"]] = "1O.5x"
    elif defect == "missing_id":
        cells[spoil["id"]] = ""
    elif defect == "bad_date":
        when = cells[spoil["date"]]
        cells[spoil["date"]] = f"{when[:5]}02-30{when[10:]}"
    elif defect == "short_line":
        cells = cells[:3]
    return ",".join(cells) + "\n"


def dates(days: np.ndarray, *, null: np.ndarray | None = None) -> pa.Array:
    """Return days from 1970 as dates; null where ``null`` holds."""
    clipped = days if null is None else np.where(null, 0, days)
    return pa.array(clipped.astype(np.int32), pa.int32(), mask=null).cast(pa.date32())


def times(seconds: np.ndarray, *, null: np.ndarray | None = None) -> pa.Array:
    """Return seconds from 1970 as local times."""
    return pa.array(seconds.astype(np.int64), pa.int64(), mask=null).cast(pa.timestamp("s"))


def compact_dates(days: np.ndarray) -> pa.Array:
    """Return days from 1970 as texts YYYYMMDD."""
    return pc.strftime(dates(days), format="%Y%m%d")


def choice(words: tuple[str, ...], index: np.ndarray) -> pa.Array:
    """Return the word at each index; an empty word or an index below 0 is null."""
    options = pa.array([word or None for word in words], pa.string())
    return options.take(pa.array(index.astype(np.int64), mask=index < 0))


def codes(letter: str, numbers: np.ndarray, width: int) -> pa.Array:
    """Return ids such as ``C00000042``."""
    padded = pc.utf8_lpad(pa.array(numbers.astype(np.int64)).cast(pa.string()), width, "0")
    return pc.binary_join_element_wise(pa.scalar(letter), padded, pa.scalar(""))


def amounts(values: np.ndarray) -> np.ndarray:
    """Return yuan rounded to the cent; adding zero turns -0 into 0."""
    return np.round(values, 2) + 0.0
