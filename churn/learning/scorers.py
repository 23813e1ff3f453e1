"""A learner's model with its repair and its calibration: from features to a chance.

The chain is always the same: raw logit, plus the repair of the rebalancing, through one
calibration at the natural base rate, and nothing after.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from pydantic import Field

from churn.evaluation.intervals import Figure, Interval
from churn.evaluation.ranking import BoolArray, FloatArray
from churn.frozen import Frozen
from churn.learning.calibration import Calibrator
from churn.learning.encoding import Matrix
from churn.learning.learners import Learner, Model
from churn.learning.rebalancing import balanced_draws, rebalance, synthesised
from churn.learning.settings import ENSEMBLES, Method


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
    """One learner under one rebalancing method, measured on the calibration rows.

    Attributes
    ----------
    minus_plain
        By metric (``log_loss``, ``average_precision``, ``mpc``: the profit per customer of the best
        cut), what it has more than the learner without rebalancing; none for that itself.
    """

    learner: str
    method: Method
    log_loss: Figure
    average_precision: Figure
    chosen: bool
    minus_plain: Mapping[str, Interval] = Field(default_factory=dict)


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
            return _balanced(learner, method, rows.at(untouched), seed, rows.plain[untouched])
        everyone = Rows(rows.matrix, rows.churned, rows.plain, rows.shift)
        model, repair = _balanced(learner, method, everyone, seed)
        counted = rows.at(untouched)
        thin = rebalance("none", counted.churned, counted.weight, learner.rebalancing, seed)
        # Rebalancing has moved the model's odds: churners are weighed so that they stay there.
        odds = float(np.exp(rows.shift - repair + thin.repair))
        churned = counted.churned[thin.rows]
        weight = np.where(churned, thin.weight * odds, thin.weight)
        return learner.correct(model, counted.matrix[thin.rows], churned, weight), repair
    return _balanced(learner, method, rows, seed)


def _balanced(
    learner: Learner, method: Method, rows: Rows, seed: int, plain: FloatArray | None = None
) -> tuple[Model, float]:
    """Rebalance rows and fit them; ``plain``: their weights if no campaign had been."""
    balanced = rebalance(method, rows.churned, rows.weight, learner.rebalancing, seed)
    whole = len(balanced.rows) == len(rows.churned)
    matrix = rows.matrix if whole else rows.matrix[balanced.rows]
    churned = rows.churned[balanced.rows]
    if method in ENSEMBLES and learner.average is not None:
        drawn = balanced_draws(method, churned, balanced.weight, learner.rebalancing, seed)
        models = [learner.fit(matrix[bag.rows], churned[bag.rows], bag.weight) for bag in drawn]
        repair = float(np.mean([bag.repair for bag in drawn]))
        return learner.average(models), repair + balanced.repair + rows.shift
    weight, repair = balanced.weight, balanced.repair + rows.shift
    if method == "smote":
        matrix, churned, weight, more = synthesised(
            matrix, churned, weight, learner.rebalancing, seed
        )
        repair += more
    if plain is None:
        return learner.fit(matrix, churned, weight), repair
    plain = plain[balanced.rows]
    made_up = np.full(len(matrix) - len(plain), plain[churned[: len(plain)]].mean())
    return learner.fit(matrix, churned, weight, plain=np.append(plain, made_up)), repair
