"""How much one column alone tells of an outcome, judged on customers it was not fitted on.

A column is cut into bins: its values where they are few, else quantiles, common values and
missing ones apart. The bins are ordered by their share of churners on one half of the customers and
judged on the other, in turn; so any cut counts, monotone or not, and luck does not.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from churn.evaluation.area import area
from churn.late import Late

stats = Late("scipy.stats")

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

BINS = 64
#: Standard errors between a figure and its bound: hundreds of columns are looked at.
ERRORS = 3.0
MISSING = 0


def bins_of(values: pd.Series, fit: Bools) -> Ints:
    """Cut a column: shape (n,), 0 where it is missing.

    Parameters
    ----------
    fit
        The rows that choose the cuts.
    """
    if not (pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values)):
        return np.asarray(pd.factorize(values)[0] + 1, dtype=np.int64)
    numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    there = np.isfinite(numbers)
    found: Ints = np.zeros(len(numbers), dtype=np.int64)
    levels, counts = np.unique(numbers[fit & there], return_counts=True)
    if not len(levels):
        return found
    edges = levels
    if len(levels) > BINS:
        common = levels[counts >= counts.sum() / BINS]
        cuts = np.quantile(numbers[fit & there], np.linspace(0, 1, BINS), method="lower")
        edges = np.unique(np.concatenate([cuts, common, np.nextafter(common, np.inf)]))
    found[there] = np.searchsorted(edges, numbers[there], side="right") + 1
    return found


class Ranking(NamedTuple):
    """How well a column ranks churners above the others.

    Where one half of the customers holds none of either kind nothing is told: NaN, the bound 0.
    """

    auc: float
    lower: float
    churners: int

    @property
    def evidence(self) -> dict[str, float]:
        """The figures of a finding."""
        return {"auc": self.auc, "auc_lower": self.lower, "churners": self.churners}


class Purity(NamedTuple):
    """Rows of values that only churners seem to have.

    Attributes
    ----------
    share, lower
        Churners among these rows, and the bound below it.
    of_all
        Share of all churners who have these values.
    """

    share: float
    lower: float
    churners: int
    rows: int
    of_all: float

    @property
    def evidence(self) -> dict[str, float]:
        """The figures of a finding."""
        figures = {"share": self.share, "share_lower": self.lower, "churners": self.churners}
        return {**figures, "rows": self.rows, "of_churners": self.of_all}


def ranking(bins: Ints, churned: Bools, half: Bools) -> Ranking:
    """Judge the ordering of the bins by their share of churners: shape (n,) each."""
    events, rows = _counts(bins, churned, half)
    areas = []
    for fit, judge in ((0, 1), (1, 0)):
        base = events[fit].sum() / max(rows[fit].sum(), 1)
        rate = (events[fit] + base) / (rows[fit] + 1)
        areas.append(_area(rate, events[judge], rows[judge] - events[judge]))
    auc, churners = float(np.mean(areas)), int(events.sum())
    if not math.isfinite(auc):
        return Ranking(auc, 0.0, churners)
    return Ranking(auc, auc - ERRORS * _error(auc, churners, int(rows.sum()) - churners), churners)


def purity(bins: Ints, churned: Bools, half: Bools, *, at_least: float) -> Purity:
    """Take the bins that look pure on one half, and count them on the other."""
    events, rows = _counts(bins, churned, half)
    hits = met = 0
    for fit, judge in ((0, 1), (1, 0)):
        pure = (events[fit] > 1) & (events[fit] >= at_least * rows[fit])
        hits += int(events[judge][pure].sum())
        met += int(rows[judge][pure].sum())
    return pure_share(hits, met, int(churned.sum()))


def pure_share(hits: int, met: int, churners: int) -> Purity:
    """Put ``hits`` churners among ``met`` rows into figures."""
    if not met or not churners:
        return Purity(math.nan, math.nan, hits, met, 0.0)
    tail = stats.norm.sf(ERRORS)
    lower = float(stats.beta.ppf(tail, hits, met - hits + 1)) if hits else 0.0
    return Purity(hits / met, lower, hits, met, hits / churners)


def rank_correlation(first: Floats, second: Floats, strata: Ints) -> float:
    """Return the rank correlation inside strata, pooled: shape (n,) each, all finite."""
    ranks = pd.DataFrame({"first": first, "second": second}).groupby(strata).rank(pct=True)
    centred = ranks - ranks.groupby(strata).transform("mean")
    one, other = centred["first"].to_numpy(), centred["second"].to_numpy()
    scale = math.sqrt(float(one @ one) * float(other @ other))
    return float(one @ other) / scale if scale > 0 else math.nan


def correlation_bound(correlation: float, count: int) -> float:
    """Return the bound towards 0 of a correlation over ``count`` independent subscribers."""
    if count <= 3 or not math.isfinite(correlation):  # noqa: PLR2004 - Fisher's n - 3
        return 0.0
    strength = min(abs(correlation), 1 - 1e-9)
    return max(0.0, math.tanh(math.atanh(strength) - ERRORS / math.sqrt(count - 3)))


def _counts(bins: Ints, churned: Bools, half: Bools) -> tuple[Floats, Floats]:
    """Count churners and rows by half and bin: shape (2, bins) each."""
    size = int(bins.max()) + 1
    place = half.astype(np.int64) * size + bins
    rows = np.bincount(place, minlength=2 * size).reshape(2, size).astype(np.float64)
    events = np.bincount(place[churned], minlength=2 * size).reshape(2, size).astype(np.float64)
    return events, rows


def _area(rate: Floats, events: Floats, others: Floats) -> float:
    """Return the area under the curve of bins ordered by a rate; ties share their cut."""
    _, place = np.unique(rate, return_inverse=True)
    hit = np.bincount(place, events).astype(np.float64)
    other = np.bincount(place, others).astype(np.float64)
    below = np.cumsum(other) - other
    return area(hit, below, other, churners=float(events.sum()), others=float(others.sum()))


def _error(auc: float, churners: int, others: int) -> float:
    """Return the standard error of an area (Hanley and McNeil 1982)."""
    if not churners or not others or not math.isfinite(auc):
        return math.nan
    first, second = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    spread = auc * (1 - auc) + (churners - 1) * (first - auc**2) + (others - 1) * (second - auc**2)
    # An area of 1 has no spread by the formula; with few churners it is still no certainty.
    return math.sqrt(max(spread, 0) / (churners * others)) + 1 / (10 * churners)
