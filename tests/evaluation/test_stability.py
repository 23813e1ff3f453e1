"""How steady scores are between two nights."""

from __future__ import annotations

import numpy as np
import pytest

from churn.evaluation.stability import kept_share, population_stability, rank_correlation


def test_the_index_is_the_textbook_sum() -> None:
    """Two bins of 50 and 50 that become 80 and 20, half a row added to each."""
    before = np.repeat([0.1, 0.9], 50)
    after = np.repeat([0.1, 0.9], [80, 20])
    p, q = np.array([50.5, 50.5]) / 101, np.array([80.5, 20.5]) / 101
    assert population_stability(before, after, bins=2) == pytest.approx(
        float(((q - p) * np.log(q / p)).sum())
    )


def test_equal_scores_are_perfectly_steady() -> None:
    """The same scores give 0, a shifted population more than the usual alarm."""
    scores = np.random.default_rng(1).random(1000)
    assert population_stability(scores, scores) == 0
    assert population_stability(scores, scores / 2) > 0.25
    assert np.isnan(population_stability(scores, np.array([])))


def test_ranks_ignore_the_scale() -> None:
    """Only the order counts; ties are averaged; without variation there is no figure."""
    scores = np.array([0.1, 0.2, 0.3, 0.4])
    assert rank_correlation(scores, scores**3) == pytest.approx(1)
    assert rank_correlation(scores, -scores) == pytest.approx(-1)
    assert np.isnan(rank_correlation(scores, np.ones(4)))


def test_who_left_does_not_count_as_dropped() -> None:
    """Of the riskiest before, only those still eligible can stay among the riskiest."""
    assert kept_share({"a", "b", "c", "d"}, {"a", "x"}, {"a", "b", "x"}) == 0.5
    assert np.isnan(kept_share({"a"}, {"b"}, {"b"}))
