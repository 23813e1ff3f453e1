"""Rebalancing changes what the learner sees; the repair undoes it exactly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit

from churn.learning.rebalancing import rebalance
from churn.learning.settings import RebalancingSettings


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
