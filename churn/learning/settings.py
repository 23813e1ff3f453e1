"""How models are fitted (``learning:`` in the settings file)."""

from __future__ import annotations

from math import ceil
from typing import Literal, Self

from pydantic import Field, PositiveInt, field_validator, model_validator

from churn.causes import HEADS, HeadName
from churn.frozen import Frozen

Method = Literal["none", "weights", "undersampling", "smote", "balanced_bagging", "easy_ensemble"]
ENSEMBLES: frozenset[Method] = frozenset({"balanced_bagging", "easy_ensemble"})
"""Methods that fit a model to each of several balanced draws of the rows."""
TreeShape = Literal["leafwise", "symmetric", "levelwise"]
LearnerName = Literal["tree", "boosting", "network", "combination"]


class RebalancingSettings(Frozen):
    """Which ways of raising the share of churners are compared, inside training rows only."""

    methods: tuple[Method, ...] = Field(
        ("none", "weights", "undersampling"),
        min_length=1,
        description="methods compared: none (or the first) stays unless another is better by more "
        "than noise",
    )
    keep_share: float = Field(
        0.2, gt=0, lt=1, description="share of non-churners that undersampling keeps"
    )
    neighbours: int = Field(
        5, ge=1, description="churners alike between whom SMOTE-NC makes new ones"
    )
    made_up: float = Field(
        1.0,
        gt=0,
        description="churners that SMOTE-NC makes up for each there is, until they are as many as "
        "the non-churners at most: with more, chances bend too much to be calibrated",
    )
    bags: int = Field(
        10,
        ge=2,
        le=100,
        description="balanced draws averaged by balanced bagging and EasyEnsemble",
    )
    max_negatives: int = Field(
        500_000,
        gt=0,
        description="non-churners any fit sees at most; beyond it they are undersampled",
    )
    max_per_churner: int = Field(
        20,
        ge=2,
        description="non-churners per churner that any fit sees at most: more add to the time, "
        "hardly to what is learned",
    )

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        if len(set(self.methods)) != len(self.methods):
            raise ValueError("a rebalancing method is named twice")
        return self


class TreeSettings(Frozen):
    """The decision tree: small enough to be read."""

    max_leaves: int = Field(16, ge=2, le=64, description="rules a reader can take in")
    min_leaf_share: float = Field(
        0.005, gt=0, lt=0.5, description="smallest share of training rows in a rule"
    )
    shrinkage: float = Field(
        10,
        gt=0,
        description="how many churners the log-odds of the rule that a rule refines count for",
    )
    doublings: int = Field(
        2,
        ge=0,
        le=6,
        description="how often that share is doubled at most, where rules of so few churners "
        "foretell worse; 0 leaves share and shrinkage as they stand",
    )
    rebalancing: RebalancingSettings = Field(
        RebalancingSettings(max_negatives=100_000), description="rebalancing compared for the tree"
    )

    @field_validator("rebalancing")
    @classmethod
    def _one_model(cls, rebalancing: RebalancingSettings) -> RebalancingSettings:
        return _without_ensembles(rebalancing, "the tree stays one that can be read")


def _without_ensembles(rebalancing: RebalancingSettings, why: str) -> RebalancingSettings:
    ensembles = ENSEMBLES.intersection(rebalancing.methods)
    if ensembles:
        raise ValueError(f"{', '.join(sorted(ensembles))}: for the booster alone; {why}")
    return rebalancing


class CorrectionSettings(Frozen):
    """Where campaigns ran: trees fitted to rows that no contact touched, after those to all rows.

    Untouched churners among the selected are few and weigh much; the trees are therefore small,
    careful and not many.
    """

    rounds: int = Field(20, ge=1, description="trees")
    leaves: int = Field(7, ge=2, description="leaves per tree")
    learning_rate: float = Field(0.05, gt=0, le=1, description="step per tree")
    min_leaf_rows: int = Field(100, ge=1, description="rows per leaf at least")
    shrinkage: float = Field(50, ge=0, description="L2 penalty on leaf values")


class Capacity(Frozen):
    """How large and how bold a booster is."""

    rounds: int = Field(250, ge=1, description="trees")
    leaves: int = Field(
        7, ge=2, description="leaves per tree; of CatBoost's the power of two that is not above"
    )
    learning_rate: float = Field(0.05, gt=0, le=1, description="step per tree")
    min_leaf_rows: int = Field(
        50,
        ge=1,
        description="rows per leaf at least; in a levelwise tree, rows that a question parts at "
        "least; of no account in a symmetric one",
    )
    feature_share: float = Field(0.5, gt=0, le=1, description="features tried per tree")
    shrinkage: float = Field(10, ge=0, description="L2 penalty on leaf values")
    shape: TreeShape = Field(
        "leafwise",
        description="how trees grow: leafwise, where they gain most, by LightGBM; or to a depth of "
        "so many leaves by CatBoost, symmetric with one question a level, levelwise with one a "
        "node",
    )


class SearchSettings(Frozen):
    """How the booster's capacity is sought: by folds inside the rows that choose."""

    trials: int = Field(
        10,
        ge=0,
        description="capacities tried at most where no budget of time is given; 0 takes the "
        "booster's as it stands",
    )
    cells: int = Field(
        60_000_000,
        gt=0,
        description="rows times features that all trials of a head fit in all, those of dearer "
        "shapes counted twice or four times: how few are tried on large data",
    )
    rounds: int = Field(600, ge=25, description="trees of a trial at most")
    leaves: int = Field(64, ge=2, description="leaves per tree of a trial at most")
    members: int = Field(4, ge=1, le=16, description="trials averaged at most")
    max_per_churner: int = Field(
        15, ge=2, description="non-churners per churner that a trial is fitted on at most"
    )
    max_rows: int = Field(100_000, ge=1_000, description="rows that a fit of a trial sees at most")
    folds_below: int = Field(
        400,
        ge=0,
        description="churners asked about by past nights below which folds of customers choose "
        "beside them",
    )


