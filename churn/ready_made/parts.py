"""Folds of a table: whole groups of it, with alike shares of the outcome."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from churn.draws import uniform
from churn.panel.rows import FOLDS


def folds_of(
    keys: npt.NDArray[np.object_], churned: npt.NDArray[np.bool_], seed: int
) -> npt.NDArray[np.int64]:
    """Deal whole groups to folds, those alike in rows and outcomes in turn: shape (n,).

    So folds have alike shares of the outcome, which on small tables chance alone would not give
    them. Whose turn it is follows from the digest of the group's name, never from the order of
    rows.

    Parameters
    ----------
    keys
        Shape (n,): the group of each row.
    churned
        Shape (n,).

    Examples
    --------
    >>> keys = np.array(["a", "a", "b", "c", "d", "e", "f"], dtype=object)
    >>> folds = folds_of(keys, np.array([1, 0, 1, 0, 0, 0, 0], dtype=bool), seed=1)
    >>> bool(folds[0] == folds[1]), len(set(folds))
    (True, 5)
    """
    names, group = np.unique(keys.astype(str), return_inverse=True)
    drawn = uniform(f"fold:{seed}:{name}" for name in names)
    rows, events = np.bincount(group), np.bincount(group, churned)
    order = np.lexsort((drawn, events, -rows))
    fold = np.empty(len(names), dtype=np.int64)
    fold[order] = np.arange(len(names)) % FOLDS
    return fold[group]


def population_weight(
    churned: npt.NDArray[np.bool_], fold: npt.NDArray[np.int64], base_rate: float
) -> npt.NDArray[np.float64]:
    """Weigh rows by R/tau and (1-R)/(1-tau), tau being the share in the row's fold.

    Whoever resampled by outcome fixed the share; by how much a fold deviates from it is luck and
    says nothing about R, so every fold is weighed to R itself.
    """
    weight = np.ones(len(churned))
    for number in np.unique(fold):
        inside = fold == number
        share = float(churned[inside].mean())
        if 0 < share < 1:
            odds = np.where(churned, base_rate / share, (1 - base_rate) / (1 - share))
            weight[inside] = odds[inside]
    return weight
