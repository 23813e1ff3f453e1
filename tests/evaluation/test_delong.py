"""DeLong's test: by its definition, by hand, by simulation, and over clusters."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn.evaluation import metrics
from churn.evaluation.delong import compare_areas
from churn.evaluation.intervals import Resampling, paired_difference
from churn.evaluation.ranking import Scored


def _by_definition(outcome, first, second):
    """Return both areas and the variance of their difference, as published in 1988."""
    places = []
    for score in (first, second):
        above = np.sign(score[outcome][:, None] - score[~outcome][None, :]) / 2 + 0.5
        places.append((above.mean(axis=1), above.mean(axis=0)))
    of_churners = np.cov(np.stack([one for one, _ in places]))
    of_stayers = np.cov(np.stack([other for _, other in places]))
    total = of_churners / outcome.sum() + of_stayers / (~outcome).sum()
    areas = [one.mean() for one, _ in places]
    return areas, total[0, 0] + total[1, 1] - 2 * total[0, 1]


@given(seed=st.integers(0, 10_000), levels=st.sampled_from([2, 5, 1000]))
def test_it_is_what_was_published(seed, levels):
    """From ranks as from all pairs, ties included."""
    generator = np.random.default_rng(seed)
    outcome = np.append(generator.random(40) < 0.3, [True, True, False, False])
    first, second = generator.integers(0, levels, (2, len(outcome))) + outcome * levels / 3
    areas, variance = _by_definition(outcome, first, second)
    found = compare_areas(outcome, first, second)
    assert [found.first.value, found.second.value] == pytest.approx(areas)
    gap, half = areas[0] - areas[1], 1.959963984540054 * math.sqrt(max(variance, 0))
    assert found.difference.value == pytest.approx(gap)
    assert found.difference.upper - gap == pytest.approx(half, abs=1e-9)
    if variance > 1e-12:
        assert found.p_value == pytest.approx(math.erfc(abs(gap) / math.sqrt(2 * variance)))


def test_golden_values():
    """By hand: the second score's churners outrank 0, 1 and 1 of the stayers; variance 1/9."""
    found = compare_areas([0, 0, 1, 1, 1], [0.1, 0.2, 0.6, 0.7, 0.8], [0.3, 0.6, 0.2, 0.7, 0.9])
    assert found.first.value == 1
    assert found.first.lower == 1
    assert found.second.value == pytest.approx(2 / 3)
    assert found.difference.value == pytest.approx(1 / 3)
    assert found.difference.upper == pytest.approx(1 / 3 + 1.959963984540054 / 3)
    assert found.p_value == pytest.approx(0.31731050786291415)
    assert (found.churners, found.stayers) == (3, 2)


def test_repeated_rows_of_a_customer_are_no_more_evidence():
    """Doubling every row within its customer changes nothing; as rows of their own it would."""
    generator = np.random.default_rng(3)
    outcome = generator.random(80) < 0.3
    scores = generator.random((2, 80)) + outcome * [[0.3], [0.2]]
    once = compare_areas(outcome, *scores)
    rows = np.repeat(np.arange(80), 2)
    doubled = compare_areas(outcome[rows], *scores[:, rows], clusters=rows)
    assert doubled.difference.value == pytest.approx(once.difference.value)
    assert doubled.difference.lower == pytest.approx(once.difference.lower)
    apart = compare_areas(outcome[rows], *scores[:, rows])
    assert apart.difference.lower > once.difference.lower
    weighed = compare_areas(outcome, *scores, weight=np.full(80, 7.0))
    assert weighed.difference.lower == pytest.approx(once.difference.lower)


def test_it_agrees_with_the_bootstrap_over_customers():
    """Weights and customers of several rows, of both kinds: intervals of about equal width."""
    generator = np.random.default_rng(5)
    customer = generator.integers(0, 400, 1500)
    luck = generator.normal(size=400)[customer]
    outcome = generator.random(1500) < 1 / (1 + np.exp(2 - luck))
    weight = generator.choice([1.0, 4.0], 1500)
    first, second = luck + generator.normal(size=(2, 1500)) * [[1.0], [1.4]]
    found = compare_areas(outcome, first, second, customer, weight)
    drawn = paired_difference(
        metrics.roc_auc,
        Scored.of(outcome, first),
        Scored.of(outcome, second),
        Resampling.over(customer, replicates=400, seed=1),
        weight,
    )
    assert found.difference.value == pytest.approx(drawn.value)
    width = drawn.upper - drawn.lower
    assert found.difference.upper - found.difference.lower == pytest.approx(width, rel=0.15)


def test_what_cannot_be_compared_says_so():
    """Without one kind of rows there is no area; equal scores leave no doubt, and no p."""
    nobody = compare_areas([0, 0, 1], [1, 2, 3], [3, 2, 1], weight=[1, 1, 0])
    assert math.isnan(nobody.difference.value)
    assert (nobody.churners, nobody.stayers) == (0, 2)
    same = compare_areas([0, 1, 0, 1], [1, 2, 3, 4], [1, 2, 3, 4])
    assert same.difference.upper == 0
    assert math.isnan(same.p_value)
    with pytest.raises(ValueError, match="finite"):
        compare_areas([0, 1], [1, np.nan], [1, 2])
    with pytest.raises(ValueError, match="shape"):
        compare_areas([0, 1], [1, 2], [1, 2, 3])
