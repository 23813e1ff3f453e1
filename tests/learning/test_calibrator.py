"""One logistic calibration, weighted, that never reverses a ranking."""

import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from churn.learning.calibration import Calibrator
from churn.learning.penalised import MIN_SLOPE


def _world(slope, intercept, n=60_000, seed=0):
    generator = np.random.default_rng(seed)
    raw = generator.normal(-3, 1, n)
    outcome = generator.random(n) < expit(slope * raw + intercept)
    return raw, outcome, generator.integers(1, 3, n).astype(float)


def test_a_distortion_is_found_and_undone():
    """Planted slope and intercept come back, and promised equals observed."""
    raw, outcome, weight = _world(0.6, -1.0)
    found = Calibrator.fit(raw, outcome, weight)
    assert found.slope == pytest.approx(0.6, abs=0.08)
    assert found.intercept == pytest.approx(-1.0, abs=0.25)
    assert weight @ found.chance(raw) == pytest.approx(weight @ outcome, rel=0.001)


def test_agrees_with_unpenalised_logistic_regression():
    """With many churners the prior weighs next to nothing."""
    raw, outcome, weight = _world(1.3, 0.5)
    plain = LogisticRegression(C=np.inf, tol=1e-8).fit(
        raw.reshape(-1, 1), outcome, sample_weight=weight
    )
    found = Calibrator.fit(raw, outcome, weight)
    assert found.slope == pytest.approx(plain.coef_[0, 0], abs=0.01)
    assert found.intercept == pytest.approx(plain.intercept_[0], abs=0.03)


def test_a_weight_is_that_many_rows():
    """Weights equal copies."""
    raw, outcome, weight = _world(1, 0, 500)
    copies = weight.astype(int)
    weighed = Calibrator.fit(raw, outcome, weight)
    copied = Calibrator.fit(
        np.repeat(raw, copies), np.repeat(outcome, copies), np.ones(sum(copies))
    )
    assert weighed.slope == pytest.approx(copied.slope)
    assert weighed.intercept == pytest.approx(copied.intercept)


def test_a_score_that_ranks_backwards_is_flattened_not_reversed():
    """The slope stays positive and the mean is right."""
    raw, outcome, weight = _world(-1.0, -6)
    found = Calibrator.fit(raw, outcome, weight)
    assert found.slope == MIN_SLOPE
    assert weight @ found.chance(raw) == pytest.approx(weight @ outcome, rel=0.01)


@pytest.mark.parametrize("churners", [0, 1, 2, 30])
def test_few_churners_give_finite_parameters(churners):
    """Without events there is no infinite intercept, and chances fall."""
    raw = np.linspace(-4, -2, 1000)
    outcome = np.zeros(1000, dtype=bool)
    outcome[len(outcome) - churners :] = True
    found = Calibrator.fit(raw, outcome, np.ones(1000))
    assert MIN_SLOPE <= found.slope < 5
    assert np.isfinite(found.intercept)
    assert found.chance(raw).sum() == pytest.approx(churners, abs=1.5)


def test_no_rows_leave_the_logit_as_it_is():
    """Nothing to calibrate on: slope 1, intercept 0."""
    assert Calibrator.fit(np.zeros(0), np.zeros(0, bool), np.zeros(0)) == Calibrator(
        slope=1, intercept=0
    )
