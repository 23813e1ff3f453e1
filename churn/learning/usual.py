"""What is usual: of features' values over the base, of their contributions among those at risk.

A reason is worth telling where it sets somebody apart. What most have, and what everyone who is
listed has, sets nobody apart. Both are measured once, on the rows that teach, and kept with the
model: whose data did not change is told the same from night to night.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from churn.evaluation.ranking import BoolArray, FloatArray
from churn.frozen import Frozen
from churn.learning.encoding import Encoder, Source

#: Share of the base, the riskiest, from whom a list is drawn.
RISKIEST = 0.1
#: Rows that what is usual is measured on, at most.
ROWS = 20_000
_MOST = 0.5


class Usual(Frozen):
    """What is usual of one feature over the base.

    Attributes
    ----------
    low, middle, high
        Numbers and flags: quartiles of the values there are; None of a text, or without any.
    level
        Texts only: the level that at least half of those with a value have; None without.
    missing
        Whether at least half have no value.
    """

    low: float | None = None
    middle: float | None = None
    high: float | None = None
    level: str | None = None
    missing: bool = False

    @classmethod
    def of(cls, values: pd.Series, source: Source, weight: FloatArray) -> Usual:
        """Measure one feature; shape (n,) each."""
        there = values.notna().to_numpy()
        mass = weight[there]
        missing = bool(mass.sum() <= _MOST * weight.sum())
        if not mass.sum() > 0:
            return cls(missing=missing)
        if source.kind == "text":
            shares = pd.Series(mass).groupby(values[there].astype(str).to_numpy()).sum()
            most = shares / shares.sum() >= _MOST
            return cls(level=str(most.idxmax()) if most.any() else None, missing=missing)
        numbers = values[there].to_numpy(dtype=np.float32).astype(np.float64)
        low, middle, high = weighted_quantiles(numbers, mass, (0.25, 0.5, 0.75))
        return cls(low=low, middle=middle, high=high, missing=missing)

    def sets_apart(self, values: pd.Series, source: Source, *, ranks: bool) -> BoolArray:
        """Tell which values are not what most have: shape (n,).

        Parameters
        ----------
        ranks
            Whether the feature merely ranks: then all between the quartiles is usual, else only
            what half have at most and half at least.
        """
        there = values.notna().to_numpy()
        if source.kind == "text":
            apart = np.asarray(values.astype(object) != self.level)
        else:
            numbers = values.to_numpy(dtype=np.float32, na_value=np.nan).astype(np.float64)
            bounds = (self.low, self.high) if ranks else (self.middle, self.middle)
            low, high = (np.nan if bound is None else bound for bound in bounds)
            apart = ~((numbers >= low) & (numbers <= high))
        result: BoolArray = np.where(there, apart, not self.missing)
        return result


class UsualContribution(Frozen):
    """What one feature usually adds to a head's raw log-odds.

    Attributes
    ----------
    everyone
        Median over the base.
    riskiest
        Mean among the riskiest :data:`RISKIEST` of the base.
    """

    everyone: float
    riskiest: float


def usual_values(frame: pd.DataFrame, encoder: Encoder, weight: FloatArray) -> dict[str, Usual]:
    """Measure every feature in use; ``weight`` is what rows count for at the natural base rate."""
    return {source.name: Usual.of(frame[source.name], source, weight) for source in encoder.sources}


def usual_contributions(
    contributions: FloatArray, encoder: Encoder, weight: FloatArray
) -> dict[str, UsualContribution]:
    """Measure what every feature in use adds.

    Parameters
    ----------
    contributions
        Shape (n, features + 1), in the encoder's order; the base last.
    """
    order = np.argsort(-contributions.sum(axis=1), kind="stable")
    before = np.cumsum(weight[order]) - weight[order]
    riskiest = order[before < RISKIEST * weight.sum()]
    means = np.average(contributions[riskiest], axis=0, weights=weight[riskiest])
    return {
        source.name: UsualContribution(
            everyone=weighted_quantiles(contributions[:, at], weight, (0.5,))[0],
            riskiest=float(means[at]),
        )
        for at, source in enumerate(encoder.sources)
    }


def spread_out(rows: int) -> slice:
    """Return every so manieth of rows, :data:`ROWS` at most."""
    return slice(None, None, -(-rows // ROWS) or 1)


def weighted_quantiles(
    values: FloatArray, weight: FloatArray, shares: tuple[float, ...]
) -> tuple[float, ...]:
    """Return the least values at or below which so much of the weight lies.

    Examples
    --------
    >>> weighted_quantiles(np.array([3.0, 1.0, 2.0]), np.array([1.0, 2.0, 1.0]), (0.5, 0.75))
    (1.0, 2.0)
    """
    order = np.argsort(values, kind="stable")
    mass = np.cumsum(weight[order])
    at = np.searchsorted(mass, np.asarray(shares) * mass[-1] * (1 - 1e-12))
    return tuple(float(values[order[min(place, len(order) - 1)]]) for place in at)


def figures(
    usual: Mapping[str, UsualContribution] | None, encoder: Encoder
) -> tuple[FloatArray, FloatArray]:
    """Return ``everyone`` and ``riskiest`` by feature, in the encoder's order; 0 where unknown."""
    none = UsualContribution(everyone=0.0, riskiest=0.0)
    known = [(usual or {}).get(source.name, none) for source in encoder.sources]
    return (
        np.array([one.everyone for one in known]),
        np.array([one.riskiest for one in known]),
    )