class BoostingSettings(Capacity):
    """Boosted trees: the capacity the search begins with, and what holds for all."""

    max_depth: int = Field(
        8, ge=1, le=12, description="depth per tree; the cost of exact reasons grows by it"
    )
    row_share: float = Field(
        0.8, gt=0, le=1, description="share of rows drawn per tree; CatBoost draws 20 at least"
    )
    search: SearchSettings = Field(
        SearchSettings(), description="how its capacity follows from the data"
    )
    rebalancing: RebalancingSettings = Field(
        RebalancingSettings(), description="rebalancing compared for the booster"
    )
    correction: CorrectionSettings = Field(
        CorrectionSettings(), description="what takes past campaigns out of it"
    )


class NetworkSettings(Frozen):
    """The neural network. Its steps are fixed: stopping early on a part would spend that part."""

    bins: int = Field(8, ge=2, le=64, description="ramps a number enters as, about")
    hidden: tuple[PositiveInt, ...] = Field(
        (64, 32), min_length=1, description="units per hidden layer"
    )
    members: int = Field(
        2, ge=1, le=16, description="networks of different seeds that are averaged"
    )
    steps: int = Field(2000, ge=1, description="steps of a member, rounded up to whole epochs")
    max_epochs: int = Field(40, ge=1, description="times a member sees a row at most")
    averaged_share: float = Field(
        1 / 3, gt=0, le=1, description="share of the epochs, the last, to average over"
    )
    batch_rows: int = Field(512, ge=1, description="rows per step")
    learning_rate: float = Field(0.0014, gt=0, le=1, description="Adam's step")
    shrinkage: float = Field(
        300, ge=0, description="L2 penalty on the weights, beside the sum of the losses"
    )
    rebalancing: RebalancingSettings = Field(
        RebalancingSettings(methods=("undersampling",), max_negatives=150_000),
        description="rebalancing compared for the network",
    )

    @field_validator("rebalancing")
    @classmethod
    def _one_model(cls, rebalancing: RebalancingSettings) -> RebalancingSettings:
        return _without_ensembles(rebalancing, "the network averages members of its own")

    def epochs(self, rows: int) -> int:
        """Return how often a member sees each of so many rows."""
        return min(self.max_epochs, ceil(self.steps * self.batch_rows / rows))


class CombinationSettings(Frozen):
    """The combination, and when it scores."""

    folds: int = Field(
        5,
        ge=2,
        description="folds of customers in which calibration rows compare what may score",
    )
    replicates: int = Field(200, ge=20, description="bootstrap replicates of that")
    min_churners: int = Field(
        200,
        ge=1,
        description="churners to fit it on from which it scores where others are alike within "
        "noise; with fewer the simplest of those does",
    )


class LearningSettings(Frozen):
    """Everything training may be told."""

    seed: int = Field(20240101, ge=0, lt=2**31, description="seed of every draw")
    threads: int = Field(2, ge=1, description="threads; part of what fixes the bytes")
    heads: tuple[HeadName, ...] = Field(
        HEADS,
        min_length=1,
        description="what is modelled: causes of churn, and downgrades where plan changes come",
    )
    learners: tuple[LearnerName, ...] = Field(
        ("tree", "boosting", "network", "combination"),
        description="learners fitted; network and combination may be left out",
    )
    never_used: tuple[str, ...] = Field(
        (),
        description="features, by name, that no model may read, whatever they would tell "
        "(`churn features list`); what others tell of them indirectly stays",
    )
    min_events: int = Field(
        100, ge=2, description="churners over all mature snapshots below which a head is off"
    )
    min_level_share: float = Field(
        0.005, gt=0, lt=1, description="share from which a category gets its own column"
    )
    laboratory: bool = Field(
        default=False,
        description="whether every learner is compared under every rebalancing there is for it, "
        "in average precision and profit too: takes several times as long",
    )
    disagreement: float = Field(
        2,
        gt=1,
        description="tree and champion disagree where one sees this multiple of the average risk "
        "and the other less than the average",
    )
    tree: TreeSettings = Field(TreeSettings(), description="the readable model")
    boosting: BoostingSettings = Field(BoostingSettings(), description="the strong model")
    network: NetworkSettings = Field(NetworkSettings(), description="the neural network")
    combination: CombinationSettings = Field(
        CombinationSettings(), description="booster and network as one"
    )

    def with_tree(self, tree: TreeSettings) -> LearningSettings:
        """Return them with another tree."""
        return self.model_copy(update={"tree": tree})

    @model_validator(mode="after")
    def _enough_learners(self) -> Self:
        named = set(self.learners)
        if len(named) != len(self.learners):
            raise ValueError("a learner is named twice")
        if not {"tree", "boosting"} <= named:
            raise ValueError(
                "tree and boosting cannot be left out: the rules shown are the tree's, the reasons "
                "the booster's"
            )
        if "combination" in named and "network" not in named:
            raise ValueError(
                "there is nothing to combine without the network: leave out combination too"
            )
        return self
