"""How far a rule of the tree is believed, by what fits that had not seen rows say of it.

Where churners are few, a rule of few rows tells of chance; where they are many, or a pocket of the
table is nearly pure, small rules are right. So the settings' share of rows and its doubles are
tried, each with weak and strong shrinkage towards the rule that is refined; a pair that foretells
rows which no fit had seen better than that of the settings does, by more than noise, is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from churn.evaluation.ranking import FloatArray, IntArray
from churn.learning.bench import Material, Pool, drawn
from churn.learning.encoding import Matrix
from churn.learning.settings import LearningSettings, TreeSettings
from churn.learning.tree import Counts, grow, weighed

ENOUGH = 30
"""Churners in a rule of mean risk from which larger rules are not tried."""

SHRINKAGES = (1.0, 0.1, 3.0, 10.0)
"""What the settings' shrinkage is multiplied by; as it stands first."""
NOISE = 2.0
"""Standard errors by which another pair must be better: it is the best of many."""


def supported(
    material: Material,
    settings: LearningSettings,
    names: tuple[str, ...],
    over: Callable[[], bool],
    plain: FloatArray | None = None,
) -> dict[str, TreeSettings]:
    """Return by choice the tree's settings, with the share and the shrinkage that foretell best.

    Parameters
    ----------
    names
        Of the choices.
    over
        Whether the budget is spent: then the settings stay.
    plain
        What rows would weigh if no campaign had been, as a tree is grown by.
    """
    tree = settings.tree
    as_set = dict.fromkeys(names, tree)
    if not tree.doublings or not material.splits:
        return as_set
    fits = [
        drawn(split.fitted, material.churned, settings.boosting.search, settings.seed)
        for split in material.splits
    ]
    fewest = min(int(np.count_nonzero(material.churned[rows])) for rows in fits)
    pool = Pool(material, names)
    tried: list[TreeSettings] = []
    told: list[FloatArray] = []
    for share in _shares(tree, fewest):
        pairs = [
            tree.model_copy(update={"min_leaf_share": share, "shrinkage": times * tree.shrinkage})
            for times in SHRINKAGES
        ]
        told += _told(material, plain, pool, fits, pairs, settings)
        tried += pairs
        if over():
            return as_set
    return {
        name: tried[_taken(pool, name, [each[pool.rows[name]] for each in told])] for name in names
    }


def _taken(pool: Pool, name: str, told: Sequence[FloatArray]) -> int:
    """Return the place of the least log loss, or 0 where that is better by noise alone."""
    losses = [pool.loss(name, each) for each in told]
    best = int(np.argmin(losses))
    better = losses[0] - losses[best]
    return best if better > NOISE * pool.noise(name, told[0], told[best]) else 0


def _told(
    material: Material,
    plain: FloatArray | None,
    pool: Pool,
    fits: Sequence[IntArray],
    pairs: Sequence[TreeSettings],
    settings: LearningSettings,
) -> list[FloatArray]:
    """Return the pooled rows' log-odds by trees of one share that had not seen them, by pair."""
    told = [np.empty(len(pool)) for _ in pairs]

    def ask(rows: IntArray, place: slice, asked: Matrix) -> None:
        fitted = (material.matrix[rows], material.churned[rows], material.fitting[rows])
        tree = grow(*fitted, pairs[0], settings.seed, plain=None if plain is None else plain[rows])
        counts, leaf = Counts.of(tree, *fitted), tree.node(asked)
        for each, pair in zip(told, pairs, strict=True):
            each[place] = weighed(tree, counts, pair.shrinkage).logit[leaf]

    with ThreadPoolExecutor(settings.threads) as workers:
        list(workers.map(ask, fits, pool.places, pool.asked))
    return told


def _shares(settings: TreeSettings, churners: int) -> list[float]:
    """Return the shares worth a look: the settings', and its doubles while rules hold too few."""
    shares = [settings.min_leaf_share]
    for _ in range(settings.doublings):
        double = 2 * shares[-1]
        if shares[-1] * churners >= ENOUGH or double * settings.max_leaves > 1:
            break
        shares.append(double)
    return shares
