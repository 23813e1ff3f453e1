"""Choosing per head: each learner's rebalancing, the combination, and who scores.

All of it on the calibration part; the test part is not seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy.typing as npt

from churn.evaluation.intervals import Interval, Resampling
from churn.evaluation.ranking import FloatArray
from churn.learning.combination import MEMBERS, Combination, gain
from churn.learning.encoding import Matrix
from churn.learning.heads import choose_champion
from churn.learning.learners import COMBINATION, learners
from churn.learning.scorers import Candidate, Rows, Scorer, choose_scorer, refit
from churn.learning.settings import LearningSettings


@dataclass(frozen=True)
class Choice:
    """What was fitted and chosen for one head.

    Attributes
    ----------
    gain
        What the combination gains over the calibrated booster; None where it is left out.
    """

    scorers: dict[str, Scorer]
    candidates: tuple[Candidate, ...]
    combination: Combination | None
    gain: Interval | None
    champion: str

    def chances(self, matrix: Matrix) -> dict[str, FloatArray]:
        """Return every learner's chance: shape (n,) each."""
        logits = {name: scorer.logit(matrix) for name, scorer in self.scorers.items()}
        found = {
            name: scorer.calibrator.chance(logits[name]) for name, scorer in self.scorers.items()
        }
        if self.combination is not None:
            found[COMBINATION] = self.combination.chance(logits)
        return found

    def refitted(self, rows: Rows, settings: LearningSettings) -> dict[str, Scorer]:
        """Fit the chosen methods again on more rows; calibration and combination are kept."""
        return {
            name: refit(self.scorers[name], learner, rows, settings.seed)
            for name, learner in learners(settings).items()
        }


def choose(
    train: Rows, calibration: Rows, customers: npt.ArrayLike, settings: LearningSettings
) -> Choice:
    """Fit every learner on train rows; choose, combine and calibrate on calibration rows.

    Parameters
    ----------
    customers
        Shape (n,): the customer of each calibration row.
    """
    scorers: dict[str, Scorer] = {}
    candidates: list[Candidate] = []
    for name, learner in learners(settings).items():
        scorers[name], tried = choose_scorer(name, learner, train, calibration, settings.seed)
        candidates += tried
    combination, gained = None, None
    if COMBINATION in settings.learners:
        logits = {part: scorers[part].logit(calibration.matrix) for part in MEMBERS}
        combination = Combination.fit(logits, calibration.churned, calibration.weight)
        gained = gain(
            logits,
            calibration.churned,
            calibration.weight,
            Resampling.over(
                customers, replicates=settings.combination.replicates, seed=settings.seed
            ),
            settings.combination.folds,
        )
    return Choice(scorers, tuple(candidates), combination, gained, choose_champion(gained))
