"""What the means of two randomised arms differ by, over several draws, with an interval.

For amounts, of which the arms of a draw have means, not shares. Draws are weighed as in
:mod:`churn.targeting.effects.strata`. What was known of each before its draw takes out what it
foretells (a regression within arms and draws): the estimate stays that of the lot, and is the
steadier the more was known (Deng, Xu, Kohavi and Walker, "Improving the sensitivity of online
controlled experiments by utilizing pre-experiment data", WSDM 2013).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from churn.evaluation.intervals import Z95, Interval

FloatArray = npt.NDArray[np.float64]
_NAN = float("nan")


def mean_difference(
    amount: npt.ArrayLike, treated: npt.ArrayLike, draw: npt.ArrayLike, known: npt.ArrayLike
) -> Interval:
    """Return treated less control, with its 95 % interval; NaN where no draw has two of each arm.

    Parameters
    ----------
    amount
        Shape (n,).
    treated
        0 or 1, shape (n,).
    draw
        The draw of each row, any labels, shape (n,).
    known
        A number known before the draw, shape (n,); NaN where it is missing, which counts as the
        mean.
    """
    outcome = np.asarray(amount, dtype=np.float64)
    arm = np.asarray(treated, dtype=np.int64)
    before = np.asarray(known, dtype=np.float64)
    before = np.where(
        np.isnan(before), np.nanmean(before) if (~np.isnan(before)).any() else 0, before
    )
    _, lot = np.unique(np.asarray(draw), return_inverse=True)
    cell = lot * 2 + arm
    size = np.bincount(cell, minlength=2 * (lot.max(initial=-1) + 1)).astype(np.float64)
    inside = outcome - _means(outcome, cell, size)[cell]
    known_inside = before - _means(before, cell, size)[cell]
    spread = float(known_inside @ known_inside)
    slope = float(known_inside @ inside) / spread if spread > 0 else 0.0
    mean = _means(outcome - slope * before, cell, size).reshape(-1, 2)
    left = inside - slope * known_inside
    sizes = size.reshape(-1, 2)
    variance = np.bincount(cell, left**2, len(size)).reshape(-1, 2) / np.maximum(sizes - 1, 1)
    both = (sizes > 1).all(axis=1)
    if not both.any():
        return Interval(value=_NAN, lower=_NAN, upper=_NAN)
    mean, variance, sizes = mean[both], variance[both], sizes[both]
    weight = sizes.prod(axis=1) / sizes.sum(axis=1)
    weight = weight / weight.sum()
    value = float(weight @ (mean[:, 1] - mean[:, 0]))
    error = float(np.sqrt(weight**2 @ (variance / sizes).sum(axis=1)))
    return Interval(value=value, lower=value - Z95 * error, upper=value + Z95 * error)


def _means(values: FloatArray, cell: npt.NDArray[np.int64], size: FloatArray) -> FloatArray:
    return np.asarray(np.bincount(cell, values, len(size)) / np.maximum(size, 1))
