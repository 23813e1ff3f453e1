"""Logistic regression on log-odds under a weak prior around "the mean of the parts is right".

The prior keeps the parameters finite where churners are few, or none; with a hundred it weighs next
to nothing. The first slope stays positive, so that calibration never reverses a ranking, and no
other is negative.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from churn.evaluation.ranking import BoolArray, FloatArray
from churn.late import Late

optimize = Late("scipy.optimize")
special = Late("scipy.special")

SLOPE_SPREAD = 0.5
SHIFT_SPREAD = 3.0
MIN_SLOPE = 0.05
STEPS = 100


class Line(NamedTuple):
    """``logit(p) = logits @ slopes + intercept``."""

    slopes: FloatArray
    intercept: float


def penalised_logit(logits: FloatArray, outcome: BoolArray, weight: FloatArray) -> Line:
    """Find the parameters of highest penalised likelihood.

    Parameters
    ----------
    logits
        Shape (n, parts): repaired log-odds of rows at the natural base rate.
    outcome, weight
        Shape (n,) each.
    """
    prior = np.full(logits.shape[1], 1 / logits.shape[1])
    total = float(weight.sum())
    if total <= 0:
        return Line(prior, 0.0)
    # around their means, slopes and shift are nearly independent of each other
    centre = weight @ logits / total
    loss = _Loss(logits - centre, prior, float(prior @ centre), outcome, weight)
    slopes, shift = _of_one(loss) if len(prior) == 1 else _of_several(loss, total)
    return Line(slopes, float(loss.start + shift - slopes @ centre))


@dataclass(frozen=True)
class _Loss:
    """The convex penalised loss, with its slopes around ``prior`` and its shift around 0."""

    distance: FloatArray
    prior: FloatArray
    start: float
    outcome: BoolArray
    weight: FloatArray

    def eta(self, slopes: FloatArray, shift: float) -> FloatArray:
        """Return each row's log-odds."""
        return np.asarray(self.distance @ slopes + self.start + shift)

    def value(self, slopes: FloatArray, shift: float) -> float:
        """Return the loss."""
        eta = self.eta(slopes, shift)
        loss = float(self.weight @ (np.logaddexp(0.0, eta) - self.outcome * eta))
        loss += float(np.sum((slopes - self.prior) ** 2)) / SLOPE_SPREAD**2 / 2
        return loss + float(shift / SHIFT_SPREAD) ** 2 / 2

    def gradient(self, slopes: FloatArray, shift: float) -> FloatArray:
        """Return its derivatives by the slopes, and by the shift last."""
        error = self.weight * (special.expit(self.eta(slopes, shift)) - self.outcome)
        by_slope = error @ self.distance + (slopes - self.prior) / SLOPE_SPREAD**2
        return np.array([*by_slope, error.sum() + shift / SHIFT_SPREAD**2])

    def curvature(self, slopes: FloatArray, shift: float) -> FloatArray:
        """Return its second derivatives for a single slope: shape (2, 2)."""
        chance = special.expit(self.eta(slopes, shift))
        spread, distance = self.weight * chance * (1 - chance), self.distance[:, 0]
        cross = spread @ distance
        return np.array(
            [
                [spread @ distance**2 + 1 / SLOPE_SPREAD**2, cross],
                [cross, spread.sum() + 1 / SHIFT_SPREAD**2],
            ]
        )


def _of_several(loss: _Loss, total: float) -> tuple[FloatArray, float]:
    def objective(at: FloatArray) -> tuple[float, FloatArray]:
        return loss.value(at[:-1], at[-1]) / total, loss.gradient(at[:-1], at[-1]) / total

    best = optimize.minimize(
        objective,
        np.array([*loss.prior, 0.0]),
        jac=True,
        method="L-BFGS-B",
        bounds=[(MIN_SLOPE, None), *[(0.0, None)] * (len(loss.prior) - 1), (None, None)],
        options={"ftol": 1e-15, "gtol": 1e-10},
    ).x
    return best[:-1], best[-1]


def _of_one(loss: _Loss) -> tuple[FloatArray, float]:
    slope, shift = _newton(loss, free_slope=True)
    if slope < MIN_SLOPE:
        slope, shift = _newton(loss, free_slope=False)
    return np.array([slope]), shift


def _newton(loss: _Loss, *, free_slope: bool) -> tuple[float, float]:
    """Minimise by damped Newton steps: exact where there is nothing to bound but one slope."""
    at = np.array([1.0 if free_slope else MIN_SLOPE, 0.0])
    best = loss.value(at[:1], at[1])
    for _ in range(STEPS):
        gradient, curvature = loss.gradient(at[:1], at[1]), loss.curvature(at[:1], at[1])
        if not free_slope:
            gradient[0], curvature[0, 1], curvature[1, 0] = 0.0, 0.0, 0.0
        step = np.linalg.solve(curvature, gradient)
        share = 1.0
        while share > 1e-8:  # noqa: PLR2004 - a step this small moves nothing
            ahead = at - share * step
            tried = loss.value(ahead[:1], ahead[1])
            if tried <= best:
                break
            share /= 2
        else:
            break
        at = ahead
        if best - tried <= 1e-12 * max(1.0, abs(best)):
            break
        best = tried
    return float(at[0]), float(at[1])
