"""From the matrix to the network's inputs: a few ramps per number, standardised.

Every number enters as ramps between its quantiles (piecewise-linear encoding; Gorishniy, Rubachev
and Babenko, "On Embeddings for Numerical Features", 2022), so that thresholds cost the network
nothing and an outlier is just the end of the last ramp. A missing value enters at the ramps'
means, with an input of its own that says so where values were missing in training.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from churn.evaluation.ranking import BoolArray, FloatArray, IntArray
from churn.learning.encoding import Matrix

#: Share of values at either end beyond which a number no longer counts.
TAIL = 0.002
#: Smallest standard deviation an input is divided by: a rare ramp must not shout.
MIN_SCALE = 0.3


@dataclass(frozen=True)
class Ramps:
    """How columns of the matrix become inputs.

    Attributes
    ----------
    edges, starts
        Column ``j`` has the ascending edges ``edges[starts[j]:starts[j + 1]]``, two at least,
        and a ramp between each two neighbours: 0 below, 1 above, straight between.
    indicator
        Shape (columns,): whether a column has an input of its own for missing values.
    mean, scale
        Shape (inputs,): what is taken off every input, and what it is then divided by.
    """

    edges: FloatArray
    starts: IntArray
    indicator: BoolArray
    mean: FloatArray
    scale: FloatArray

    @classmethod
    def fit(cls, matrix: Matrix, bins: int) -> Ramps:
        """Read edges, means and spreads off the rows; outcomes are not looked at."""
        edges = [_edges(column[~np.isnan(column)], bins) for column in matrix.T]
        starts = np.cumsum([0, *(len(ends) for ends in edges)]).astype(np.int64)
        indicator = np.asarray(np.isnan(matrix).any(axis=0))
        mean, scale = [], []
        for column, ends, marked in zip(matrix.T, edges, indicator, strict=True):
            missing = np.isnan(column)
            ramps = _ramps(column[~missing], ends) if not missing.all() else np.zeros((1, 1))
            mean.append(ramps.mean(axis=0))
            scale.append(ramps.std(axis=0))
            if marked:
                mean.append(missing.mean(keepdims=True))
                scale.append(missing.std(keepdims=True))
        return cls(
            edges=np.concatenate(edges),
            starts=starts,
            indicator=indicator,
            mean=np.concatenate(mean),
            scale=np.maximum(np.concatenate(scale), MIN_SCALE),
        )

    @property
    def columns(self) -> int:
        """Columns of the matrix it reads."""
        return len(self.indicator)

    def inputs(self, matrix: Matrix, kind: type[Any] = np.float64) -> npt.NDArray[Any]:
        """Return the inputs of rows, computed in double precision: shape (n, inputs)."""
        inputs = np.empty((len(matrix), len(self.mean)), dtype=kind)
        at = 0
        for column, start, end, marked in zip(
            matrix.T, self.starts[:-1], self.starts[1:], self.indicator, strict=True
        ):
            missing = np.isnan(column)
            block = slice(at, at + int(end - start) - 1)
            ramps = _ramps(column, self.edges[start:end])
            ramps -= self.mean[block]
            ramps /= self.scale[block]
            ramps[missing] = 0.0
            inputs[:, block] = ramps
            at = block.stop
            if marked:
                inputs[:, at] = (missing - self.mean[at]) / self.scale[at]
                at += 1
        return inputs

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return what :meth:`from_arrays` reads."""
        return dict(vars(self))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Ramps:
        """Check that arrays fit each other, and take them.

        Raises
        ------
        ValueError
            If they do not fit.
        """
        read = cls(**{name: arrays[name] for name in cls.__dataclass_fields__})
        counts = np.diff(read.starts)
        inputs = int((counts - 1).sum() + read.indicator.sum())
        fits = (
            read.starts.shape == (read.columns + 1,)
            and read.indicator.dtype == np.bool_
            and int(read.starts[0]) == 0
            and len(read.edges) == int(read.starts[-1])
            and bool((counts > 1).all())
            and read.mean.shape == read.scale.shape == (inputs,)
        )
        if not fits:
            raise ValueError("the arrays of the inputs do not fit each other")
        return read


def _ramps(column: npt.NDArray[np.float32], edges: FloatArray) -> FloatArray:
    """Return one column's ramps: shape (n, edges - 1)."""
    ramps: FloatArray = column.astype(np.float64)[:, None] - edges[:-1]
    ramps /= np.diff(edges)
    return np.clip(ramps, 0.0, 1.0, out=ramps)


def _edges(values: npt.NDArray[np.float32], bins: int) -> FloatArray:
    """Return ascending edges, at least two, about one per ``bins``-th of the values.

    Where one value stands out (no calls, no arrears), the others get quantiles of their own.
    """
    distinct, counts = np.unique(values.astype(np.float64), return_counts=True)
    if len(distinct) > bins:
        often = distinct[np.argmax(counts)]
        stands_out = int(counts.max()) * bins > len(values)
        others = values[values != np.float32(often)] if stands_out else values
        quantiles = np.quantile(others.astype(np.float64), np.linspace(TAIL, 1 - TAIL, bins + 1))
        distinct = np.unique([*quantiles, often] if stands_out else quantiles)
    if not len(distinct):
        return np.array([0.0, 1.0])
    return distinct if len(distinct) > 1 else np.array([distinct[0], distinct[0] + 1.0])
