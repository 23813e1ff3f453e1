"""Intervals of what two arms differ by: they cover the truth as often as they say."""

from __future__ import annotations

import numpy as np
import pytest

from churn.evaluation.multiplicity import holm
from churn.targeting.effects.looking import multiplier, p_value, selected_to_prove
from churn.targeting.effects.strata import (
    Arms,
    difference_interval,
    difference_score,
    ratio_interval,
    ratio_score,
)

WORLDS, DRAWS = 1_000, 8


def arms(treated: int, treated_left: int, control: int, control_left: int) -> Arms:
    """Return the arms of one draw."""
    counts = (treated, treated_left, control, control_left)
    return Arms(*(np.array([float(count)]) for count in counts))


def worlds(
    seed: int, least: int, most: int, *, effect: bool = True, count: int = WORLDS
) -> tuple[Arms, np.ndarray, np.ndarray]:
    """Draw worlds of several campaigns; return arms, true difference and true log relative risk.

    Base rates, control shares and effects differ between the draws of a world.
    """
    source = np.random.default_rng(seed)
    shape = (count, DRAWS)
    selected = source.integers(least, most, shape)
    control = source.binomial(selected, source.choice([0.1, 0.15, 0.2, 0.25, 0.5], shape))
    alone = source.uniform(0.01, 0.15, (count, 1)) * source.uniform(0.6, 1.4, shape)
    gamma = source.normal(0.2, 0.25, (count, 1)) + source.normal(0, 0.1, shape)
    after = alone * (1 - np.clip(gamma, -0.6, 0.8)) if effect else alone
    drawn = Arms(
        (selected - control).astype(float),
        source.binomial(selected - control, after).astype(float),
        control.astype(float),
        source.binomial(control, alone).astype(float),
    )
    weights = drawn.weights
    treated_rate = (weights * after).sum(axis=-1) / weights.sum(axis=-1)
    control_rate = (weights * alone).sum(axis=-1) / weights.sum(axis=-1)
    return drawn, treated_rate - control_rate, np.log(treated_rate / control_rate)


@pytest.mark.parametrize(("least", "most"), [(20, 60), (40, 600), (300, 3_000)])
def test_intervals_cover_the_truth_in_95_of_100_worlds(least, most):
    """In a thousand drawn worlds 93.5 to 96.5 % are covered, with few churners as with many."""
    drawn, difference, log_ratio = worlds(1, least, most)
    for interval, truth in ((difference_interval, difference), (ratio_interval, log_ratio)):
        low, high = interval(drawn)
        assert 0.935 <= np.mean((low <= truth) & (truth <= high)) <= 0.965


def test_a_single_draw_is_miettinen_and_nurminen():
    """Ends are where the score is 1.96, checked against the cubic's likeliest risks by search."""
    drawn = arms(70, 56, 80, 48)  # Newcombe (1998), example (a)
    low, high = (float(end) for end in difference_interval(drawn))
    assert (round(low, 4), round(high, 4)) == (0.0528, 0.3382)
    assert float(difference_score(drawn, np.array(low))) == pytest.approx(1.96, abs=1e-3)
    below, above = ratio_interval(drawn)
    assert float(ratio_score(drawn, below)) == pytest.approx(1.96, abs=1e-3)
    assert float(ratio_score(drawn, above)) == pytest.approx(-1.96, abs=1e-3)


def test_arms_without_an_event_have_an_interval():
    """None of 50 and none of 50: no difference is likely, a large one is not."""
    low, high = (float(end) for end in difference_interval(arms(50, 0, 50, 0)))
    assert -0.1 < low < 0 < high < 0.1


def test_in_worlds_without_effects_hardly_any_action_is_proven():
    """Six actions in each of 200 worlds: any is proven in at most 16, looked at again and again."""
    drawn, _, _ = worlds(7, 40, 600, effect=False, count=200 * 6)
    proven = np.zeros(200, dtype=bool)
    for looks in range(2, DRAWS + 1):
        part = Arms(
            drawn.treated[:, :looks],
            drawn.treated_left[:, :looks],
            drawn.control[:, :looks],
            drawn.control_left[:, :looks],
        )
        low, high = ratio_interval(part)
        information = (2 * 1.96 / (high - low)) ** 2
        chances = p_value(ratio_score(part, np.zeros(200 * 6)), information)
        proven |= [bool((holm(each) < 0.05).any()) for each in chances.reshape(200, 6)]
    assert proven.sum() <= 16


def test_an_effect_that_is_there_is_proven_once_there_is_enough():
    """Half of 20,000 spared, one in ten leaves, a third fewer of the treated."""
    drawn = arms(10_000, 670, 10_000, 1_000)
    low, high = ratio_interval(drawn)
    information = float((2 * 1.96 / (high - low)) ** 2)
    assert float(p_value(ratio_score(drawn, np.zeros(())), information)) < 1e-6


def test_planned_sizes_are_those_of_the_textbook():
    """At a chance of .1 and gamma .3: 2,700 half and half, 8,500 with a tenth spared."""
    assert selected_to_prove(0.1, 0.3, 0.5) == pytest.approx(2_705, abs=1)
    assert selected_to_prove(0.1, 0.3, 0.1) == pytest.approx(8_480, abs=5)
    assert selected_to_prove(0.1, 0.3, 0.5, looks=True) > selected_to_prove(0.1, 0.3, 0.5)
    assert selected_to_prove(0.1, 0.0, 0.5) == float("inf")


def test_looking_costs_width_that_shrinks_to_a_logarithm():
    """An interval true at all times is wider than one true once, at any amount of information."""
    wide = multiplier(np.array([10.0, 100.0, 1_000.0]))
    assert (wide > 1.96).all()
    assert wide[0] > wide[1]
