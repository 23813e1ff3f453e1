"""How far a rule is believed follows from what rules of few rows foretell."""

import numpy as np
import pytest

from churn.learning.bench import ALL, Material, Question, Split
from churn.learning.evidence import supported
from churn.learning.settings import LearningSettings

ROWS, FOLDS = 4000, 3
LEAST = 0.005
SETTINGS = LearningSettings(threads=1, tree={"min_leaf_share": LEAST, "max_leaves": 16})


def _material(churned, matrix):
    rows, ones = np.arange(ROWS), np.ones(ROWS)
    fold = rows % FOLDS
    splits = tuple(Split(rows[fold != one], (Question(rows[fold == one]),)) for one in range(FOLDS))
    return Material(matrix.astype(np.float32), churned, ones, ones, rows, splits)


def _scattered(rate=0.04):
    """Return a weak slope among features that tell nothing: small rules tell of chance."""
    source = np.random.default_rng(1)
    matrix = source.normal(size=(ROWS, 40))
    return _material(source.random(ROWS) < rate * np.exp(matrix[:, 0]), matrix)


def _pockets():
    """Return narrow pockets in which nearly everybody leaves."""
    source = np.random.default_rng(2)
    matrix = source.uniform(size=(ROWS, 4))
    pocket = (np.mod(matrix[:, 0], 0.2) < 0.012) | (matrix[:, 1] < 0.012)
    return _material(source.random(ROWS) < np.where(pocket, 0.95, 0.02), matrix)


def _chosen(material, settings=SETTINGS, over=lambda: False, names=(ALL,)):
    trees = supported(material, settings, names, over)
    return {name: (tree.min_leaf_share, tree.shrinkage) for name, tree in trees.items()}


def test_rules_of_few_churners_are_refused_where_they_tell_of_chance():
    """The share is doubled as often as it may be, or rules keep close to what they refine."""
    share, shrinkage = _chosen(_scattered())[ALL]
    assert share == 4 * LEAST
    assert shrinkage >= 30


def test_small_rules_stay_where_they_are_true():
    """A pocket smaller than the doubled share would be torn open by it, and drawn to the rest."""
    assert _chosen(_pockets()) == {ALL: (LEAST, 1)}


@pytest.mark.parametrize(
    ("tree", "spent"),
    [({"doublings": 0}, False), ({"min_leaf_share": 0.3}, False), ({}, True)],
    ids=["fixed", "enough churners", "no budget left"],
)
def test_the_settings_stay(tree, spent):
    """Where it is fixed, holds enough churners as it is, or no time is left to try another."""
    settings = SETTINGS.model_copy(update={"tree": SETTINGS.tree.model_copy(update=tree)})
    tree = settings.tree
    chosen = _chosen(_scattered(), settings, lambda: spent)[ALL]
    if tree.min_leaf_share > LEAST:  # large enough as it is: shrinkage alone is looked for
        assert chosen[0] == tree.min_leaf_share
    else:
        assert chosen == (tree.min_leaf_share, tree.shrinkage)


def test_each_choice_rests_on_what_informs_it():
    """A choice that only the scattered half informs takes larger rules than one that pockets do."""
    scattered, pockets = _scattered(), _pockets()
    rows = np.arange(ROWS)
    matrix = np.zeros((2 * ROWS, 44))
    matrix[:ROWS, :40], matrix[ROWS:, 40:] = scattered.matrix, pockets.matrix
    churned, ones = np.concatenate([scattered.churned, pockets.churned]), np.ones(2 * ROWS)
    splits = tuple(
        Split(
            start + rows[rows % FOLDS != one],
            (Question(start + rows[rows % FOLDS == one], frozenset([name])),),
        )
        for name, start in (("scattered", 0), ("pockets", ROWS))
        for one in range(FOLDS)
    )
    whole = Material(matrix.astype(np.float32), churned, ones, ones, np.arange(2 * ROWS), splits)
    chosen = _chosen(whole, names=(ALL, "scattered", "pockets"))
    assert chosen["scattered"][0] == 4 * LEAST
    assert chosen["pockets"] == (LEAST, 1)
