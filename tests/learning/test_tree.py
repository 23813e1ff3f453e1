"""The tree as arrays gives what scikit-learn gives, missing values included."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.tree import DecisionTreeClassifier

from churn.learning.settings import TreeSettings
from churn.learning.tree import (
    LEEWAY,
    Tree,
    exported,
    grow,
    shortened,
    shortest_between,
)


def _world(seed, n=600, missing=0.2):
    generator = np.random.default_rng(seed)
    matrix = generator.normal(size=(n, 4)).astype(np.float32)
    matrix[:, 1] = generator.integers(0, 4, n)
    outcome = generator.random(n) < 1 / (1 + np.exp(2 - matrix[:, 0] - matrix[:, 1]))
    # column 2 is missing more often for churners, so that missingness itself is split on
    matrix[generator.random(n) < np.where(outcome, 3 * missing, missing), 2] = np.nan
    return matrix, outcome


@given(st.integers(0, 30), st.sampled_from([0.0, 0.25]))
def test_arrays_equal_scikit_learn(seed, missing):
    """Every row, also unseen ones with missing values anywhere, ends in the same leaf."""
    matrix, outcome = _world(seed, missing=missing)
    fitted = DecisionTreeClassifier(max_leaf_nodes=12, random_state=0).fit(matrix, outcome)
    tree = exported(fitted)
    np.testing.assert_array_equal(tree.node(matrix), fitted.apply(matrix))
    generator = np.random.default_rng(seed + 1)
    unseen = generator.normal(size=(300, 4)).astype(np.float32)
    if missing:
        unseen[generator.random(300) < 0.3, 2] = np.nan
    np.testing.assert_array_equal(tree.node(unseen), fitted.apply(unseen))


@given(st.integers(0, 30))
def test_short_thresholds_move_few_rows(seed):
    """At each node at most the leeway of the smaller branch changes sides."""
    matrix, outcome = _world(seed)
    fitted = DecisionTreeClassifier(max_leaf_nodes=2, random_state=0).fit(matrix, outcome)
    before, after = exported(fitted).node(matrix), shortened(exported(fitted), matrix).node(matrix)
    smaller = np.bincount(before)[1:].min()
    assert np.count_nonzero(before != after) <= LEEWAY * smaller
    assert len(np.unique(after)) == 2


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e3))
def test_a_shortest_decimal_lies_in_its_gap(low, width):
    """The threshold sends the left value left and the right value right."""
    if low + width > low:
        assert low <= shortest_between(low, low + width) < low + width


def test_leaves_are_drawn_to_what_they_refine_and_numbered_by_risk():
    """Rule 1 is the riskiest; its log-odds are the mode under a prior around those of the whole."""
    matrix = np.array([[0]] * 90 + [[1]] * 10, dtype=np.float32)
    outcome = np.array([False] * 88 + [True] * 2 + [True] * 6 + [False] * 4)
    tree = grow(matrix, outcome, np.ones(100), TreeSettings(shrinkage=2), seed=0)
    rule = tree.rule_of(np.array([[1], [0]], dtype=np.float32))
    assert rule.tolist() == [1, 2]
    logit = tree.raw_logit(np.array([[1], [0]], dtype=np.float32))
    chance, away = 1 / (1 + np.exp(-logit)), logit - np.log(8 / 92)
    # where the slope of log-likelihood and prior is 0
    assert np.array([6, 2]) - np.array([10, 90]) * chance == pytest.approx(2 * away, abs=1e-9)
    assert chance[0] < 6 / 10
    assert chance[1] > 2 / 90


def test_shrinkage_counts_churners():
    """As many churners as the prior counts for take a rare rule half of its way, in log-odds."""
    matrix = np.repeat([0, 1], [900_000, 100_000]).astype(np.float32)[:, None]
    outcome = np.zeros(len(matrix), dtype=np.bool_)
    outcome[:890], outcome[-110:] = True, True
    tree = grow(matrix, outcome, np.ones(len(matrix)), TreeSettings(shrinkage=105), seed=0)
    whole, alone = np.log(1_000 / 999_000), np.log(110 / 99_890)
    drawn = tree.raw_logit(np.array([[1]], dtype=np.float32))[0]
    assert (drawn - whole) / (alone - whole) == pytest.approx(0.5, abs=0.01)


@given(st.integers(0, 30), st.sampled_from([0.25, 2.0, 64.0]))
def test_weights_scale_away(seed, times):
    """Only how weights compare counts: shrinkage is in churners of mean weight."""
    matrix, outcome = _world(seed)
    weight = np.where(outcome, 1.0, 3.0)
    one, other = (
        grow(matrix, outcome, each, TreeSettings(max_leaves=6), seed=0).raw_logit(matrix)
        for each in (weight, weight * times)
    )
    assert one == pytest.approx(other, abs=1e-6)


def test_who_weighs_nothing_is_no_churner():
    """The treated, who weigh nothing, move neither rates nor what a churner counts."""
    matrix, outcome = _world(4)
    weight = np.ones(len(matrix))
    one, other = (
        grow(rows, left, mass, TreeSettings(max_leaves=2, shrinkage=50), seed=0).raw_logit(matrix)
        for rows, left, mass in (
            (matrix, outcome, weight),
            (
                np.concatenate([matrix, matrix[outcome]]),
                np.concatenate([outcome, outcome[outcome]]),
                np.concatenate([weight, np.zeros(outcome.sum())]),
            ),
        )
    )
    assert one == pytest.approx(other)


def test_one_heavy_row_does_not_choose_the_question():
    """Few that stand for many count by the root of it, and as they are in what the rules say."""
    generator = np.random.default_rng(4)
    matrix = generator.integers(0, 2, (2000, 2)).astype(np.float32)
    outcome = generator.random(2000) < np.where(matrix[:, 0] == 1, 0.3, 0.1)
    heavy = outcome & (np.cumsum(outcome) % 40 == 0)
    matrix[heavy] = (0, 1)
    weight = np.where(heavy, 60.0, 1.0)
    settings = TreeSettings(max_leaves=2, min_leaf_share=0.01, shrinkage=1e-6)
    tree = grow(matrix, outcome, weight, settings, seed=0, plain=np.ones(2000))
    assert tree.feature[0] == 0
    by_weight = DecisionTreeClassifier(criterion="log_loss", max_leaf_nodes=2, random_state=0)
    assert by_weight.fit(matrix, outcome, sample_weight=weight).tree_.feature[0] == 1
    for side in (0, 1):
        there = matrix[:, 0] == side
        odds = weight[there & outcome].sum() / weight[there & ~outcome].sum()
        np.testing.assert_allclose(tree.raw_logit(matrix[there]), np.log(odds), atol=1e-4)


def test_stayers_of_a_thinned_panel_count_in_full():
    """Rows that stand for others by draw alone are no campaign's: they choose as all would."""
    generator = np.random.default_rng(5)
    matrix = generator.integers(0, 2, (100_000, 2)).astype(np.float32)
    # the first feature tells who leaves, the second who leaves for the other cause
    left = generator.random(100_000) < np.where(matrix[:, 0] == 1, 0.033, 0.027)
    otherwise = ~left & (generator.random(100_000) < 0.3 * matrix[:, 1])
    drawn = left | otherwise | (generator.random(100_000) < 0.1)
    weight = np.where(left | otherwise, 1.0, 10.0)[drawn]
    rows = (matrix[drawn], left[drawn], weight, TreeSettings(max_leaves=2))
    whole = grow(matrix, left, np.ones(100_000), TreeSettings(max_leaves=2), seed=0)
    assert whole.feature[0] == 0
    for plain in (None, weight):
        assert grow(*rows, seed=0, plain=plain).feature[0] == 0
    assert grow(*rows, seed=0, plain=np.ones(len(weight))).feature[0] == 1


