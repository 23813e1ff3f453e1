"""Penalised Poisson regression: logarithms of rates that add up, under normal priors.

Little data leave the parameters at their priors; a weight says how many subjects a row stands for.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

STEPS = 40
SMALLEST = 1e-6
"""Share of a Newton step below which it moves nothing."""
_LARGEST = 5.0  # of the logarithm of a rate


def mode(
    design: FloatArray, rate: FloatArray, weight: FloatArray, mean: FloatArray, spread: FloatArray
) -> FloatArray:
    """Return the most likely parameters.

    Parameters
    ----------
    design
        Shape (n, parameters).
    rate
        Events per subject of each row, shape (n,).
    weight
        Subjects of each row, shape (n,).
    mean, spread
        Of the normal prior of each parameter.
    """
    at = mean.copy()

    def loss(at: FloatArray) -> float:
        eta = np.minimum(design @ at, _LARGEST)
        return float(weight @ (np.exp(eta) - rate * eta) + (((at - mean) / spread) ** 2).sum() / 2)

    best = loss(at)
    for _ in range(STEPS):
        risk = weight * np.exp(np.minimum(design @ at, _LARGEST))
        slope = design.T @ (risk - weight * rate) + (at - mean) / spread**2
        step, share = np.linalg.solve(_curvature(design, risk, spread), slope), 1.0
        while (now := loss(at - share * step)) > best and share > SMALLEST:
            share /= 2
        if now > best:
            break
        at, done, best = at - share * step, best - now < 1e-9 * max(1.0, abs(best)), now
        if done:
            break
    return at


def covariance(
    design: FloatArray, weight: FloatArray, at: FloatArray, spread: FloatArray
) -> FloatArray:
    """Return the covariance of the parameters at their mode: shape (parameters, parameters)."""
    risk = weight * np.exp(np.minimum(design @ at, _LARGEST))
    return np.asarray(np.linalg.inv(_curvature(design, risk, spread)), dtype=np.float64)


def _curvature(design: FloatArray, risk: FloatArray, spread: FloatArray) -> FloatArray:
    inner: FloatArray = (design * risk[:, None]).T @ design + np.diag(spread**-2.0)
    return inner
