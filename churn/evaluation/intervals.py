"""Intervals by a seeded bootstrap over customers, and paired comparison of two scores.

Customers are drawn, not rows: the snapshots and lines of one customer leave and return
together, since they are no independent evidence. A drawn row is never copied; its weight is
multiplied by how often its customer was drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import BeforeValidator

from churn.draws import bootstrap
from churn.evaluation.ranking import FloatArray, IntArray, Metric, Scored, Weighed
from churn.frozen import Frozen

#: Standard errors on either side of a normal figure that hold 95 %.
Z95 = 1.959963984540054

#: A figure that may be undefined: NaN here, null in JSON.
Figure = Annotated[float, BeforeValidator(lambda v: float("nan") if v is None else v)]


class Interval(Frozen):
    """A figure with its 95 % interval; NaN where undefined."""

    value: Figure
    lower: Figure
    upper: Figure

    def meets(self, low: float, high: float) -> bool:
        """Tell whether the interval and [low, high] have a point in common."""
        return self.lower <= high and self.upper >= low

    @property
    def error(self) -> float:
        """Return the standard error; a normal figure's middle 95 % are 3.92 of them wide."""
        return (self.upper - self.lower) / 3.92

    def __str__(self) -> str:
        """Render as ``0.123 [0.100, 0.150]``."""
        return f"{self.value:.4g} [{self.lower:.4g}, {self.upper:.4g}]"


@dataclass(frozen=True)
class Resampling:
    """Draws of customers, the same for everything compared on the same rows.

    Attributes
    ----------
    codes
        Shape (n,): the customer of each row, as a number from 0.
    count
        Number of customers.
    """

    codes: IntArray
    count: int
    replicates: int
    seed: int

    @classmethod
    def over(cls, clusters: npt.ArrayLike, *, replicates: int = 200, seed: int = 0) -> Resampling:
        """Give each customer a number in sorted order, so that row order does not matter."""
        codes, levels = pd.factorize(np.asarray(clusters), sort=True)
        if (codes < 0).any():
            raise ValueError(f"{np.count_nonzero(codes < 0)} rows have no customer")
        return cls(codes.astype(np.int64), len(levels), replicates, seed)

    def draws(self) -> Iterator[IntArray]:
        """Return, per replicate, how often each customer was drawn: shape (count,)."""
        return bootstrap(self.count, self.replicates, self.seed)


def percentiles(value: float, replicates: FloatArray) -> Interval:
    """Return a figure with the middle 95 % of its replicates; undefined ones are left out."""
    defined = replicates[np.isfinite(replicates)]
    if not len(defined) or not np.isfinite(value):
        return Interval(value=value, lower=float("nan"), upper=float("nan"))
    lower, upper = np.percentile(defined, [2.5, 97.5])
    return Interval(value=value, lower=float(lower), upper=float(upper))


def intervals(
    metrics: Mapping[str, Metric],
    scored: Scored,
    resampling: Resampling,
    weight: npt.ArrayLike | None = None,
) -> dict[str, Interval]:
    """Measure every metric, each with its 95 % percentile interval.

    Parameters
    ----------
    resampling
        Draws over the same rows, in the order in which they were given to ``Scored.of``.
    weight
        Shape (n,), in that order too.

    Notes
    -----
    Replicates in which a metric is undefined (no churner was drawn) are left out of its interval.
    """
    rows = scored.weighed(weight)
    codes = resampling.codes[scored.order]
    drawn = np.empty((resampling.replicates, len(metrics)))
    for replicate, counts in enumerate(resampling.draws()):
        again = Weighed(scored, rows.weight * counts[codes])
        drawn[replicate] = [metric(again) for metric in metrics.values()]
    return {
        name: percentiles(metric(rows), drawn[:, column])
        for column, (name, metric) in enumerate(metrics.items())
    }


def paired_difference(
    metric: Metric,
    first: Scored,
    second: Scored,
    resampling: Resampling,
    weight: npt.ArrayLike | None = None,
) -> Interval:
    """Return the metric of ``first`` minus that of ``second`` on the same rows and draws.

    Pairing takes out what both share, the luck of which customers were drawn; a difference is
    more than noise where its interval leaves out 0.
    """
    return paired_differences({"": metric}, first, second, resampling, weight)[""]


def paired_differences(
    metrics: Mapping[str, Metric],
    first: Scored,
    second: Scored,
    resampling: Resampling,
    weight: npt.ArrayLike | None = None,
) -> dict[str, Interval]:
    """Return :func:`paired_difference` of every metric, all on the same draws."""
    rows = first.weighed(weight), second.weighed(weight)
    codes = [resampling.codes[of.scored.order] for of in rows]
    drawn = np.empty((resampling.replicates, len(metrics)))
    for replicate, counts in enumerate(resampling.draws()):
        minuend, subtrahend = (
            Weighed(of.scored, of.weight * counts[customer])
            for of, customer in zip(rows, codes, strict=True)
        )
        drawn[replicate] = [metric(minuend) - metric(subtrahend) for metric in metrics.values()]
    return {
        name: percentiles(metric(rows[0]) - metric(rows[1]), drawn[:, column])
        for column, (name, metric) in enumerate(metrics.items())
    }
