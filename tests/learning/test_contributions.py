"""Contributions from tables are Shapley's values along the trees' paths, to the last digits."""

from dataclasses import replace
from itertools import combinations
from math import factorial

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn.learning import contributions
from churn.learning.contributions import Contributions
from churn.learning.ensemble import Split, SplitTree, lightgbm_trees, moved


def _rows(seed, count, columns):
    """Return columns of many kinds, one constant; a tenth of the values is missing."""
    generator = np.random.default_rng(seed)
    rows = generator.normal(size=(count, columns)).astype(np.float32)
    rows[:, 1] = generator.integers(0, 70, count)
    rows[:, 2] = np.round(rows[:, 2])
    rows[generator.random((count, columns)) < 0.1] = np.nan
    rows[:, -1] = 1
    return rows


def _boosted(seed, columns=5, categorical=(), **parameters):
    rows = _rows(seed, 400, columns)
    known = np.nan_to_num(rows)
    logit = known[:, 0] + 2 * (known[:, 1] % 7 < 3) - known[:, 2] * known[:, 0] - 1
    outcome = np.random.default_rng(seed + 1).random(len(rows)) < 1 / (1 + np.exp(-logit))
    return lgb.train(
        {
            "objective": "binary", "num_leaves": 10, "max_depth": 6, "min_data_in_leaf": 3,
            "learning_rate": 0.2, "num_threads": 1, "seed": seed, "verbosity": -1, **parameters,
        },
        lgb.Dataset(rows, outcome.astype(np.float32), categorical_feature=list(categorical)),
        8,
    )  # fmt: skip


def _strange(seed, columns=5):
    """Rows with what training never saw: other categories, zeros, everything missing."""
    rows = _rows(seed, 300, columns)
    rows[:20, 1], rows[20:40, 1], rows[40:60, 1] = -3, 5.7, 1000
    rows[60:80], rows[80:100, 0] = np.nan, 0
    return rows


def _own(booster, rows, groups=None):
    trees = lightgbm_trees(booster.model_to_string())
    return Contributions(trees, np.arange(rows.shape[1]) if groups is None else groups).of(rows)


@settings(deadline=None, max_examples=20)
@given(
    seed=st.integers(0, 10_000),
    leaves=st.integers(2, 24),
    depth=st.integers(1, 9),
    missing=st.sampled_from([{}, {"zero_as_missing": True}, {"use_missing": False}]),
    categorical=st.sampled_from([(), (1,), (1, 2)]),
)
def test_they_are_those_of_lightgbm(seed, leaves, depth, missing, categorical):
    """Whatever counts as missing, categories and depths beyond a cluster's questions included."""
    categorical = () if missing else categorical
    booster = _boosted(seed, 5, categorical, num_leaves=leaves, max_depth=depth, **missing)
    rows = _strange(seed + 2)
    added = _own(booster, rows)
    np.testing.assert_allclose(added, booster.predict(rows, pred_contrib=True), atol=1e-9)
    np.testing.assert_allclose(added.sum(axis=1), booster.predict(rows, raw_score=True), atol=1e-9)


def _expected(tree, row, known, node=0):
    """Return the tree's mean over training rows where only the known columns are those of a row."""
    if node < 0:
        return tree.value[~node]
    split = tree.splits[node]
    below = tree.left[node], tree.right[node]
    if split.column in known:
        left = bool(split.goes_left(row[[split.column]])[0])
        return _expected(tree, row, known, below[0 if left else 1])
    covers = [_covered(tree, at) for at in below]
    values = [_expected(tree, row, known, at) for at in below]
    return float(np.dot(covers, values) / sum(covers))


def _covered(tree, node):
    if node < 0:
        return tree.leaf_cover[~node]
    return _covered(tree, tree.left[node]) + _covered(tree, tree.right[node])


def test_moves_are_means_of_what_splits_set_rows_apart_by():
    """By hand: 30 rows at -1 and 10 at 3 lie 1.5 from their mean; a share of a tree is a share."""
    split = Split(1, 0.5, missing_left=True)
    tree = SplitTree((split,), (~0,), (~1,), np.array([-1.0, 3]), np.array([30.0, 10]))
    half = replace(tree, value=tree.value / 2)
    alone = SplitTree((), (), (), np.array([0.25]), np.ones(1))
    np.testing.assert_allclose(moved([tree, half, alone], 3), [0, 1.5 + 0.75, 0])


