"""The combination weighs its parts by what they know, and must earn its place."""

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from churn.evaluation.intervals import Interval, Resampling
from churn.learning.combination import Combination, folds, gain
from churn.learning.heads import choose_champion
from churn.learning.settings import LearningSettings


def _world(active=1.0, network=1.0, n=20_000, seed=0):
    """Two logits, each with a signal of its own of the given strength."""
    generator = np.random.default_rng(seed)
    logits = {"boosting": generator.normal(-3, 1, n), "network": generator.normal(-3, 1, n)}
    eta = -3 + active * (logits["boosting"] + 3) + network * (logits["network"] + 3)
    return logits, generator.random(n) < expit(eta), np.ones(n)


def test_agrees_with_unpenalised_logistic_regression():
    """With many churners the prior weighs next to nothing."""
    logits, outcome, weight = _world(0.9, 0.4)
    found = Combination.fit(logits, outcome, weight)
    plain = LogisticRegression(C=np.inf, tol=1e-8).fit(np.column_stack([*logits.values()]), outcome)
    assert [*found.weights.values()] == pytest.approx(plain.coef_[0].tolist(), abs=0.01)
    assert found.intercept == pytest.approx(plain.intercept_[0], abs=0.05)
    assert found.chance(logits).sum() == pytest.approx(outcome.sum(), rel=0.001)


def test_a_part_that_misleads_gets_no_weight():
    """Weights are never negative, and the booster keeps enough to rank."""
    logits, outcome, weight = _world(1.0, -0.5)
    found = Combination.fit(logits, outcome, weight)
    assert found.weights["network"] == 0
    assert found.weights["boosting"] > 0.5
    assert Combination.fit(*_world(-1.0, 1.0)).weights["boosting"] == pytest.approx(0.05)


def test_without_churners_or_rows_it_stays_finite():
    """The prior holds it at the mean of the parts."""
    logits, outcome, weight = _world(n=200)
    nobody = Combination.fit(logits, np.zeros_like(outcome), weight)
    assert np.isfinite(nobody.chance(logits)).all()
    assert nobody.chance(logits).mean() < 0.02
    nothing = Combination.fit(logits, outcome, np.zeros(200))
    assert nothing.weights == {"boosting": 0.5, "network": 0.5}


def test_a_weight_is_that_many_rows():
    """Weights equal copies."""
    logits, outcome, _ = _world(n=500)
    copies = np.random.default_rng(1).integers(1, 3, 500)
    weighed = Combination.fit(logits, outcome, copies.astype(float))
    copied = Combination.fit(
        {name: np.repeat(logit, copies) for name, logit in logits.items()},
        np.repeat(outcome, copies),
        np.ones(copies.sum()),
    )
    assert weighed.weights == pytest.approx(copied.weights, rel=1e-4)


def test_folds_are_of_customers():
    """A customer's rows are in one fold, and folds are of about one size."""
    draws = Resampling.over(np.repeat(np.arange(100), 3), seed=4)
    found = folds(draws, 5).reshape(100, 3)
    assert (found == found[:, :1]).all()
    assert np.bincount(found[:, 0]).tolist() == [20] * 5


@pytest.mark.parametrize(("network", "champion"), [(1.0, "combination"), (0.0, "boosting")])
def test_the_combination_scores_only_where_it_gains_more_than_noise(network, champion):
    """A second signal lifts it above the booster; a part of pure noise does not."""
    logits, outcome, weight = _world(1.0, network, n=6000)
    draws = Resampling.over(np.arange(6000), replicates=50, seed=1)
    found = gain(logits, outcome, weight, draws, 5)
    assert (found.lower > 0) == (champion == "combination")
    assert choose_champion(found) == champion


def test_the_booster_scores_where_nothing_is_known():
    """Left out, undefined or exactly nothing: no gain beyond noise."""
    nan = float("nan")
    assert choose_champion(None) == "boosting"
    assert choose_champion(Interval(value=nan, lower=nan, upper=nan)) == "boosting"
    assert choose_champion(Interval(value=0.1, lower=0.0, upper=0.2)) == "boosting"


def test_a_fold_is_judged_by_a_fit_that_did_not_see_it(monkeypatch):
    """Every fit misses exactly the fold it judges."""
    seen = []
    fit = Combination.fit.__func__

    def spied(cls, logits, outcome, weight):
        seen.append(set(logits["boosting"].tolist()))
        return fit(cls, logits, outcome, weight)

    monkeypatch.setattr(Combination, "fit", classmethod(spied))
    logits, outcome, weight = _world(n=400)
    draws = Resampling.over(np.arange(400), replicates=20, seed=1)
    gain(logits, outcome, weight, draws, 4)
    missed = [set(logits["boosting"].tolist()) - rows for rows in seen]
    assert [len(rows) for rows in missed] == [100] * 4
    assert len(set.union(*missed)) == 400


@pytest.mark.parametrize(
    ("learners", "message"),
    [
        (["boosting"], "tree and boosting cannot be left out"),
        (["tree", "boosting", "combination"], "nothing to combine without the network"),
        (["tree", "tree", "boosting"], "named twice"),
    ],
)
def test_learners_that_others_need_cannot_be_left_out(learners, message):
    """Said in domain words."""
    with pytest.raises(ValidationError, match=message):
        LearningSettings(learners=learners)
