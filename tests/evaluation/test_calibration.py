"""Observed over expected, overall and inside the list, and reliability bins."""

import math

import numpy as np
import pytest

from churn.evaluation.calibration import (
    Bin,
    observed_expected,
    observed_expected_in,
    reliability,
)
from churn.evaluation.ranking import Scored


def test_observed_over_expected():
    """Two left where the chances promised one: 2."""
    weighed = Scored.of([1, 1, 0, 0], [0.4, 0.3, 0.2, 0.1]).weighed()
    assert observed_expected(weighed) == pytest.approx(2)
    assert observed_expected_in(1)(weighed) == pytest.approx(1 / 0.4)


def test_inside_the_list_ties_count_by_the_share_that_fits():
    """A list of one row out of two equal ones expects their chance and sees half a churner."""
    weighed = Scored.of([1, 0, 0], [0.4, 0.4, 0.1]).weighed()
    assert observed_expected_in(1)(weighed) == pytest.approx(0.5 / 0.4)


def test_nothing_expected_is_undefined():
    """Chances of 0 promise nothing to compare with."""
    assert math.isnan(observed_expected(Scored.of([0, 0], [0.0, 0.0]).weighed()))


def test_reliability_bins_cover_all_rows_and_keep_ties_together():
    """Bins hold about equal weight; equal chances never fall into two bins."""
    score = np.array([0.1] * 5 + [0.2] * 2 + [0.3, 0.4, 0.5])
    outcome = [0, 0, 0, 0, 1, 0, 1, 0, 1, 1]
    bins = reliability(Scored.of(outcome, score).weighed(), bins=5)
    assert [(b.lower, b.upper, b.mass) for b in bins] == [
        (0.1, 0.1, 5),
        (0.2, 0.2, 2),
        (0.3, 0.3, 1),
        (0.4, 0.5, 2),
    ]
    assert [b.observed for b in bins] == pytest.approx([0.2, 0.5, 0, 1])
    assert [b.expected for b in bins] == pytest.approx([0.1, 0.2, 0.3, 0.45])


def test_reliability_bins_weigh_their_rows():
    """A row of weight 0 is in no bin's figures."""
    bins = reliability(Scored.of([1, 0], [0.2, 0.2]).weighed([0, 3]), bins=2)
    assert [(b.mass, b.observed) for b in bins] == [(3, 0)]


@pytest.mark.parametrize(
    ("observed", "mass", "low", "high"),
    [(0.0, 10, 0.0, 0.27753), (0.5, 10, 0.23659, 0.76341), (1.0, 20, 0.83887, 1.0)],
)
def test_a_bin_s_interval_is_wilson_s(observed, mass, low, high):
    """Golden values; also where nobody or everybody left."""
    interval = Bin(lower=0, upper=1, mass=mass, expected=0.5, observed=observed).interval
    assert interval == pytest.approx((low, high), abs=1e-5)