def test_a_pure_leaf_has_finite_log_odds():
    """No churner in a leaf is no certainty."""
    matrix = np.array([[0]] * 50 + [[1]] * 50, dtype=np.float32)
    tree = grow(matrix, matrix[:, 0] > 0, np.ones(100), TreeSettings(), seed=0)
    assert np.isfinite(tree.raw_logit(matrix)).all()


def test_json_keeps_the_tree_to_the_bit():
    """Written, read and written again it is the same bytes."""
    matrix, outcome = _world(3)
    tree = grow(matrix, outcome, np.ones(len(matrix)), TreeSettings(), seed=0)
    again = Tree.from_bytes(tree.to_bytes())
    assert again.to_bytes() == tree.to_bytes()
    np.testing.assert_array_equal(again.raw_logit(matrix), tree.raw_logit(matrix))


def test_an_infinite_threshold_survives_json():
    """A split on "is it missing" has no finite threshold."""
    matrix = np.array([[np.nan]] * 20 + [[1.0]] * 40 + [[2.0]] * 40, dtype=np.float32)
    tree = grow(matrix, np.isnan(matrix[:, 0]), np.ones(100), TreeSettings(max_leaves=2), seed=0)
    again = Tree.from_bytes(tree.to_bytes())
    assert again.rule_of(matrix).tolist() == [1] * 20 + [2] * 80
