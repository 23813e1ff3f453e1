r"""What two randomised arms differ by, over several draws: estimates and intervals.

Each draw (a campaign, in the half month in which it assigned) is a stratum with arms of its own
sizes and shares. Strata are weighed by Mantel and Haenszel's ``n1 n0 / n``: what a draw can tell.
The average effect meant is the one with these weights. Intervals and tests invert the score
statistic of Miettinen and Nurminen, "Comparative analysis of two rates", *Statistics in Medicine* 4
(1985), stratified: no variance is ever taken from an arm that happened to have no event.

Arrays have shape (..., strata); results drop the last axis, so that a thousand worlds are one call.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from churn.late import Late

stats = Late("scipy.stats")

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_HALVINGS = 40
_LOWEST, _HIGHEST = -12.0, 6.0  # of the logarithm of a relative risk
_TINY = 1e-12


@dataclass(frozen=True)
class Arms:
    """Counts of both arms, each of shape (..., strata).

    Parameters
    ----------
    treated, control
        How many were assigned.
    treated_left, control_left
        How many of them had the outcome.
    """

    treated: FloatArray
    treated_left: FloatArray
    control: FloatArray
    control_left: FloatArray

    @property
    def weights(self) -> FloatArray:
        """Mantel-Haenszel weights; 0 where an arm is empty."""
        both = self.treated + self.control
        return _over(self.treated * self.control, both)

    @property
    def rates(self) -> tuple[FloatArray, FloatArray]:
        """Share that left, treated and control, over the strata by their weights."""
        weights = self.weights
        total = weights.sum(axis=-1)
        return (
            _over((weights * _over(self.treated_left, self.treated)).sum(axis=-1), total),
            _over((weights * _over(self.control_left, self.control)).sum(axis=-1), total),
        )


def difference_interval(arms: Arms, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
    """Return the interval of the difference of risks, treated less control, in [-1, 1]."""
    treated, control = arms.rates
    estimate = treated - control
    return _inverted(arms, difference_score, estimate, (-1.0, 1.0), level)


def ratio_interval(arms: Arms, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
    """Return the interval of the logarithm of the relative risk, treated over control."""
    treated, control = arms.rates
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = np.log(treated / control)
    estimate = np.clip(np.nan_to_num(estimate, nan=0.0), _LOWEST, _HIGHEST)
    return _inverted(arms, ratio_score, estimate, (_LOWEST, _HIGHEST), level)


def difference_score(arms: Arms, difference: FloatArray) -> FloatArray:
    """Return how many standard errors the arms lie from a difference of risks: (...)."""
    delta = difference[..., None]
    control = _restricted_difference(arms, delta)
    treated = np.clip(control + delta, 0.0, 1.0)
    observed = _over(arms.treated_left, arms.treated) - _over(arms.control_left, arms.control)
    return _score(arms, observed - delta, treated, control, np.ones_like(delta))


def ratio_score(arms: Arms, log_ratio: FloatArray) -> FloatArray:
    """Return how many standard errors the arms lie from a relative risk, as a logarithm: (...)."""
    ratio = np.exp(log_ratio)[..., None]
    control = _restricted_ratio(arms, ratio)
    treated = np.clip(control * ratio, 0.0, 1.0)
    observed = _over(arms.treated_left, arms.treated)
    observed = observed - ratio * _over(arms.control_left, arms.control)
    return _score(arms, observed, treated, control, ratio)


def _score(
    arms: Arms, distance: FloatArray, treated: FloatArray, control: FloatArray, ratio: FloatArray
) -> FloatArray:
    weights = arms.weights
    both = arms.treated + arms.control
    variance = _over(treated * (1 - treated), arms.treated)
    variance = variance + ratio**2 * _over(control * (1 - control), arms.control)
    variance = variance * _over(both, np.maximum(both - 1, 1))
    spread = np.sqrt((weights**2 * variance).sum(axis=-1))
    moved = (weights * distance).sum(axis=-1)
    far = np.where(moved == 0, 0.0, np.copysign(np.inf, moved))  # no spread at all
    return np.asarray(np.where(spread > 0, moved / np.maximum(spread, _TINY), far), dtype=float)


def _restricted_ratio(arms: Arms, ratio: FloatArray) -> FloatArray:
    """Return the controls' risk that is likeliest if the relative risk is ``ratio``."""
    n1, x1, n0, x0 = arms.treated, arms.treated_left, arms.control, arms.control_left
    a = (n1 + n0) * ratio
    b = -(ratio * (n1 + x0) + x1 + n0)
    c = x1 + x0
    root = np.sqrt(np.maximum(b**2 - 4 * a * c, 0.0))
    clipped = np.clip(_over(-b - root, 2 * a), 0.0, np.minimum(1.0, 1.0 / ratio))
    return np.asarray(clipped, dtype=np.float64)


def _restricted_difference(arms: Arms, delta: FloatArray) -> FloatArray:
    """Return the controls' risk that is likeliest if the difference is ``delta``.

    The root of a cubic, by the formula in the paper's appendix.
    """
    n1, x1, n0, x0 = arms.treated, arms.treated_left, arms.control, arms.control_left
    n = np.maximum(n1 + n0, 1.0)
    c = x1 + x0
    l2 = (n0 + n) * delta - n - c
    l1 = (n0 * delta - n - 2 * x0) * delta + c
    l0 = x0 * delta * (1 - delta)
    q = (l2 / (3 * n)) ** 3 - l1 * l2 / (6 * n**2) + l0 / (2 * n)
    p = np.sqrt(np.maximum((l2 / (3 * n)) ** 2 - l1 / (3 * n), 0.0))
    p = np.where(q < 0, -p, p)
    angle = np.clip(_over(q, p**3), -1.0, 1.0)
    root = 2 * p * np.cos((np.pi + np.arccos(angle)) / 3) - l2 / (3 * n)
    clipped = np.clip(root, np.maximum(0.0, -delta), np.minimum(1.0, 1 - delta))
    return np.asarray(clipped, dtype=np.float64)


def _inverted(
    arms: Arms,
    score: Callable[[Arms, FloatArray], FloatArray],
    estimate: FloatArray,
    ends: tuple[float, float],
    level: float,
) -> tuple[FloatArray, FloatArray]:
    """Return the values that the score does not reject, by halving; it falls as they rise."""
    far = float(stats.norm.ppf(0.5 + level / 2))
    inside = np.stack([estimate, estimate])
    lower, upper = (np.full_like(estimate, end) for end in ends)
    outside = np.stack([lower, upper])
    sign = np.stack([np.ones_like(estimate), -np.ones_like(estimate)])
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        rejected = sign * score(arms, middle) > far
        outside = np.where(rejected, middle, outside)
        inside = np.where(rejected, inside, middle)
    low, high = (inside + outside) / 2
    return low, high


def _over(part: npt.ArrayLike, whole: npt.ArrayLike) -> FloatArray:
    """Divide, 0 where there is nothing to divide by."""
    shape = np.broadcast_shapes(np.shape(part), np.shape(whole))
    nonzero = np.not_equal(whole, 0)
    shares: FloatArray = np.divide(part, whole, out=np.zeros(shape), where=nonzero)
    return shares
