"""One logistic calibration (Platt) of the repaired logit, on rows at the natural base rate.

``logit(p) = slope * logit + intercept``, see :mod:`churn.learning.penalised`.
"""

from __future__ import annotations

import numpy as np

from churn.evaluation.ranking import BoolArray, FloatArray
from churn.frozen import Frozen
from churn.late import Late
from churn.learning.penalised import penalised_logit

special = Late("scipy.special")


def chance_of(logit: FloatArray) -> FloatArray:
    """Return the chance of log-odds."""
    return np.asarray(special.expit(logit), dtype=np.float64)


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
        line = penalised_logit(logit[:, np.newaxis], outcome, weight)
        return cls(slope=float(line.slopes[0]), intercept=line.intercept)
