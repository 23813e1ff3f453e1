"""A head: the models of one cause of churn or of downgrades, what is known, and who scores."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, cast

import numpy as np
from pydantic import Field

from churn.causes import RISKS, HeadName
from churn.evaluation.calibration import Bin
from churn.evaluation.gates import GateVerdict
from churn.evaluation.intervals import Figure, Interval
from churn.evaluation.ranking import BoolArray, FloatArray
from churn.evaluation.segments import SegmentFit
from churn.frozen import Frozen
from churn.language import Text
from churn.late import Late
from churn.learning.boosting import Boosting, Member
from churn.learning.calibration import chance_of
from churn.learning.capacity import Trial
from churn.learning.combination import MEMBERS, Combination
from churn.learning.encoding import Matrix
from churn.learning.learners import BOOSTING, COMBINATION, TREE
from churn.learning.scorers import Candidate, Rows, Scorer
from churn.learning.tree import Tree
from churn.learning.usual import UsualContribution

special = Late("scipy.special")


class OriginFacts(Frozen):
    """One origin of a head: what it was fitted on, and what it was asked about.

    Attributes
    ----------
    origin
        The snapshot of a past night, or the fold of customers.
    serves
        ``calibration``, ``test`` or both.
    """

    origin: str
    serves: tuple[str, ...]
    fitted_rows: int
    fitted_churners: int
    rows: int
    churners: int


class HeadReport(Frozen):
    """What training found about one head.

    Attributes
    ----------
    off
        Why the head is off; None where it is on.
    events, rows, base_rate
        Churners, rows and weighted share of churners, by what they serve for: ``train`` teach the
        models that score, ``calibration`` and ``test`` rows are told about by origins.
    origins
        Those that calibrated and tested.
    candidates
        Every learner under every rebalancing method compared.
    booster
        The capacities that the booster is an average of, and their shares.
    trials
        Every capacity that was tried for it, in order.
    leaf_share
        The least share of training rows in a rule of the tree.
    shrinkage
        How many churners the rule that a rule refines counts for, see ``TreeSettings``.
    metrics
        By learner, then metric, on the pooled test snapshots. Where folds of customers both
        calibrate and test, those under the champion's name are of whoever was chosen without the
        fold.
    minus_booster
        By every other learner: its average precision minus the booster's, paired, on the test
        part.
    combination
        The combination's weights; None where it is left out.
    losses, minus_least
        By learner: its log loss on calibration rows, cross-fitted, and that minus the least one,
        paired: what chose the champion.
    combination_gain
        The combination's average precision minus the calibrated booster's, paired and
        cross-fitted on calibration rows.
    list_size
        Length of the list in ``*_at_list`` and ``*_in_list``, pooled over the test snapshots.
    list_calibrated
        Whether observed/expected inside the champion's list meets the gate's range; None with
        too few events for a verdict.
    reliability
        The champion's reliability bins on the test part.
    segments
        How the champion's chances fit there by segment.
    unseen
        The champion's metrics on test rows of customers of whom no row was fitted; empty where
        they hold too few churners.
    unseen_events, unseen_rows
        Churners and rows among those.
    """

    cause: HeadName
    off: Text | None = None
    champion: str | None = None
    events: dict[str, int] = Field(default_factory=dict)
    rows: dict[str, int] = Field(default_factory=dict)
    base_rate: dict[str, Figure] = Field(default_factory=dict)
    origins: tuple[OriginFacts, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    booster: tuple[Member, ...] = ()
    trials: tuple[Trial, ...] = ()
    leaf_share: Figure = 0.0
    shrinkage: Figure = 0.0
    metrics: dict[str, dict[str, Interval]] = Field(default_factory=dict)
    minus_booster: dict[str, Interval] = Field(default_factory=dict)
    combination: Combination | None = None
    combination_gain: Interval | None = None
    losses: dict[str, Figure] = Field(default_factory=dict)
    minus_least: dict[str, Interval] = Field(default_factory=dict)
    list_size: int = 0
    list_calibrated: bool | None = None
    reliability: tuple[Bin, ...] = ()
    segments: tuple[SegmentFit, ...] = ()
    unseen: dict[str, Interval] = Field(default_factory=dict)
    unseen_events: int = 0
    unseen_rows: int = 0
    verdict: GateVerdict | None = None

    @property
    def on(self) -> bool:
        """Whether the head scores."""
        return self.off is None

    @property
    def foreseen(self) -> float:
        """What the models made of the move of the base rate from calibration to test: its ratio.

        The mean chance of test rows over the base rate of calibration rows. The ratio of the base
        rates is that times observed/expected, which nothing known of the subscribers foretold.
        """
        fit = self.metrics[self.champion or ""]["observed_expected"].value
        return self.base_rate["test"] / fit / self.base_rate["calibration"]

    @property
    def passed(self) -> bool:
        """Whether the head is on and passes the gate."""
        return self.verdict is not None and self.verdict.passed


class RuleFigures(Frozen):
    """How many fall under one of the tree's rules, and how many of them left.

    Shares of the rows the final tree was fitted on, at the natural base rate.

    Attributes
    ----------
    lower, upper
        What the rate is between, at 95 % (Jeffreys' interval of as many rows as the weights are
        worth); NaN in models of versions that did not reckon it.
    """

    rule: int
    share: float
    churn_rate: float
    lower: Figure = Field(float("nan"), exclude_if=math.isnan)
    upper: Figure = Field(float("nan"), exclude_if=math.isnan)


class HeadScores(NamedTuple):
    """What a head says about rows: shape (n,) each.

    Attributes
    ----------
    chance
        The champion's chance.
    raw
        The booster's raw log-odds, to which the reasons sum.
    remainder
        The champion's log-odds minus the calibrated booster's: what the reasons do not tell; 0
        where the booster scores.
    """

    chance: FloatArray
    raw: FloatArray
    remainder: FloatArray


@dataclass(frozen=True)
class Head:
    """The models of one cause, ready to score.

    Attributes
    ----------
    scorers
        By learner that fits rows; the tree and the booster are always among them.
    champion
        The learner whose chance is the score.
    base_rate
        Average risk on the mature rows, against which tree and champion are compared.
    combination
        None where it is left out.
    usual
        What features usually add to the booster's raw log-odds.
    """

    cause: HeadName
    scorers: dict[str, Scorer]
    champion: str
    base_rate: float
    rules: tuple[RuleFigures, ...] = field(default=())
    combination: Combination | None = None
    usual: Mapping[str, UsualContribution] = field(default_factory=dict)

    @property
    def tree(self) -> Tree:
        """The readable tree."""
        return cast("Tree", self.scorers[TREE].model)

    @property
    def booster(self) -> Boosting:
        """The booster, whose contributions are the reasons."""
        return cast("Boosting", self.scorers[BOOSTING].model)

    @property
    def learners(self) -> tuple[str, ...]:
        """Every learner whose chance can be asked for."""
        return (*self.scorers, *((COMBINATION,) if self.combination else ()))

    def chance(self, matrix: Matrix, learner: str | None = None) -> FloatArray:
        """Return a learner's chance, the champion's if none is named: shape (n,)."""
        name = learner or self.champion
        if name == COMBINATION and self.combination is not None:
            return self.combination.chance(
                {part: self.scorers[part].logit(matrix) for part in MEMBERS}
            )
        return self.scorers[name].chance(matrix)

    def score(self, matrix: Matrix) -> HeadScores:
        """Evaluate the champion and the booster, each model once."""
        booster = self.scorers[BOOSTING]
        raw = booster.model.raw_logit(matrix)
        logit = raw + booster.repair
        boosted = booster.calibrator.calibrated(logit)
        if self.champion == COMBINATION and self.combination is not None:
            others = {p: self.scorers[p].logit(matrix) for p in MEMBERS if p != BOOSTING}
            champion = self.combination.calibrated({BOOSTING: logit, **others})
        elif self.champion == BOOSTING:
            champion = boosted
        else:
            scorer = self.scorers[self.champion]
            champion = scorer.calibrator.calibrated(scorer.logit(matrix))
        return HeadScores(chance_of(champion), raw, champion - boosted)

    def disagrees(self, champion: FloatArray, tree: FloatArray, factor: float) -> BoolArray:
        """Tell where tree and champion contradict each other: shape (n,).

        One puts the chance at ``factor`` times the average risk or more, the other below the
        average.
        """
        high, low = factor * self.base_rate, self.base_rate
        return ((champion >= high) & (tree < low)) | ((tree >= high) & (champion < low))


def rule_figures(tree: Tree, rows: Rows) -> tuple[RuleFigures, ...]:
    """Count each rule's rows and churners."""
    rule, weight = tree.rule_of(rows.matrix), rows.weight
    mass, squares, hits = (
        np.bincount(rule, each, tree.rules + 1)
        for each in (weight, weight**2, weight * rows.churned)
    )
    rate = np.divide(hits, mass, out=np.zeros_like(mass), where=mass > 0)
    worth = np.divide(mass**2, squares, out=np.zeros_like(mass), where=mass > 0)
    left, stayed = worth * rate + 0.5, worth * (1 - rate) + 0.5
    return tuple(
        RuleFigures(
            rule=number,
            share=float(mass[number] / weight.sum()),
            churn_rate=float(rate[number]),
            lower=float(special.betaincinv(left[number], stayed[number], 0.025)),
            upper=float(special.betaincinv(left[number], stayed[number], 0.975)),
        )
        for number in range(1, tree.rules + 1)
    )


def combine(chances: Mapping[HeadName, FloatArray]) -> dict[HeadName, FloatArray]:
    """Divide chances that compete by their sum where it exceeds 1: these causes exclude each other.

    A head that is off (NaN) leaves the others as they are.
    """
    competing = [np.nan_to_num(chances[cause]) for cause in chances if RISKS[cause].competes]
    scale = np.maximum(sum(competing), 1.0)
    return {
        cause: chance / scale if RISKS[cause].competes else chance
        for cause, chance in chances.items()
    }
