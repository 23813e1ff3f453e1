"""One logistic calibration (Platt) of the repaired logit, on rows at the natural base rate.

``logit(p) = slope * logit + intercept``. A weak prior around "the logit is right" keeps the
two parameters finite where calibration rows hold few churners, or none; with a hundred it
weighs next to nothing. The slope stays positive: calibration never reverses a ranking.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from churn.evaluation.ranking import BoolArray, FloatArray
from churn.frozen import Frozen

SLOPE_SPREAD = 0.5
SHIFT_SPREAD = 3.0
MIN_SLOPE = 0.05
STEPS = 100


def chance_of(logit: FloatArray) -> FloatArray:
    """Return the chance of log-odds."""
    return np.asarray(expit(logit), dtype=np.float64)


class Calibrator(Frozen):
    """Maps a repaired logit to a chance."""

    slope: float
    intercept: float

    def calibrated(self, logit: FloatArray) -> FloatArray:
        """Return the calibrated log-odds of each logit."""
        return self.slope * logit + self.intercept

    def chance(self, logit: FloatArray) -> FloatArray:
        """Return the calibrated chance of each logit."""
        return chance_of(self.calibrated(logit))

    @classmethod
    def fit(cls, logit: FloatArray, outcome: BoolArray, weight: FloatArray) -> Calibrator:
        """Find the parameters of highest penalised likelihood.

        Parameters
        ----------
        logit, outcome, weight
            Shape (n,): repaired logits of rows at the natural base rate.
        """
        total = float(weight.sum())
        if total <= 0:
            return cls(slope=1.0, intercept=0.0)
        # around their mean, slope and shift are nearly independent of each other
        centre = float(weight @ logit) / total
        distance = logit - centre
        slope, shift = _newton(distance, centre, outcome, weight, free_slope=True)
        if slope < MIN_SLOPE:
            slope, shift = _newton(distance, centre, outcome, weight, free_slope=False)
        return cls(slope=slope, intercept=centre + shift - slope * centre)


def _objective(
    slope: float,
    shift: float,
    distance: FloatArray,
    centre: float,
    outcome: BoolArray,
    weight: FloatArray,
) -> float:
    eta = slope * distance + centre + shift
    loss = float(weight @ (np.logaddexp(0.0, eta) - outcome * eta))
    return loss + ((slope - 1) / SLOPE_SPREAD) ** 2 / 2 + (shift / SHIFT_SPREAD) ** 2 / 2


def _newton(
    distance: FloatArray,
    centre: float,
    outcome: BoolArray,
    weight: FloatArray,
    *,
    free_slope: bool,
) -> tuple[float, float]:
    """Minimise the convex penalised loss by damped Newton steps."""
    slope, shift = (1.0, 0.0) if free_slope else (MIN_SLOPE, 0.0)
    best = _objective(slope, shift, distance, centre, outcome, weight)
    for _ in range(STEPS):
        chance = expit(slope * distance + centre + shift)
        error = weight * (chance - outcome)
        spread = weight * chance * (1 - chance)
        gradient = np.array(
            [
                error @ distance + (slope - 1) / SLOPE_SPREAD**2,
                error.sum() + shift / SHIFT_SPREAD**2,
            ]
        )
        cross = spread @ distance
        curvature = np.array(
            [
                [spread @ distance**2 + 1 / SLOPE_SPREAD**2, cross],
                [cross, spread.sum() + 1 / SHIFT_SPREAD**2],
            ]
        )
        if not free_slope:
            gradient[0], curvature[0, 1], curvature[1, 0] = 0.0, 0.0, 0.0
        step = np.linalg.solve(curvature, gradient)
        share = 1.0
        while share > 1e-8:  # noqa: PLR2004 - a step this small moves nothing
            tried = _objective(
                slope - share * step[0], shift - share * step[1], distance, centre, outcome, weight
            )
            if tried <= best:
                break
            share /= 2
        else:
            break
        slope, shift = float(slope - share * step[0]), float(shift - share * step[1])
        if best - tried <= 1e-12 * max(1.0, abs(best)):
            break
        best = tried
    return slope, shift
