"""The bootstrap draws customers, is seeded, and pairs what it compares."""

import math

import numpy as np
import pytest

from churn.evaluation import metrics
from churn.evaluation.intervals import Interval, Resampling, intervals, paired_difference
from churn.evaluation.ranking import Scored

AUC = {"roc_auc": metrics.roc_auc}


def _world(n=1500, seed=0):
    generator = np.random.default_rng(seed)
    chance = 1 / (1 + np.exp(4 - 1.5 * generator.normal(size=n)))
    return generator.random(n) < chance, chance, np.arange(n), generator


def test_the_interval_holds_the_truth_and_the_value():
    """The percentile interval surrounds the estimate and has a plausible width."""
    outcome, chance, customers, _ = _world()
    found = intervals(AUC, Scored.of(outcome, chance), Resampling.over(customers))["roc_auc"]
    assert found.lower < found.value < found.upper
    churners = outcome.sum()
    assert 0.3 < (found.upper - found.lower) / (4 * math.sqrt(0.06 / churners)) < 2


def test_same_seed_same_interval_whatever_the_row_order():
    """Customers are drawn by name, so shuffled rows give the same interval."""
    outcome, chance, customers, generator = _world(300)
    order = generator.permutation(300)
    one = intervals(AUC, Scored.of(outcome, chance), Resampling.over(customers, seed=5))
    two = intervals(
        AUC, Scored.of(outcome[order], chance[order]), Resampling.over(customers[order], seed=5)
    )
    other = intervals(AUC, Scored.of(outcome, chance), Resampling.over(customers, seed=6))
    assert one["roc_auc"].lower == pytest.approx(two["roc_auc"].lower, abs=1e-12)
    assert one["roc_auc"].lower != other["roc_auc"].lower


def test_rows_of_one_customer_are_no_new_evidence():
    """Every row copied four times under its customer: the interval does not shrink."""
    outcome, chance, customers, _ = _world(600)
    once = intervals(AUC, Scored.of(outcome, chance), Resampling.over(customers))["roc_auc"]
    copied = intervals(
        AUC,
        Scored.of(np.tile(outcome, 4), np.tile(chance, 4)),
        Resampling.over(np.tile(customers, 4)),
    )["roc_auc"]
    assert copied.lower == pytest.approx(once.lower)
    assert copied.upper == pytest.approx(once.upper)


def test_weights_multiply_the_draws():
    """A row of weight 0 leaves the interval as if it were absent."""
    outcome, chance, customers, _ = _world(400)
    outcome[-1], weight = True, np.ones(400)
    weight[-1] = 0
    scored = Scored.of(outcome, np.where(np.arange(400) == 399, 0.0, chance))
    found = intervals(AUC, scored, Resampling.over(customers), weight)["roc_auc"]
    plain = metrics.roc_auc(Scored.of(outcome[:-1], chance[:-1]).weighed())
    assert found.value == pytest.approx(plain)


def test_a_paired_difference_sees_what_separate_intervals_hide():
    """Two close scores: their own intervals overlap, the paired one leaves out 0."""
    outcome, chance, customers, generator = _world(4000)
    better = Scored.of(outcome, chance)
    worse = Scored.of(outcome, chance * np.exp(generator.normal(0, 0.7, 4000)))
    resampling = Resampling.over(customers)
    one = intervals(AUC, better, resampling)["roc_auc"]
    two = intervals(AUC, worse, resampling)["roc_auc"]
    gap = paired_difference(metrics.roc_auc, better, worse, resampling)
    assert one.lower < two.upper
    assert gap.lower > 0
    assert gap.value == pytest.approx(one.value - two.value)
    assert paired_difference(metrics.roc_auc, better, better, resampling).upper == 0


def test_an_undefined_figure_survives_json_as_null():
    """NaN is null in JSON and NaN again when read."""
    found = intervals(AUC, Scored.of([0, 0], [0.1, 0.2]), Resampling.over([1, 2]))["roc_auc"]
    assert math.isnan(found.lower)
    assert found.model_dump_json() == '{"value":null,"lower":null,"upper":null}'
    assert math.isnan(Interval.model_validate_json(found.model_dump_json()).value)


def test_a_row_without_customer_is_refused():
    """Clusters must be complete."""
    with pytest.raises(ValueError, match="1 rows have no customer"):
        Resampling.over(np.array(["a", None], dtype=object))
