"""The learners there are, behind one interface.

A learner fits rows of any base rate and gives raw log-odds; rebalancing, repair and calibration
are the head's business and equal for all. A new learner is a line in :func:`learners`,
:data:`READERS` and :data:`FILES`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Any, Protocol, TypeAlias, get_args

from churn.evaluation.ranking import BoolArray, FloatArray
from churn.learning.boosting import Boosting, Member, averaged, boost
from churn.learning.encoding import Matrix
from churn.learning.network import Network, train_network
from churn.learning.settings import ENSEMBLES, LearningSettings, Method, RebalancingSettings
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


Corrects: TypeAlias = Callable[[Model, Matrix, BoolArray, FloatArray], Model]


@dataclass(frozen=True)
class Learner:
    """A way to fit a model.

    Attributes
    ----------
    rebalancing
        The rebalancing methods compared for it.
    fit
        Fits features, outcomes and weights of training rows. That of a learner that cannot be
        corrected takes ``plain``, too: their weights if no campaign had been, where some was.
    correct
        Goes on from a model of its own with rows it trusts more: one model comes of it. None for
        a learner that cannot.
    average
        Makes one model of several of its own, their log-odds averaged. None for a learner that
        cannot.
    """

    rebalancing: RebalancingSettings
    fit: Callable[..., Model]
    correct: Corrects | None = None
    average: Callable[[Sequence[Any]], Model] | None = None


def learners(settings: LearningSettings, members: Sequence[Member] = ()) -> Mapping[str, Learner]:
    """Return every learner that fits rows, by name, in the order in which they are reported.

    Those the settings leave out are absent.

    Parameters
    ----------
    members
        What the booster is an average of; without any it has the capacity of the settings.
    """
    tree, boosting, network = settings.tree, settings.boosting, settings.network
    seed, threads = settings.seed, settings.threads
    boosted = partial(boost, settings=boosting, seed=seed, threads=threads, members=members)
    trained = partial(train_network, settings=network, seed=seed, threads=threads)

    def goes_on(kind: type[Model], fit: Callable[..., Model]) -> Corrects:
        def corrected(
            model: Model, matrix: Matrix, outcome: BoolArray, weight: FloatArray
        ) -> Model:
            if not isinstance(model, kind):
                raise TypeError(f"no {kind.__name__} to go on from: {type(model).__name__}")
            return fit(matrix, outcome, weight, begun=model)

        return corrected

    every = {
        TREE: Learner(tree.rebalancing, partial(grow, settings=tree, seed=seed)),
        BOOSTING: Learner(boosting.rebalancing, boosted, goes_on(Boosting, boosted), averaged),
        NETWORK: Learner(network.rebalancing, trained, goes_on(Network, trained)),
    }
    if settings.laboratory:
        every = {name: _under_all(learner) for name, learner in every.items()}
    return {name: learner for name, learner in every.items() if name in settings.learners}


def _under_all(learner: Learner) -> Learner:
    """Compare every rebalancing that a learner can be given."""
    methods = [each for each in get_args(Method) if learner.average or each not in ENSEMBLES]
    compared = learner.rebalancing.model_copy(update={"methods": tuple(methods)})
    return replace(learner, rebalancing=compared)


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
