"""Two models' chances in the same groups of rows: which of them is nearer to what is true.

The groups are cut by the mean of both chances, so that neither model chooses who is in which; all
rows count for the cuts, also those that weigh nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from churn.evaluation.intervals import Figure, Interval, Resampling, percentiles
from churn.evaluation.ranking import BoolArray, FloatArray, IntArray
from churn.frozen import Frozen

ENOUGH = 400
"""Churners from which a group tells which model is nearer."""


class Group(Frozen):
    """One group, calmest first.

    Attributes
    ----------
    lower, upper
        Least and greatest mean of both chances in it.
    rows, events
        Rows that weigh something and, of these, those whose outcome is the head's.
    mass
        Their weight.
    reference, first, second
        Weighted means: of what is taken for true, and of both models' chances.
    closer
        By how much ``first`` is nearer to the reference than ``second``: the difference of the
        absolute distances, paired; above 0 where it is.
    """

    lower: Figure
    upper: Figure
    rows: int
    events: int
    mass: float
    reference: Figure
    first: Figure
    second: Figure
    closer: Interval

    @property
    def nearer(self) -> bool:
        """Whether ``first`` is nearer to the reference than ``second``."""
        return abs(self.first - self.reference) < abs(self.second - self.reference)

    @property
    def off(self) -> float:
        """How far ``first`` is from the reference, as a share of it."""
        return abs(self.first - self.reference) / self.reference if self.reference > 0 else np.nan


def in_groups(
    first: FloatArray,
    second: FloatArray,
    reference: FloatArray,
    *,
    churned: BoolArray,
    weight: FloatArray,
    resampling: Resampling,
    groups: int = 10,
) -> tuple[Group, ...]:
    """Compare two models' chances with what is taken for true, group by group.

    Parameters
    ----------
    first, second
        Shape (n,): chances of the same rows.
    reference
        Shape (n,): what happened (0 or 1), or the chance of it where that is known.
    churned
        Shape (n,): whether the row's outcome is the head's; events are counted from it.
    weight
        Shape (n,): what a row counts for in the means.
    groups
        How many, of equal numbers of rows; ties share a group.
    """
    if not len(first):
        return ()
    middle = (first + second) / 2
    edges = np.quantile(middle, np.arange(1, groups) / groups, method="lower")
    place = np.searchsorted(np.unique(edges), middle, side="left").astype(np.int64)
    count = int(place.max()) + 1
    columns = np.stack([weight, weight * reference, weight * first, weight * second])
    whole = _means(columns, place, count)
    drawn = np.full((resampling.replicates, count), np.nan)
    for replicate, counts in enumerate(resampling.draws()):
        times = counts[resampling.codes]
        drawn[replicate] = _closer(_means((column * times for column in columns), place, count))
    closer = _closer(whole)
    counted = weight > 0
    return tuple(
        Group(
            lower=float(middle[place == group].min()),
            upper=float(middle[place == group].max()),
            rows=int(np.count_nonzero(counted & (place == group))),
            events=int(np.count_nonzero(counted & churned & (place == group))),
            mass=float(whole[0, group]),
            reference=float(whole[1, group]),
            first=float(whole[2, group]),
            second=float(whole[3, group]),
            closer=percentiles(float(closer[group]), drawn[:, group]),
        )
        for group in range(count)
    )


def _means(columns: Iterable[FloatArray], place: IntArray, count: int) -> FloatArray:
    """Return each group's mass, and the weighted means of the rest: shape (4, count)."""
    sums = np.stack([np.bincount(place, column, count) for column in columns])
    mass = sums[0]
    means = np.divide(sums[1:], mass, out=np.full_like(sums[1:], np.nan), where=mass > 0)
    return np.concatenate([sums[:1], means])


def _closer(means: FloatArray) -> FloatArray:
    reference, first, second = means[1:]
    closer: FloatArray = np.abs(second - reference) - np.abs(first - reference)
    return closer
