"""Boosted trees with fixed threads and seeds, kept as LightGBM's model text; exact contributions.

A booster is the average of a few, differently bold and of different shapes of trees, whose leaves
are scaled by their member's share: so it is one ensemble again, and its contributions are as exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any

import numpy as np

from churn.evaluation.ranking import BoolArray, FloatArray, IntArray
from churn.frozen import Frozen
from churn.late import Late
from churn.learning import catboost_trees
from churn.learning.contributions import Contributions
from churn.learning.encoding import Matrix
from churn.learning.ensemble import SplitTree, lightgbm_trees, moved
from churn.learning.settings import BoostingSettings, Capacity, Method

lgb = Late("lightgbm")

#: Values a feature is told apart by, at most: a histogram of fewer is summed faster.
BINS = 63


class Member(Frozen):
    """One booster of an average, its share in it, and how many seeds it is fitted with."""

    capacity: Capacity
    share: float
    seeds: int = 1


def members_of(average: Sequence[Member], method: Method) -> tuple[Member, ...]:
    """Return what a booster on rebalanced rows is an average of: the largest member alone.

    Rebalancing is compared to be told, hardly ever to be taken: that is worth no more time.
    """
    if method == "none" or not average:
        return tuple(average)
    largest = max(average, key=lambda member: member.share)
    return (Member(capacity=largest.capacity, share=1.0),)


class Boosting:
    """A fitted booster.

    It always lives from its model text, also right after training, so that a reloaded bundle
    gives the same bits.
    """

    def __init__(self, text: str, threads: int) -> None:
        self.text = text
        self.threads = threads
        self._booster = read(text)
        self._explained: tuple[IntArray, Contributions] | None = None

    def raw_logit(self, matrix: Matrix) -> FloatArray:
        """Return the raw log-odds: shape (n,)."""
        if not len(matrix):
            return np.zeros(0)
        raw = self._booster.predict(matrix, raw_score=True, num_threads=self.threads)
        return np.asarray(raw, dtype=np.float64)

    @cached_property
    def trees(self) -> tuple[SplitTree, ...]:
        """The trees as arrays."""
        return lightgbm_trees(self.text)

    def contributions(self, matrix: Matrix, groups: IntArray | None = None) -> FloatArray:
        """Return what each column, or group of columns, adds to the raw log-odds; the base last.

        Parameters
        ----------
        groups
            Shape (columns,): see :class:`~churn.learning.contributions.Contributions`. Each column
            is its own without.

        Returns
        -------
        ndarray
            Shape (n, groups + 1): exact Shapley values along the trees' paths; each row sums
            to its raw log-odds.
        """
        of = np.arange(matrix.shape[1], dtype=np.int64) if groups is None else groups
        if self._explained is None or not np.array_equal(self._explained[0], of):
            self._explained = of, Contributions(self.trees, of)  # tables cost as much as some rows
        return self._explained[1].of(matrix, self.threads)

    def importance(self) -> FloatArray:
        """Return how far the splits on each column move the log-odds: shape (columns,)."""
        return moved(self.trees, self._booster.num_feature())

    def to_bytes(self) -> bytes:
        """Write LightGBM's model text."""
        return self.text.encode()

    @classmethod
    def from_bytes(cls, content: bytes, threads: int) -> Boosting:
        """Read what :meth:`to_bytes` wrote.

        Raises
        ------
        ValueError
            If it is no model text.
        """
        try:
            return cls(content.decode(), threads)
        except lgb.basic.LightGBMError as error:
            raise ValueError("no model text of LightGBM") from error


