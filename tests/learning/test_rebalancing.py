"""Rebalancing changes what the learner sees; the repair undoes it exactly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from imblearn.over_sampling import SMOTENC
from scipy.special import expit, logit

from churn.learning import rebalancing
from churn.learning.boosting import averaged, boost
from churn.learning.learners import learners
from churn.learning.rebalancing import balanced_draws, rebalance, synthesised
from churn.learning.scorers import Rows, fitted
from churn.learning.settings import (
    BoostingSettings,
    LearningSettings,
    NetworkSettings,
    RebalancingSettings,
    TreeSettings,
)


def _world(churners, stayers):
    outcome = np.zeros(churners + stayers, dtype=bool)
    outcome[:churners] = True
    return np.random.default_rng(0).permutation(outcome)


@given(
    st.integers(2, 40),
    st.integers(50, 400),
    st.sampled_from(["none", "weights", "undersampling"]),
    st.sampled_from([30, 10_000]),
)
def test_a_constant_learner_is_back_at_the_base_rate(churners, stayers, method, most):
    """The mean of what the learner saw, repaired, is the natural share of churners."""
    outcome = _world(churners, stayers)
    settings = RebalancingSettings(keep_share=0.25, max_negatives=most)
    seen = rebalance(method, outcome, np.ones(len(outcome)), settings, seed=1)
    mean = np.average(outcome[seen.rows], weights=seen.weight)
    assert expit(logit(mean) + seen.repair) == pytest.approx(churners / (churners + stayers))


def test_undersampling_keeps_every_churner_and_the_share_of_stayers():
    """Stayers are drawn without replacement, by seed."""
    outcome = _world(10, 200)
    draw = [
        rebalance("undersampling", outcome, np.ones(210), RebalancingSettings(), seed).rows
        for seed in (1, 1, 2)
    ]
    assert outcome[draw[0]].sum() == 10
    assert len(np.unique(draw[0])) == len(draw[0]) == 10 + 40
    np.testing.assert_array_equal(draw[0], draw[1])
    assert (draw[0] != draw[2]).any()


def test_class_weights_balance_what_campaign_weights_left():
    """Both classes weigh the same in the end, and relative weights inside a class stay."""
    outcome, weight = np.array([True, True, False, False]), np.array([1.0, 3, 10, 30])
    seen = rebalance("weights", outcome, weight, RebalancingSettings(), 0)
    np.testing.assert_allclose(seen.weight, [10, 30, 10, 30])
    assert seen.repair == pytest.approx(-np.log(10))


def test_none_leaves_the_rows_as_they_are():
    """No rows dropped, no weights, no repair."""
    seen = rebalance("none", _world(5, 50), np.ones(55), RebalancingSettings(), 0)
    np.testing.assert_array_equal(seen.rows, np.arange(55))
    assert (seen.weight == 1).all()
    assert seen.repair == 0


@pytest.mark.parametrize("method", ["balanced_bagging", "easy_ensemble"])
def test_balanced_draws_hold_as_many_of_either(method):
    """Every bag is another; EasyEnsemble keeps all churners, bagging draws some of them again."""
    outcome, settings = _world(20, 400), RebalancingSettings(bags=4)
    weight = np.where(outcome, 3.0, 1.0)
    bags = balanced_draws(method, outcome, weight, settings, seed=1)
    again = balanced_draws(method, outcome, weight, settings, seed=1)
    assert len(bags) == 4
    for bag, same in zip(bags, again, strict=True):
        np.testing.assert_array_equal(bag.rows, same.rows)
        assert outcome[bag.rows].sum() == (~outcome[bag.rows]).sum() == 20
        assert bag.repair == pytest.approx(np.log(60 / 400) - np.log(60 / 20))
    assert len({tuple(bag.rows) for bag in bags}) == 4
    repeats = any(len(np.unique(bag.rows)) < len(bag.rows) for bag in bags)
    assert repeats == (method == "balanced_bagging")


def test_made_up_churners_lie_between_churners():
    """Numbers between those of churners, flags that are flags, values missing as in churners."""
    draw = np.random.default_rng(2)
    outcome = _world(30, 170)
    matrix = np.column_stack(
        [
            np.where(outcome, draw.uniform(5, 6, 200), draw.uniform(0, 9, 200)),
            draw.integers(0, 2, 200),
            np.where(draw.random(200) < 0.5, np.nan, np.where(outcome, 1.5, 7.0)),
        ]
    ).astype(np.float32)
    weight = draw.uniform(1, 2, 200)
    few = synthesised(matrix, outcome, weight, RebalancingSettings(made_up=0.5), seed=3)[1]
    assert few.sum() == 45
    many = RebalancingSettings(made_up=9)
    rows, churned, mass, shift = synthesised(matrix, outcome, weight, many, seed=3)
    np.testing.assert_array_equal(rows[:200], matrix)
    new = rows[200:]
    assert churned[200:].all()
    assert churned.sum() == (~churned).sum() == 170
    assert ((new[:, 0] >= 5) & (new[:, 0] <= 6)).all()
    assert set(np.unique(new[:, 1])) == {0, 1}
    missing = np.isnan(new[:, 2])
    assert 0.2 < missing.mean() < 0.8
    assert (mass[200:] == weight[outcome].mean()).all()
    assert shift == pytest.approx(np.log(weight[outcome].sum() / mass[churned].sum()))


def test_an_ensemble_is_one_booster_with_the_mean_of_log_odds():
    """What bags taught is one model, so that its contributions stay exact."""
    draw = np.random.default_rng(4)
    matrix = draw.normal(size=(300, 3)).astype(np.float32)
    outcome = draw.random(300) < 1 / (1 + np.exp(-matrix[:, 0]))
    settings = BoostingSettings(rounds=5)
    one, two = (
        boost(matrix[half], outcome[half], np.ones(150), settings, seed=1, threads=1)
        for half in (slice(0, 150), slice(150, 300))
    )
    mean = (one.raw_logit(matrix) + two.raw_logit(matrix)) / 2
    np.testing.assert_allclose(averaged([one, two]).raw_logit(matrix), mean, atol=1e-9)


@pytest.mark.parametrize("learner", [TreeSettings, NetworkSettings])
def test_ensembles_are_refused_where_one_model_is_wanted(learner):
    """The tree is to be read; the settings say so."""
    with pytest.raises(ValueError, match="easy_ensemble: for the booster alone"):
        learner(rebalancing=RebalancingSettings(methods=("none", "easy_ensemble")))


def test_rows_are_made_up_as_imbalanced_learn_does(monkeypatch):
    """Flags are decoded in blocks of dense rows, a last one that is not full among them."""
    monkeypatch.setattr(rebalancing, "BLOCK", 7)
    source = np.random.default_rng(1)
    matrix = source.integers(0, 2, (60, 4)).astype(np.float32)
    matrix[:, 0], matrix[:, 3] = source.normal(size=60), 1  # a number; what is always the same
    outcome = np.arange(60) < 12
    settings = RebalancingSettings(methods=("smote",), made_up=4)
    made, churned, *_ = synthesised(matrix, outcome, np.ones(60), settings, 5)
    plain = SMOTENC([1, 2, 3], k_neighbors=settings.neighbours, random_state=5)
    rows, labels = plain.fit_resample(matrix, outcome.astype(int))
    np.testing.assert_array_equal(made, rows.astype(np.float32))
    np.testing.assert_array_equal(churned, labels == 1)


@pytest.mark.parametrize("method", ["none", "weights", "undersampling", "smote"])
def test_a_tree_is_told_what_rows_would_weigh_without_campaigns(method):
    """However its rows are rebalanced: those for few controls do not choose its questions."""
    source = np.random.default_rng(4)
    matrix = source.integers(0, 2, (2000, 2)).astype(np.float32)
    matrix = np.column_stack([matrix, source.normal(size=2000)]).astype(np.float32)
    outcome = source.random(2000) < np.where(matrix[:, 0] == 1, 0.3, 0.1)
    heavy = outcome & (np.cumsum(outcome) % 40 == 0)
    matrix[heavy] = (0, 1, 0)
    touched = source.random(2000) < 0.1
    weight = np.where(heavy, 60.0, 1.0) * ~touched
    settings = LearningSettings(tree=TreeSettings(max_leaves=2, min_leaf_share=0.01))
    tree, _ = fitted(
        learners(settings)["tree"], method, Rows(matrix, outcome, weight, 0.0, np.ones(2000)), 0
    )
    assert tree.feature[0] == 0


def test_flags_alone_are_made_up_as_flags():
    """Missing ones among them: a table of answers gets no customer with half an answer."""
    source = np.random.default_rng(2)
    matrix = source.integers(0, 2, (300, 5)).astype(np.float32)
    matrix[source.random((300, 5)) < 0.05] = np.nan
    matrix[:, 4] = np.nan
    made, churned, *_ = synthesised(
        matrix, np.arange(300) < 60, np.ones(300), RebalancingSettings(made_up=3), 5
    )
    assert churned.sum() == (~churned).sum() == 240
    assert np.isin(made[~np.isnan(made)], (0, 1)).all()
