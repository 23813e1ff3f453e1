"""How well chances fit by segment, what all segments have in common divided out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from churn.evaluation.intervals import Interval, Resampling, percentiles
from churn.evaluation.ranking import BoolArray, FloatArray, IntArray
from churn.frozen import Frozen

FEWEST = 20
"""Churners below which a segment is not told of."""


class SegmentFit(Frozen):
    """One segment's chances beside what happened.

    Attributes
    ----------
    value
        Empty where it is not known.
    churners
        Rows that left.
    observed_expected
        Churners over the sum of chances, with its interval.
    beside_all
        That over the same ratio of all rows: a drift of the base rate that all segments share is
        divided out.
    """

    column: str
    value: str
    churners: int
    observed_expected: Interval
    beside_all: Interval

    @property
    def off(self) -> bool:
        """Whether it fits worse than the whole by more than noise."""
        return self.beside_all.lower > 1 or self.beside_all.upper < 1


def segment_fits(
    churned: BoolArray,
    chance: FloatArray,
    weight: FloatArray,
    segments: Mapping[str, npt.ArrayLike],
    resampling: Resampling,
) -> tuple[SegmentFit, ...]:
    """Measure every value of every column: column after column, the most churners first.

    Parameters
    ----------
    churned, chance, weight
        Shape (n,).
    segments
        By column the value of each row: shape (n,).
    resampling
        Draws of customers over the same rows.
    """
    found: list[SegmentFit] = []
    everyone = np.zeros(len(churned), dtype=np.int64)
    whole = _ratios(churned, chance, weight, everyone, 1, resampling)
    for column, values in segments.items():
        # a value that is not known is a segment as well
        words = pd.Series(values).astype("object").fillna("").astype("str")
        codes, names = pd.factorize(words, sort=True)
        ratios = _ratios(churned, chance, weight, codes, len(names), resampling)
        counts = np.bincount(codes, churned & (weight > 0), len(names)).astype(int)
        for at in np.argsort(-counts, kind="stable"):
            if counts[at] < FEWEST or len(names) == 1:
                continue
            own, beside = ratios[:, at], ratios[:, at] / whole[:, 0]
            found.append(
                SegmentFit(
                    column=column,
                    value=str(names[at]),
                    churners=int(counts[at]),
                    observed_expected=percentiles(float(own[0]), own[1:]),
                    beside_all=percentiles(float(beside[0]), beside[1:]),
                )
            )
    return tuple(found)


def _ratios(
    churned: BoolArray,
    chance: FloatArray,
    weight: FloatArray,
    codes: IntArray,
    count: int,
    resampling: Resampling,
) -> FloatArray:
    """Return observed over expected by segment, of all and in every draw: (1 + draws, count)."""
    cell, size = resampling.codes * count + codes, resampling.count * count
    observed, expected = (
        np.bincount(cell, weight * of, size).reshape(resampling.count, count)
        for of in (churned.astype(np.float64), chance)
    )
    both = np.hstack([observed, expected])
    sums = [both.sum(axis=0), *(drawn.astype(np.float64) @ both for drawn in resampling.draws())]
    over, under = np.hsplit(np.array(sums), 2)
    ratios = np.full(over.shape, np.nan)
    np.divide(over, under, out=ratios, where=under > 0)
    return ratios
