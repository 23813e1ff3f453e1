"""A column of a ready-made table under recognition: its values, each once, with their counts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from churn.ingest.spelling import said_missing

#: Share of the values that has to fit; the rest is read as missing, and counted.
FITTING = 0.95
ALIKE = 0.5
FEW = 20
GLANCE = 50


class ReadColumn(NamedTuple):
    """A column: its header, all values, and the distinct ones with their counts."""

    name: str
    values: pa.Array
    distinct: pa.Array
    counts: npt.NDArray[np.int64]

    @classmethod
    def of(cls, name: str, values: pa.Array) -> ReadColumn:
        """Count the values."""
        counted = pc.value_counts(values.drop_null())
        counts = counted.field("counts").to_numpy().astype(np.int64)
        return cls(name, values, counted.field("values"), counts)

    @property
    def present(self) -> int:
        """Number of values."""
        return int(self.counts.sum())

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Which of the distinct values are no word for no value."""
        return ~said_missing(self.distinct)

    def share(self, fits: npt.NDArray[np.bool_]) -> float:
        """Return the share of the rows with a value whose value fits; 0 where there are none."""
        known = self.known
        rows = int(self.counts[known].sum())
        return int(self.counts[fits & known].sum()) / rows if rows else 0.0

    def glance(self) -> ReadColumn:
        """Return some of the distinct values, which spare most forms the whole look."""
        return self._replace(distinct=self.distinct[:GLANCE], counts=self.counts[:GLANCE])