def test_they_are_shapleys_values():
    """Over all coalitions of columns, as the definition has it; trees weighed and added up."""
    one = SplitTree(
        (
            Split(0, 0.5, missing_left=True),
            Split(1, 2.0, missing_left=False),
            Split(0, -1.0, missing_left=False),
            Split(2, np.nan, missing_left=False, categories=frozenset({1, 40})),
        ),
        (1, 2, ~0, ~2), (3, ~1, ~4, ~3), np.array([1.0, -2, 0.5, 3, 7]),
        np.array([10.0, 30, 5, 20, 35]),
    )  # fmt: skip
    two = SplitTree(
        (Split(2, 0.0, missing_left=True, zero_missing=True),),
        (~0,),
        (~1,),
        np.array([2.0, -1]),
        np.ones(2),
    )
    none = SplitTree((), (), (), np.array([0.25]), np.ones(1))
    rows = np.array(
        [[0.2, 1, 40], [0.7, 3, 1], [np.nan, np.nan, 0], [-2, 2, -1], [9, 9, np.nan]],
        dtype=np.float32,
    )
    trees, weights = (one, two, none), (1.0, 0.5, 2.0)
    owed = Contributions(trees, [0, 1, 2], weights).of(rows)

    def worth(row, known):
        return sum(
            w * _expected(tree, row, known, 0 if tree.splits else ~0)
            for tree, w in zip(trees, weights, strict=True)
        )

    for row, found in zip(rows, owed, strict=True):
        for column in range(3):
            others = [other for other in range(3) if other != column]
            value = sum(
                factorial(size) * factorial(2 - size) / 6
                * (worth(row, {*some, column}) - worth(row, set(some)))
                for size in range(3)
                for some in combinations(others, size)
            )  # fmt: skip
            assert found[column] == pytest.approx(value, abs=1e-12)
        assert found.sum() == pytest.approx(worth(row, {0, 1, 2}), abs=1e-12)


def test_groups_add_up_their_columns():
    """A group's contribution is the sum of its columns', without computing each."""
    booster, rows = _boosted(3), _strange(4)
    whole = _own(booster, rows)
    grouped = _own(booster, rows, [1, 0, 1, 2, 0])
    together = np.column_stack(
        [whole[:, [1, 4]].sum(axis=1), whole[:, [0, 2]].sum(axis=1), whole[:, 3], whole[:, 5]]
    )
    np.testing.assert_allclose(grouped, together, atol=1e-12)


def test_a_row_is_told_alike_whatever_stands_beside_it(monkeypatch):
    """Bits do not change with the batch, its size or the threads."""
    rows = _strange(5)
    of = Contributions(lightgbm_trees(_boosted(5).model_to_string()), np.arange(5))
    whole = of.of(rows)
    monkeypatch.setattr(contributions, "ROWS", 7)
    np.testing.assert_array_equal(of.of(rows, threads=2), whole)
    np.testing.assert_array_equal(of.of(rows[100:103]), whole[100:103])
    assert of.of(rows[:0]).shape == (0, 6)


def test_trees_without_exact_contributions_are_refused():
    """Neither averaged forests, linear leaves nor boundless depth pass for what they are not."""
    forest = _boosted(6, boosting="rf", bagging_freq=1, bagging_fraction=0.5, feature_fraction=0.5)
    with pytest.raises(ValueError, match="averaged"):
        lightgbm_trees(forest.model_to_string())
    linear = _boosted(6, linear_tree=True)
    with pytest.raises(ValueError, match="linear"):
        lightgbm_trees(linear.model_to_string())
    depth = contributions.MOST_QUESTIONS + 1
    chain = SplitTree(
        tuple(Split(0, float(-at), missing_left=False) for at in range(depth)),
        (*range(1, depth), ~0), tuple(~at for at in range(1, depth + 1)),
        np.arange(depth + 1.0), np.ones(depth + 1),
    )  # fmt: skip
    with pytest.raises(ValueError, match="17 questions deep"):
        Contributions([chain], [0])
