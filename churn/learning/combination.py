"""Booster and network as one: a weighted sum of their log-odds, fitted and calibrated at once.

``logit(p) = w_1 * logit_1 + w_2 * logit_2 + intercept``, the weights never negative. This is the
calibration of :mod:`churn.learning.calibration` with a slope per part, fitted on the same rows in
its place: three parameters, and nothing comes after. Whether it scores is decided in
:mod:`churn.learning.choosing`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from churn.evaluation.ranking import BoolArray, FloatArray
from churn.frozen import Frozen
from churn.learning.calibration import chance_of
from churn.learning.learners import BOOSTING, NETWORK
from churn.learning.penalised import penalised_logit

MEMBERS = (BOOSTING, NETWORK)


class Combination(Frozen):
    """Maps the parts' repaired log-odds to one chance.

    Attributes
    ----------
    weights
        By part, in the order of :data:`MEMBERS`; the booster's is at least
        :data:`~churn.learning.penalised.MIN_SLOPE`, so that it ranks in any case.
    """

    weights: dict[str, float]
    intercept: float

    def calibrated(self, logits: Mapping[str, FloatArray]) -> FloatArray:
        """Return the calibrated log-odds, given each part's repaired ones: shape (n,)."""
        total = np.full(len(logits[MEMBERS[0]]), self.intercept)
        for part in MEMBERS:
            total += self.weights[part] * logits[part]
        return total

    def chance(self, logits: Mapping[str, FloatArray]) -> FloatArray:
        """Return the calibrated chance: shape (n,)."""
        return chance_of(self.calibrated(logits))

    @classmethod
    def fit(
        cls, logits: Mapping[str, FloatArray], outcome: BoolArray, weight: FloatArray
    ) -> Combination:
        """Find the parameters of highest penalised likelihood.

        Parameters
        ----------
        logits, outcome, weight
            Shape (n,) each: repaired log-odds of rows at the natural base rate.
        """
        line = penalised_logit(np.column_stack([logits[part] for part in MEMBERS]), outcome, weight)
        weights = dict(zip(MEMBERS, line.slopes.tolist(), strict=True))
        return cls(weights=weights, intercept=line.intercept)
