"""DeLong's comparison of two ROC areas on the same rows, in closed form.

E. R. DeLong, D. M. DeLong and D. L. Clarke-Pearson, "Comparing the areas under two or more
correlated receiver operating characteristic curves", Biometrics 44, 1988, computed from ranks (X.
Sun and W. Xu, "Fast implementation of DeLong's algorithm", IEEE Signal Processing Letters 21,
2014), and for rows that come in clusters (N. A. Obuchowski, "Nonparametric analysis of clustered
ROC curve data", Biometrics 53, 1997): the snapshots and lines of one customer are no independent
evidence. Where every row is its own cluster, it is DeLong's.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pandas as pd

from churn.evaluation.intervals import Z95, Figure, Interval
from churn.evaluation.ranking import BoolArray, FloatArray, IntArray
from churn.frozen import Frozen


class Areas(Frozen):
    """Two areas under the ROC curve on the same rows.

    Attributes
    ----------
    first, second, difference
        With 95 % intervals by the normal distribution; ``difference`` is the first minus the
        second. NaN where a kind of rows is missing.
    p_value
        Two-sided chance of a difference as large if there were none; NaN where the difference
        does not vary.
    churners, stayers
        Rows of each kind that weigh something.
    """

    first: Interval
    second: Interval
    difference: Interval
    p_value: Figure
    churners: int
    stayers: int


def compare_areas(
    outcome: npt.ArrayLike,
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    clusters: npt.ArrayLike | None = None,
    weight: npt.ArrayLike | None = None,
) -> Areas:
    """Compare how two scores rank the same rows.

    Parameters
    ----------
    outcome
        Shape (n,): 1 for churn, 0 else.
    first, second
        Shape (n,): finite; higher means riskier. Ties count half.
    clusters
        Shape (n,): the customer of each row; every row its own without.
    weight
        Shape (n,): 1 each without.

    Raises
    ------
    ValueError
        If a score is not finite, or shapes differ.

    Examples
    --------
    >>> areas = compare_areas([0, 0, 1, 1, 1], [1, 2, 6, 7, 8], [3, 6, 2, 7, 9])
    >>> str(areas.difference), round(areas.p_value, 4)
    ('0.3333 [-0.32, 0.9867]', 0.3173)
    """
    churned = np.asarray(outcome, dtype=np.bool_)
    scores = [np.asarray(score, dtype=np.float64) for score in (first, second)]
    mass = np.ones(len(churned)) if weight is None else np.asarray(weight, dtype=np.float64)
    codes = np.arange(len(churned)) if clusters is None else pd.factorize(np.asarray(clusters))[0]
    if any(part.shape != churned.shape for part in (*scores, mass, codes)):
        raise ValueError(f"scores, weights and clusters must have shape {churned.shape}")
    if not all(np.isfinite(score).all() for score in scores):
        raise ValueError("scores must be finite")
    kept = mass > 0
    churned, mass, codes = churned[kept], mass[kept], pd.factorize(codes[kept])[0]
    counts = {"churners": int(churned.sum()), "stayers": int((~churned).sum())}
    if not all(counts.values()):
        unknown = Interval(value=np.nan, lower=np.nan, upper=np.nan)
        return Areas(first=unknown, second=unknown, difference=unknown, p_value=np.nan, **counts)
    placed = [placements(churned, score[kept], mass) for score in scores]
    areas = np.array([np.average(place[churned], weights=mass[churned]) for place in placed])
    variance = _covariance(np.stack(placed), areas, churned, mass, codes.astype(np.int64))
    gap = float(areas[0] - areas[1])
    spread = math.sqrt(max(0.0, variance[0, 0] + variance[1, 1] - 2 * variance[0, 1]))
    return Areas(
        first=_interval(float(areas[0]), math.sqrt(variance[0, 0])),
        second=_interval(float(areas[1]), math.sqrt(variance[1, 1])),
        difference=_interval(gap, spread),
        p_value=math.erfc(abs(gap) / spread / math.sqrt(2)) if spread > 0 else np.nan,
        **counts,
    )


def _interval(value: float, error: float) -> Interval:
    return Interval(value=value, lower=value - Z95 * error, upper=value + Z95 * error)


def placements(churned: BoolArray, score: FloatArray, weight: FloatArray) -> FloatArray:
    """Return the share of the other kind that each row is on the right side of: shape (n,).

    Of stayers that a churner outranks, of churners that outrank a stayer; ties count half.

    Examples
    --------
    >>> kinds = np.array([True, True, False, False])
    >>> placements(kinds, np.array([3.0, 1.0, 1.0, 2.0]), np.ones(4)).tolist()
    [1.0, 0.25, 0.75, 0.5]
    """
    _, group = np.unique(score, return_inverse=True)
    churners = np.bincount(group, weight * churned)
    stayers = np.bincount(group, weight * ~churned)
    below = np.cumsum(stayers) - stayers / 2
    above = churners.sum() - np.cumsum(churners) + churners / 2
    placed: FloatArray = np.where(
        churned, (below / stayers.sum())[group], (above / churners.sum())[group]
    )
    return placed


def _covariance(
    placed: FloatArray,
    areas: FloatArray,
    churned: BoolArray,
    weight: FloatArray,
    codes: IntArray,
) -> FloatArray:
    """Return the covariance of the areas: shape (2, 2)."""
    count = int(codes.max()) + 1
    sums = []
    clusters = []
    for kind in (churned, ~churned):
        share = weight * kind / weight[kind].sum()
        sums.append(
            np.stack([np.bincount(codes, share * own, count) for own in placed - areas[:, None]])
        )
        clusters.append(len(np.unique(codes[kind])))

    def scale(of: int) -> float:
        return of / (of - 1) if of > 1 else 1.0

    both = sums[0] @ sums[1].T
    covariance: FloatArray = (
        scale(clusters[0]) * sums[0] @ sums[0].T
        + scale(clusters[1]) * sums[1] @ sums[1].T
        + scale(count) * (both + both.T)
    )
    return covariance
