"""How many rows a rule of the tree must hold, by what fits that had not seen rows say of it.

Where churners are few, a rule of few rows tells of chance; where they are many, or a pocket of the
table is nearly pure, small rules are right. So the settings' share and its doubles are tried, and
the one with the least log loss of rows that no fit had seen is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from churn.evaluation.ranking import FloatArray, IntArray
from churn.learning.bench import Material, Pool, drawn
from churn.learning.encoding import Matrix
from churn.learning.settings import LearningSettings, TreeSettings
from churn.learning.tree import grow

ENOUGH = 30
"""Churners in a rule of mean risk from which larger rules are not tried."""


def leaf_shares(
    material: Material,
    settings: LearningSettings,
    names: tuple[str, ...],
    over: Callable[[], bool],
) -> dict[str, float]:
    """Return by choice the least share of rows in a rule.

    Parameters
    ----------
    names
        Of the choices.
    over
        Whether the budget is spent: then the settings' share stays.
    """
    tree, seed = settings.tree, settings.seed
    least = dict.fromkeys(names, tree.min_leaf_share)
    if not tree.doublings or not material.splits:
        return least
    fits = [
        drawn(split.fitted, material.churned, settings.boosting.search, seed)
        for split in material.splits
    ]
    tried = _tried(tree, min(int(np.count_nonzero(material.churned[rows])) for rows in fits))
    if len(tried) == 1:
        return least
    pool = Pool(material, names)
    losses: dict[str, list[float]] = {name: [] for name in names}
    for share in tried:
        told = _told(material, pool, fits, settings.with_leaf_share(share))
        if over():
            return least
        for name, rows in pool.rows.items():
            losses[name].append(pool.loss(name, told[rows]))
    return {name: tried[int(np.argmin(losses[name]))] for name in names}


def _told(
    material: Material, pool: Pool, fits: Sequence[IntArray], settings: LearningSettings
) -> FloatArray:
    """Return the pooled rows' log-odds by trees that had not seen them."""
    told = np.empty(len(pool))

    def ask(rows: IntArray, place: slice, asked: Matrix) -> None:
        fitted = (material.matrix[rows], material.churned[rows], material.fitting[rows])
        told[place] = grow(*fitted, settings.tree, settings.seed).raw_logit(asked)

    with ThreadPoolExecutor(settings.threads) as workers:
        list(workers.map(ask, fits, pool.places, pool.asked))
    return told


def _tried(settings: TreeSettings, churners: int) -> list[float]:
    """Return the shares worth a look: the settings', and its doubles while rules hold too few."""
    shares = [settings.min_leaf_share]
    for _ in range(settings.doublings):
        double = 2 * shares[-1]
        if shares[-1] * churners >= ENOUGH or double * settings.max_leaves > 1:
            break
        shares.append(double)
    return shares
