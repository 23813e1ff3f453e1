"""Metrics are tie-safe, weighted and independent of row order."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

from churn.evaluation import metrics
from churn.evaluation.ranking import Scored

# one churner and one stayer share the score 0.6
OUTCOME = [1, 0, 1, 0, 0, 0]
SCORE = [0.9, 0.7, 0.6, 0.6, 0.2, 0.1]

rows = st.integers(0, 2**32 - 1).map(np.random.default_rng)


def _draw(generator, n=60, levels=9):
    outcome = generator.random(n) < 0.3
    outcome[:2] = [True, False]
    score = (generator.integers(1, levels, n) + outcome) / (levels + 1)
    return outcome, score, generator.integers(0, 4, n) + generator.random(n)


@given(rows)
def test_agrees_with_scikit_learn(generator):
    """With ties and weights every standard metric equals scikit-learn's."""
    outcome, score, weight = _draw(generator)
    weighed = Scored.of(outcome, score).weighed(weight)
    for ours, theirs in (
        (metrics.average_precision, average_precision_score),
        (metrics.roc_auc, roc_auc_score),
        (metrics.brier, brier_score_loss),
        (metrics.log_loss, log_loss),
    ):
        assert ours(weighed) == pytest.approx(theirs(outcome, score, sample_weight=weight))


@given(rows)
def test_row_order_never_matters(generator):
    """Shuffling the rows changes no metric, lists that end inside a tie included."""
    outcome, score, _ = _draw(generator)
    shuffled = generator.permutation(len(outcome))
    one = Scored.of(outcome, score).weighed()
    two = Scored.of(outcome[shuffled], score[shuffled]).weighed()
    for metric in (
        metrics.average_precision,
        metrics.roc_auc,
        metrics.precision_at(7),
        metrics.recall_at(7),
        metrics.lift_at(0.1),
    ):
        assert metric(one) == pytest.approx(metric(two), abs=1e-12)


@given(rows)
def test_a_whole_weight_is_that_many_copies(generator):
    """Weighing a row by 3 equals writing it three times; by 0, leaving it out."""
    outcome, score, _ = _draw(generator)
    copies = generator.integers(0, 4, len(outcome))
    copies[:2] = 1
    weighed = Scored.of(outcome, score).weighed(copies)
    copied = Scored.of(np.repeat(outcome, copies), np.repeat(score, copies)).weighed()
    for metric in (
        metrics.average_precision,
        metrics.roc_auc,
        metrics.precision_at(11),
        metrics.recall_at(11),
        metrics.lift_at(0.05),
        metrics.brier,
        metrics.log_loss,
    ):
        assert metric(weighed) == pytest.approx(metric(copied))


@pytest.mark.parametrize(
    ("size", "precision", "recall"),
    [
        (1, 1.0, 0.5),
        (2, 0.5, 0.5),
        (3, (1 + 0.5) / 3, 0.75),  # one of the two tied rows: half a churner
        (4, 0.5, 1.0),
        (6, 2 / 6, 1.0),
        (100, 2 / 6, 1.0),  # longer than the population
    ],
)
def test_a_list_that_ends_in_a_tie_counts_the_share_that_fits(size, precision, recall):
    """The tied group counts by expected value."""
    weighed = Scored.of(OUTCOME, SCORE).weighed()
    assert metrics.precision_at(size)(weighed) == pytest.approx(precision)
    assert metrics.recall_at(size)(weighed) == pytest.approx(recall)


def test_lift_is_precision_over_base_rate():
    """The riskiest third holds 1 churner of 2 rows where the base rate is 1 in 3."""
    assert metrics.lift_at(1 / 3)(Scored.of(OUTCOME, SCORE).weighed()) == pytest.approx(1.5)


def test_a_constant_score_has_the_figures_of_chance():
    """Without any ranking, precision is the base rate, lift 1 and the AUC one half."""
    weighed = Scored.of(OUTCOME, [0.4] * 6).weighed()
    assert metrics.average_precision(weighed) == pytest.approx(1 / 3)
    assert metrics.roc_auc(weighed) == pytest.approx(0.5)
    assert metrics.precision_at(2)(weighed) == pytest.approx(1 / 3)
    assert metrics.lift_at(0.5)(weighed) == pytest.approx(1)


@pytest.mark.parametrize("weight", [None, [0, 1, 0, 1, 1, 1]])
def test_without_churners_a_metric_is_undefined(weight):
    """No churner, or none with any weight: NaN and no warning."""
    weighed = Scored.of(OUTCOME if weight else [0] * 6, SCORE).weighed(weight)
    for metric in (
        metrics.average_precision,
        metrics.roc_auc,
        metrics.recall_at(2),
        metrics.lift_at(0.1),
    ):
        assert math.isnan(metric(weighed))


@pytest.mark.parametrize(
    ("outcome", "score", "weight", "message"),
    [
        ([0, 1], [0.1], None, "shape"),
        ([0, 2], [0.1, 0.2], None, "0 or 1"),
        ([0, 1], [0.1, math.nan], None, "not finite"),
        ([0, 1], [0.1, 0.2], [1, -1], "not negative"),
        ([0, 1], [0.1, 0.2], [1], "shape"),
    ],
)
def test_malformed_rows_are_refused(outcome, score, weight, message):
    """Lengths that differ, other classes, NaN scores and negative weights are errors."""
    with pytest.raises(ValueError, match=message):
        Scored.of(outcome, score).weighed(weight)
