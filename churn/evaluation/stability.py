"""How steady scores are from one night to the next: their spread, their ranking, the riskiest."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

import numpy as np

from churn.evaluation.ranking import FloatArray
from churn.late import Late

stats = Late("scipy.stats")

NAN = float("nan")
_LEAST = 2


def population_stability(before: FloatArray, after: FloatArray, bins: int = 10) -> float:
    """Return the population stability index of scores: range [0, inf), 0 is no change.

    ``sum (q - p) ln(q / p)`` over bins that the deciles of ``before`` cut, p and q the shares of
    both nights. Half a row is added to every bin, so that an empty one stays finite. Commonly read:
    below 0.1 steady, above 0.25 another population.

    Examples
    --------
    >>> scores = np.linspace(0, 1, 1001)
    >>> population_stability(scores, scores)
    0.0
    >>> round(population_stability(scores, scores**2), 3)
    0.375
    """
    if not len(before) or not len(after):
        return NAN
    edges = np.unique(np.quantile(before, np.arange(1, bins) / bins))
    shares = []
    for scores in (before, after):
        counts = np.bincount(np.searchsorted(edges, scores, side="left"), minlength=len(edges) + 1)
        smoothed = counts + 0.5
        shares.append(smoothed / smoothed.sum())
    first, second = shares
    return float(((second - first) * np.log(second / first)).sum())


def rank_correlation(before: FloatArray, after: FloatArray) -> float:
    """Return Spearman's correlation of two nights' scores of the same subscribers, ties averaged.

    Examples
    --------
    >>> rank_correlation(np.array([0.1, 0.2, 0.3]), np.array([0.2, 0.5, 0.9]))
    1.0
    """
    if len(before) < _LEAST:
        return NAN
    ranks = stats.rankdata(before), stats.rankdata(after)
    if any(night.min() == night.max() for night in ranks):
        return NAN
    return float(np.round(np.corrcoef(*ranks)[0, 1], 12))


def kept_share(before: AbstractSet[str], after: AbstractSet[str], there: AbstractSet[str]) -> float:
    """Return the share of ``before`` that is in ``after`` too, of those who are still ``there``.

    Examples
    --------
    >>> kept_share({"a", "b", "c"}, {"b", "d"}, {"a", "b", "d"})
    0.5
    """
    still = before & there
    return len(still & after) / len(still) if still else NAN