def boost(
    matrix: Matrix,
    outcome: BoolArray,
    weight: FloatArray,
    settings: BoostingSettings,
    *,
    seed: int,
    threads: int,
    members: Sequence[Member] = (),
    begun: Boosting | None = None,
) -> Boosting:
    """Fit a booster on rows of any base rate; the caller repairs its logit.

    Parameters
    ----------
    members
        What it is an average of; without any it has the capacity of ``settings``.
    begun
        A booster to go on from, with the few careful trees of ``settings.correction`` fitted to
        other rows; one model comes of it.
    """
    if begun:
        rows = dataset(matrix, outcome, weight, settings)
        careful = parameters(Capacity(**dict(settings.correction)), settings, seed, threads)
        booster = lgb.train(
            careful,
            rows,
            num_boost_round=settings.correction.rounds,
            init_model=read(begun.text),
        )
        return Boosting(booster.model_to_string(), threads)
    whole = members or [Member(capacity=settings, share=1.0)]
    averaged = [member for member in whole for _ in range(member.seeds)]
    if any(member.capacity.shape == "leafwise" for member in averaged):
        rows = dataset(matrix, outcome, weight, settings).construct()

    def text_of(number: int) -> str:
        capacity = averaged[number].capacity
        if capacity.shape != "leafwise":
            return catboost_trees.grow(
                matrix, outcome, weight, capacity, settings, seed=seed + number
            )
        booster = lgb.Booster(parameters(capacity, settings, seed + number, 1), rows)
        for _ in range(capacity.rounds):
            booster.update()
        return str(booster.model_to_string())

    # One thread a member: none waits for another, and how many there are changes no sum.
    with ThreadPoolExecutor(threads) as pool:
        texts = list(pool.map(text_of, range(len(averaged))))
    shares = [member.share / member.seeds for member in averaged]
    return Boosting(averaged_text(texts, shares), threads)


def dataset(
    matrix: Matrix, outcome: BoolArray, weight: FloatArray, settings: BoostingSettings
) -> Any:
    """Return rows in bins, for boosters of whatever capacity."""
    return lgb.Dataset(
        matrix,
        label=outcome.astype(np.float32),
        weight=weight.astype(np.float32),
        params=parameters(settings, settings, seed=0, threads=1),
    )


def parameters(
    capacity: Capacity, settings: BoostingSettings, seed: int, threads: int
) -> dict[str, object]:
    """Return LightGBM's parameters for trees that grow leaf by leaf."""
    return {
        "objective": "binary",
        "num_leaves": capacity.leaves,
        "max_depth": settings.max_depth,
        "learning_rate": capacity.learning_rate,
        "min_data_in_leaf": capacity.min_leaf_rows,
        "feature_fraction": capacity.feature_share,
        "bagging_fraction": settings.row_share,
        "bagging_freq": 1 if settings.row_share < 1 else 0,
        "lambda_l2": capacity.shrinkage,
        "max_bin": BINS,
        "feature_pre_filter": False,
        "seed": seed,
        "num_threads": threads,
        "deterministic": True,
        "force_col_wise": True,
        "verbosity": -1,
    }


def quiet() -> None:
    """Have LightGBM say nothing in this thread: how loud it is, is each thread's own."""
    lgb.Dataset(np.zeros((2, 1), dtype=np.float32), params={"verbosity": -1}).construct()


def averaged(models: Sequence[Boosting]) -> Boosting:
    """Return one booster whose log-odds are the mean of several boosters'."""
    share = 1 / len(models)
    text = averaged_text([model.text for model in models], [share] * len(models))
    return Boosting(text, models[0].threads)


_TREE, _END = "Tree=", "end of trees"
_SCALED = ("leaf_value=", "internal_value=")


def averaged_text(texts: Sequence[str], shares: Sequence[float]) -> str:
    """Return the model text of a weighted average of models of the same columns.

    Its trees are those of all models, with leaves and inner values scaled by the model's share.
    """
    if len(texts) == 1:
        return texts[0]
    trees: list[str] = []
    for text, share in zip(texts, shares, strict=True):
        body = text[text.index(_TREE) : text.index(_END)]
        for tree in body.split(_TREE)[1:]:
            lines = tree.split("\n")[1:]
            scaled = [_times(line, share) if line.startswith(_SCALED) else line for line in lines]
            trees.append("\n".join([f"{_TREE}{len(trees)}", *scaled]))
    head, tail = texts[0][: texts[0].index(_TREE)], texts[0][texts[0].index(_END) :]
    sizes = " ".join(str(len(tree.encode())) for tree in trees)
    lines = [f"tree_sizes={sizes}" if line.startswith("tree_sizes=") else line
             for line in head.split("\n")]  # fmt: skip
    whole = read("\n".join(lines) + "".join(trees) + tail)
    return str(whole.model_to_string())


def read(text: str) -> Any:
    """Return LightGBM's booster of a model text."""
    booster = lgb.Booster(model_str=text)
    quiet()  # reading a model sets the thread's loudness back
    return booster


def _times(line: str, share: float) -> str:
    name, values = line.split("=")
    return f"{name}=" + " ".join(repr(float(value) * share) for value in values.split())
