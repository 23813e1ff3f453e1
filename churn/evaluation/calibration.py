"""Do the chances mean what they say? Observed over expected, and reliability bins.

Scores are chances here. Observed/expected is 1 when as many left as the chances promised,
above 1 when the model is too calm, below 1 when it cries wolf.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

import numpy as np

from churn.evaluation.intervals import Z95
from churn.evaluation.ranking import Metric, Weighed

NAN = float("nan")


def observed_expected(rows: Weighed) -> float:
    """Return churners observed over churners expected: range [0, inf), 1 is calibrated."""
    expected = float(rows.weight @ rows.scored.score)
    return rows.events / expected if expected > 0 else NAN


def observed_expected_in(size: float) -> Metric:
    """Return the metric "observed over expected inside a list of ``size``".

    The head of the ranking is where a model that was overfitted promises too much.
    """

    def inside(rows: Weighed) -> float:
        top = rows.top(size)
        return top.hits / top.expected if top.expected > 0 else NAN

    return inside


@dataclass(frozen=True)
class Bin:
    """One bin of a reliability diagram: chances from ``lower`` to ``upper``, both included."""

    lower: float
    upper: float
    mass: float
    expected: float
    observed: float

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of ``observed`` (Wilson), taking the rows for independent."""
        z2 = Z95**2
        middle = (self.observed + z2 / (2 * self.mass)) / (1 + z2 / self.mass)
        spread = self.observed * (1 - self.observed) / self.mass + z2 / (4 * self.mass**2)
        half = Z95 * sqrt(spread) / (1 + z2 / self.mass)
        return max(0.0, middle - half), min(1.0, middle + half)


def reliability(rows: Weighed, bins: int = 10) -> tuple[Bin, ...]:
    """Cut the rows into bins of about equal weight, calmest first; ties share a bin.

    Parameters
    ----------
    bins
        How many at most: fewer where ties are large.

    Returns
    -------
    tuple of Bin
        ``expected`` and ``observed`` are shares of the bin's weight.
    """
    if rows.total <= 0:
        return ()
    score, weight = rows.scored.score[::-1], rows.weight[::-1]
    hits = weight * rows.scored.outcome[::-1]
    wanted = rows.total * np.arange(1, bins) / bins
    rows_at = np.searchsorted(np.cumsum(weight), wanted, side="left")
    # an edge inside a group of equal scores moves to the group's end
    edges = np.searchsorted(score, score[np.minimum(rows_at, len(score) - 1)], side="right")
    bounds = np.unique(np.concatenate(([0], edges, [len(score)])))
    found = []
    for start, end in pairwise(bounds):
        mass = float(weight[start:end].sum())
        if mass <= 0:
            continue
        promised = float(weight[start:end] @ score[start:end])
        found.append(
            Bin(
                lower=float(score[start]),
                upper=float(score[end - 1]),
                mass=mass,
                expected=promised / mass,
                observed=float(hits[start:end].sum()) / mass,
            )
        )
    return tuple(found)
