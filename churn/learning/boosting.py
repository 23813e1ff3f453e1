"""LightGBM with fixed rounds, threads and seeds, kept as model text; exact contributions."""

from __future__ import annotations

from functools import cached_property

import lightgbm as lgb
import numpy as np

from churn.evaluation.ranking import BoolArray, FloatArray, IntArray
from churn.learning.contributions import Contributions
from churn.learning.encoding import Matrix
from churn.learning.ensemble import SplitTree, lightgbm_trees
from churn.learning.settings import BoostingSettings


class Boosting:
    """A fitted booster.

    It always lives from its model text, also right after training, so that a reloaded bundle
    gives the same bits.
    """

    def __init__(self, text: str, threads: int) -> None:
        self.text = text
        self.threads = threads
        self._booster = lgb.Booster(model_str=text)
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

    def gain(self) -> FloatArray:
        """Return how much each column lowers the loss over all trees: shape (columns,)."""
        return np.asarray(self._booster.feature_importance("gain"), dtype=np.float64)

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
    begun: Boosting | None = None,
) -> Boosting:
    """Fit a booster on rows of any base rate; the caller repairs its logit.

    Parameters
    ----------
    begun
        A booster to go on from, with the few careful trees of ``settings.correction`` fitted to
        other rows; one model comes of it.
    """
    trees = settings.correction if begun else settings
    parameters = {
        "objective": "binary",
        "num_leaves": trees.leaves,
        "max_depth": settings.max_depth,
        "learning_rate": trees.learning_rate,
        "min_data_in_leaf": trees.min_leaf_rows,
        "feature_fraction": settings.feature_share,
        "bagging_fraction": settings.row_share,
        "bagging_freq": 1 if settings.row_share < 1 else 0,
        "lambda_l2": trees.shrinkage,
        "seed": seed,
        "num_threads": threads,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }
    rows = lgb.Dataset(
        matrix,
        label=outcome.astype(np.float32),
        weight=weight.astype(np.float32),
        params=parameters,
    )
    booster = lgb.train(
        parameters,
        rows,
        num_boost_round=trees.rounds,
        init_model=lgb.Booster(model_str=begun.text) if begun else None,
    )
    return Boosting(booster.model_to_string(), threads)
