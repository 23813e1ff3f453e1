"""A learner's model with its repair and its calibration: from features to a chance.

The chain is always the same: raw logit, plus the repair of the rebalancing, through one
calibration at the natural base rate, and nothing after.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from churn.evaluation.intervals import Figure
from churn.evaluation.ranking import BoolArray, FloatArray
from churn.frozen import Frozen
from churn.learning.calibration import Calibrator
from churn.learning.encoding import Matrix
from churn.learning.learners import Learner, Model
from churn.learning.rebalancing import rebalance
from churn.learning.settings import Method


@dataclass(frozen=True)
class Rows:
    """Encoded rows of one head: features, whether each left for the head's cause, weights.

    ``shift`` is what to add to the logit of a model fitted on them to be at the base rate at
    which chances are measured; 0 unless fitting weighs the outcomes otherwise. ``plain`` are the
    weights as if no campaign had been: where they are given, rows that campaigns touched are among
    the rows, and ``weight`` is 0 for them.
    """

    matrix: Matrix
    churned: BoolArray
    weight: FloatArray
    shift: float = 0.0
    plain: FloatArray | None = None

    def at(self, where: BoolArray) -> Rows:
        """Return the rows told, as rows of their weight alone."""
        return Rows(self.matrix[where], self.churned[where], self.weight[where], self.shift)


class Candidate(Frozen):
    """One learner under one rebalancing method, measured on the calibration rows."""

    learner: str
    method: Method
    log_loss: Figure
    average_precision: Figure
    chosen: bool


@dataclass(frozen=True)
class Scorer:
    """A calibrated model."""

    model: Model
    method: Method
    repair: float
    calibrator: Calibrator

    def logit(self, matrix: Matrix) -> FloatArray:
        """Return the repaired log-odds, before calibration: shape (n,)."""
        return self.model.raw_logit(matrix) + self.repair

    def chance(self, matrix: Matrix) -> FloatArray:
        """Return the chance to leave for the head's cause: shape (n,)."""
        return self.calibrator.chance(self.logit(matrix))


def fitted(learner: Learner, method: Method, rows: Rows, seed: int) -> tuple[Model, float]:
    """Rebalance training rows, fit, and return the model with its repair.

    Where campaigns ran, few rows of the selected are untouched and these weigh much: a model of
    theirs alone would be noise. So a learner that can be corrected learns from all rows as they
    are, and is then corrected on the untouched ones; any other sees the untouched ones only.
    """
    if rows.plain is not None:
        untouched = rows.weight > 0
        if learner.correct is None:
            return fitted(learner, method, rows.at(untouched), seed)
        everyone = Rows(rows.matrix, rows.churned, rows.plain, rows.shift)
        model, repair = fitted(learner, method, everyone, seed)
        counted = rows.at(untouched)
        # Rebalancing has moved the model's odds: churners are weighed so that they stay there.
        odds = float(np.exp(rows.shift - repair))
        weight = np.where(counted.churned, counted.weight * odds, counted.weight)
        return learner.correct(model, counted.matrix, counted.churned, weight), repair
    balanced = rebalance(method, rows.churned, rows.weight, learner.rebalancing, seed)
    whole = len(balanced.rows) == len(rows.churned)
    matrix = rows.matrix if whole else rows.matrix[balanced.rows]
    model = learner.fit(matrix, rows.churned[balanced.rows], balanced.weight)
    return model, balanced.repair + rows.shift
