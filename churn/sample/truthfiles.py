"""The truth as files: chances and outcomes, effects of actions, and what was broken on purpose."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from churn.sample import truth
from churn.sample import vocabulary as words
from churn.sample.clock import Month
from churn.sample.lines import Lines
from churn.sample.returns import Begun
from churn.sample.writing import choice, dates

_WHO = {"subscriber_id": pa.string(), "snapshot": pa.date32()}
_CHANCES = dict.fromkeys(("p_active", "p_passive", "p_gone"), pa.float64())
OUTCOMES = pa.schema({**_WHO, **_CHANCES, "outcome": pa.string()})
EFFECTS = pa.schema({**_WHO, "action": pa.string(), "gamma": pa.float64()})
DOWNGRADES = pa.schema({**_WHO, "p_downgrade": pa.float64(), "downgraded": pa.bool_()})
_LINES = dict.fromkeys(("subscriber_id", "earlier_id"), pa.string())
RE_ENTRIES = pa.schema({**_LINES, **dict.fromkeys(("left_on", "began_on"), pa.date32())})
DIGITS = 2  # significant ones of a chance; more cannot be measured and would not compress


class TruthFiles:
    """Parquet files that grow by one row group a month; use it in a ``with`` block."""

    def __init__(self, folder: Path, *, downgrades: bool = False, re_entries: bool = False) -> None:
        self._outcomes = _writer(folder / "outcomes.parquet", OUTCOMES)
        self._effects = _writer(folder / "effects.parquet", EFFECTS)
        path = folder / "downgrades.parquet"
        self._downgrades = _writer(path, DOWNGRADES) if downgrades else None
        path = folder / "re_entries.parquet"
        self._re_entries = _writer(path, RE_ENTRIES) if re_entries else None
        self.rows = 0

    def __enter__(self) -> Self:
        """Open the files."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the files."""
        self._outcomes.close()
        self._effects.close()
        if self._downgrades:
            self._downgrades.close()
        if self._re_entries:
            self._re_entries.close()

    def write(
        self,
        lines: Lines,
        month: Month,
        rows: np.ndarray,
        chances: np.ndarray,
        effects: np.ndarray,
    ) -> None:
        """Write the chances of ``rows`` at one snapshot, once what came after it has been drawn."""
        ids = pa.array(lines.numbers[rows]).cast(pa.string())
        snapshot = dates(np.full(len(rows), month.start))
        happened = truth.outcomes(lines, month, rows)
        table = pa.Table.from_arrays(
            [
                ids,
                snapshot,
                *map(pa.array, _significant(chances).T),
                choice(words.OUTCOMES, happened),
            ],
            schema=OUTCOMES,
        )
        self._outcomes.write_table(table)
        self.rows += len(rows)
        actions = len(words.ACTIONS)
        each = np.repeat(np.arange(len(rows)), actions)
        table = pa.Table.from_arrays(
            [
                ids.take(pa.array(each)),
                snapshot.take(pa.array(each)),
                choice(words.ACTIONS, np.tile(np.arange(actions), len(rows))),
                pa.array(effects[rows].ravel()),
            ],
            schema=EFFECTS,
        )
        self._effects.write_table(table)

    def write_downgrades(
        self,
        lines: Lines,
        month: Month,
        rows: np.ndarray,
        chances: np.ndarray,
        moving: np.ndarray,
    ) -> None:
        """Write the chances of a move to a cheaper tariff, of all lines, and which do move."""
        if self._downgrades is None:
            return
        table = pa.Table.from_arrays(
            [
                pa.array(lines.numbers[rows]).cast(pa.string()),
                dates(np.full(len(rows), month.start)),
                pa.array(_significant(chances[rows])),
                pa.array(np.isin(rows, moving)),
            ],
            schema=DOWNGRADES,
        )
        self._downgrades.write_table(table)

    def write_re_entries(self, lines: Lines, begun: Begun) -> None:
        """Write which lines of a month are whose next ones."""
        if self._re_entries is None:
            return
        line, earlier = begun.line[begun.same], begun.earlier[begun.same]
        table = pa.Table.from_arrays(
            [
                pa.array(lines.numbers[line]).cast(pa.string()),
                pa.array(lines.numbers[earlier]).cast(pa.string()),
                dates(lines.out_from[earlier]),
                dates(lines.activated[line]),
            ],
            schema=RE_ENTRIES,
        )
        self._re_entries.write_table(table)


def _writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """Open a file whose sorted ids are stored as differences; they would fill it otherwise."""
    return pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=9,
        use_dictionary=[name for name in schema.names if name != "subscriber_id"],
        column_encoding={"subscriber_id": "DELTA_BYTE_ARRAY"},
    )


def _significant(chance: np.ndarray) -> np.ndarray:
    """Round to so many significant digits."""
    exponent = np.floor(np.log10(np.maximum(chance, 1e-9))).astype(np.int64)
    scale = 10.0 ** (DIGITS - 1 - exponent)
    rounded: np.ndarray = np.round(chance * scale) / scale
    return rounded
