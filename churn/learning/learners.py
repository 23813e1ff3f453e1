"""The learners there are, behind one interface.

A learner fits rows of any base rate and gives raw log-odds; rebalancing, repair and calibration
are the head's business and equal for all. A new learner is a class here and a line in
:func:`learners` and :data:`READERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol, runtime_checkable

from churn.evaluation.ranking import BoolArray, FloatArray
from churn.learning.boosting import Boosting, boost, correct
from churn.learning.encoding import Matrix
from churn.learning.network import Network, train_network
from churn.learning.settings import LearningSettings, RebalancingSettings
from churn.learning.tree import Tree, grow

TREE = "tree"
BOOSTING = "boosting"
NETWORK = "network"
#: Fits no rows itself; see :mod:`churn.learning.combination`.
COMBINATION = "combination"


class Model(Protocol):
    """A fitted learner."""

    def raw_logit(self, matrix: Matrix) -> FloatArray:
        """Return log-odds at the base rate of the rows it was fitted on: shape (n,)."""
        ...

    def to_bytes(self) -> bytes:
        """Write the model without pickling; the same model gives the same bytes."""
        ...


class Learner(Protocol):
    """A way to fit a model."""

    @property
    def rebalancing(self) -> RebalancingSettings:
        """The rebalancing methods compared for this learner."""
        ...

    def fit(self, matrix: Matrix, outcome: BoolArray, weight: FloatArray) -> Model:
        """Fit on training rows."""
        ...


@runtime_checkable
class Correcting(Protocol):
    """A learner that can go on from a model with rows it trusts more."""

    def correct(
        self, model: Model, matrix: Matrix, outcome: BoolArray, weight: FloatArray
    ) -> Model:
        """Return one model: the given one, corrected."""
        ...


@dataclass(frozen=True)
class TreeLearner:
    """Fits the readable tree."""

    settings: LearningSettings

    @property
    def rebalancing(self) -> RebalancingSettings:
        """The rebalancing methods compared for the tree."""
        return self.settings.tree.rebalancing

    def fit(self, matrix: Matrix, outcome: BoolArray, weight: FloatArray) -> Tree:
        """Fit on training rows."""
        return grow(matrix, outcome, weight, self.settings.tree, self.settings.seed)


@dataclass(frozen=True)
class BoostingLearner:
    """Fits the booster."""

    settings: LearningSettings

    @property
    def rebalancing(self) -> RebalancingSettings:
        """The rebalancing methods compared for the booster."""
        return self.settings.boosting.rebalancing

    def fit(self, matrix: Matrix, outcome: BoolArray, weight: FloatArray) -> Boosting:
        """Fit on training rows."""
        return boost(
            matrix,
            outcome,
            weight,
            self.settings.boosting,
            seed=self.settings.seed,
            threads=self.settings.threads,
        )

    def correct(
        self, model: Model, matrix: Matrix, outcome: BoolArray, weight: FloatArray
    ) -> Boosting:
        """Add a few careful trees."""
        if not isinstance(model, Boosting):
            msg = f"a booster corrects boosters, not {type(model).__name__}"
            raise TypeError(msg)
        return correct(
            model, matrix, outcome, weight, self.settings.boosting, seed=self.settings.seed
        )


@dataclass(frozen=True)
class NetworkLearner:
    """Fits the neural network."""

    settings: LearningSettings

    @property
    def rebalancing(self) -> RebalancingSettings:
        """The rebalancing methods compared for the network."""
        return self.settings.network.rebalancing

    def fit(self, matrix: Matrix, outcome: BoolArray, weight: FloatArray) -> Network:
        """Fit on training rows."""
        return train_network(
            matrix,
            outcome,
            weight,
            self.settings.network,
            seed=self.settings.seed,
            threads=self.settings.threads,
        )


def learners(settings: LearningSettings) -> Mapping[str, Learner]:
    """Return every learner that fits rows, by name, in the order in which they are reported.

    Those the settings leave out are absent.
    """
    every: dict[str, Learner] = {
        TREE: TreeLearner(settings),
        BOOSTING: BoostingLearner(settings),
        NETWORK: NetworkLearner(settings),
    }
    return {name: learner for name, learner in every.items() if name in settings.learners}


#: How each learner's model is read back, by name; the number is threads to predict with.
READERS: Mapping[str, Callable[[bytes, int], Model]] = MappingProxyType(
    {
        TREE: lambda content, _threads: Tree.from_bytes(content),
        BOOSTING: Boosting.from_bytes,
        NETWORK: Network.from_bytes,
    }
)

#: The file each learner's model is kept in, by name.
FILES: Mapping[str, str] = MappingProxyType(
    {TREE: "tree.json", BOOSTING: "boosting.txt", NETWORK: "network.npz"}
)
