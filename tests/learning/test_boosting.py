"""The booster is deterministic, reloads bit for bit, and its contributions add up."""

import numpy as np
import pytest

from churn.learning import contributions
from churn.learning.boosting import Boosting, boost
from churn.learning.settings import BoostingSettings, CorrectionSettings

SETTINGS = BoostingSettings(rounds=30, leaves=7, min_leaf_rows=10)


def _world(seed=0, n=1500):
    generator = np.random.default_rng(seed)
    matrix = generator.normal(size=(n, 5)).astype(np.float32)
    matrix[generator.random((n, 5)) < 0.1] = np.nan
    outcome = generator.random(n) < 1 / (1 + np.exp(2 - 2 * np.nan_to_num(matrix[:, 0])))
    return matrix, outcome, np.ones(n)


@pytest.fixture(scope="module")
def fitted():
    """Return a small booster and its rows."""
    matrix, outcome, weight = _world()
    return boost(matrix, outcome, weight, SETTINGS, seed=1, threads=1), matrix


def test_same_rows_and_seed_give_the_same_bytes(fitted):
    """Training twice gives the same model text; another seed gives another."""
    matrix, outcome, weight = _world()
    again = boost(matrix, outcome, weight, SETTINGS, seed=1, threads=1)
    other = boost(matrix, outcome, weight, SETTINGS, seed=2, threads=1)
    assert again.to_bytes() == fitted[0].to_bytes()
    assert other.to_bytes() != fitted[0].to_bytes()


@pytest.mark.parametrize("threads", [1, 2])
def test_reloading_keeps_every_bit(fitted, threads):
    """The model text holds everything, and threads change no sum."""
    booster, matrix = fitted
    again = Boosting.from_bytes(booster.to_bytes(), threads)
    assert again.to_bytes() == booster.to_bytes()
    np.testing.assert_array_equal(again.raw_logit(matrix), booster.raw_logit(matrix))


def test_contributions_and_base_sum_to_the_raw_logit(fitted, monkeypatch):
    """Exact, missing values included, whatever the chunk."""
    booster, matrix = fitted
    whole = booster.contributions(matrix)
    assert whole.shape == (1500, 6)
    np.testing.assert_allclose(whole.sum(axis=1), booster.raw_logit(matrix), atol=1e-9)
    monkeypatch.setattr(contributions, "ROWS", 400)
    np.testing.assert_array_equal(booster.contributions(matrix), whole)
    assert np.abs(whole[:, 0]).mean() > 5 * np.abs(whole[:, 1:5]).mean()


def test_no_rows_give_no_scores(fitted):
    """A night without eligible subscribers is no error."""
    booster, matrix = fitted
    assert booster.raw_logit(matrix[:0]).shape == (0,)
    assert booster.contributions(matrix[:0]).shape == (0, 6)


def test_a_corrected_booster_is_one_model_that_moved_towards_the_other_rows(fitted):
    """The first trees stay, a few are added, contributions still add up to the raw log-odds."""
    booster, matrix = fitted
    outcome = np.random.default_rng(2).random(len(matrix)) < 0.6
    careful = SETTINGS.model_copy(
        update={"correction": CorrectionSettings(rounds=5, min_leaf_rows=10, shrinkage=1)}
    )
    rows = matrix, outcome, np.ones(len(matrix))
    corrected = boost(*rows, careful, seed=1, threads=1, begun=booster)
    trees = booster.text.split("\nTree=1\n")[0].split("\nTree=0\n")[1]
    assert trees in corrected.text
    assert corrected.text.count("\nTree=") == SETTINGS.rounds + 5
    before, after = booster.raw_logit(matrix), corrected.raw_logit(matrix)
    assert after.mean() > before.mean()
    summed = corrected.contributions(matrix).sum(axis=1)
    np.testing.assert_allclose(summed, after, atol=1e-9)
    again = boost(*rows, careful, seed=1, threads=1, begun=booster)
    assert again.to_bytes() == corrected.to_bytes()
