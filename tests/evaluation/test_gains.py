"""Cumulative gains: what share of the churners the riskiest hold."""

from __future__ import annotations

import numpy as np
import pytest

from churn.evaluation.gains import gains
from churn.evaluation.ranking import Scored


def test_gains_count_the_churners_among_the_riskiest():
    """Two of four churners in the first fifth, all in the first half; weights count."""
    score = np.arange(10)[::-1] / 10
    outcome = [1, 1, 0, 1, 1, 0, 0, 0, 0, 0]
    rows = Scored.of(outcome, score).weighed()
    assert gains(rows, [0.2, 0.5, 1]) == ((0.2, 0.5), (0.5, 1.0), (1, 1.0))
    weight = [2, *[1] * 9]
    heavy = gains(Scored.of(outcome, score).weighed(weight), [2 / 11])
    assert heavy[0][1] == pytest.approx(2 / 5)


def test_equal_scores_gain_as_much_as_drawing_lots():
    """Row order gives no one an advantage."""
    rows = Scored.of([1, 0, 0, 1, 0, 0, 0, 0], [0.5] * 8).weighed()
    assert gains(rows, [0.25, 0.5]) == ((0.25, 0.25), (0.5, 0.5))


def test_without_churners_there_is_no_curve():
    """Nothing can be gained."""
    assert gains(Scored.of([0, 0], [0.1, 0.2]).weighed(), [0.5]) == ()
