"""Folds of a table that is one period: whole groups of it, by the digest of their name."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from churn.draws import uniform
from churn.panel.rows import FOLDS


def fold_of(key: str, seed: int) -> int:
    """Give a whole group to one fold, by the digest of its name.

    Examples
    --------
    >>> fold_of("7590-VHVEG", 1) == fold_of("7590-VHVEG", 1)
    True
    """
    (drawn,) = uniform([f"fold:{seed}:{key}"])
    return int(drawn * FOLDS)


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
