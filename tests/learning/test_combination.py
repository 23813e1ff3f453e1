"""The combination weighs its parts by what they know, and must earn its place."""

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from churn.evaluation.intervals import Interval
from churn.learning.choosing import Asked, choose, choose_champion, choose_methods
from churn.learning.combination import Combination
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


def _asked(network=1.0, n=6000):
    logits, outcome, weight = _world(1.0, network, n=n)
    by_method = {name: {"none": logit} for name, logit in logits.items()}
    return Asked(outcome, weight, np.arange(n), by_method)


def test_the_combination_gains_where_a_second_signal_is():
    """It lifts the combination above the booster; a part of pure noise does not."""
    settings = LearningSettings(combination={"replicates": 50})
    for network in (1.0, 0.0):
        found = choose(_asked(network), settings, churners=200)
        assert (found.gain.lower > 0) == (network > 0)
        assert found.losses["combination"] < found.losses["network"]
        assert found.champion == "combination"  # best, or alike on 200 churners


def test_with_few_churners_the_simplest_of_those_alike_scores():
    """Fewer than asked for: the booster is alike, the combination rests on too little."""
    settings = LearningSettings(combination={"replicates": 50})
    assert choose(_asked(0.0), settings, churners=199).champion == "boosting"
    assert choose(_asked(1.0), settings, churners=199).champion == "combination"  # nothing is alike


def _more(lower):
    return Interval(value=lower + 0.1, lower=lower, upper=lower + 0.2)


@pytest.mark.parametrize(
    ("least", "more", "combined", "champion"),
    [
        ("boosting", {}, True, "boosting"),
        ("boosting", {"tree": 0.1, "combination": 0.1}, True, "boosting"),
        ("boosting", {"tree": 0.1, "combination": -0.1}, True, "combination"),
        ("boosting", {"tree": -0.1, "combination": -0.1}, False, "tree"),
        ("combination", {"boosting": -0.1, "tree": 0.1}, False, "boosting"),
        ("tree", {"boosting": 0.1, "combination": -0.05}, True, "combination"),  # one error above
        ("tree", {"boosting": 0.1, "combination": -0.04}, True, "tree"),
        ("tree", {"boosting": 0.1, "network": 0.1}, True, "tree"),
        ("network", {"boosting": float("nan")}, True, "boosting"),
    ],
)
def test_the_champion_has_the_least_loss_beyond_noise(least, more, combined, champion):
    """Alike within noise: the combination on enough churners, else the simplest."""
    others = {name: _more(lower) for name, lower in more.items()}
    assert choose_champion(least, others, combined=combined) == champion


def test_rebalancing_is_taken_only_beyond_noise():
    """A method that is as good as none is not taken; one that is better by far is."""
    logits, outcome, weight = _world(n=4000)
    noise = np.random.default_rng(3).normal(0, 1, 4000)
    for bad, chosen in ((0.02 * noise, "none"), (2 * noise, "weights")):
        methods = {"none": logits["boosting"] + bad, "weights": logits["boosting"]}
        asked = Asked(outcome, weight, np.arange(4000), {"boosting": methods})
        assert choose_methods(asked, LearningSettings()) == {"boosting": chosen}


def test_a_fold_is_judged_by_a_fit_that_did_not_see_it(monkeypatch):
    """Every fit but the last, which scores, misses exactly the fold it judges."""
    seen = []
    fit = Combination.fit.__func__

    def spied(cls, logits, outcome, weight):
        seen.append(set(logits["boosting"].tolist()))
        return fit(cls, logits, outcome, weight)

    monkeypatch.setattr(Combination, "fit", classmethod(spied))
    asked = _asked(n=400)
    settings = LearningSettings(combination={"replicates": 20, "folds": 4})
    choose(asked, settings, churners=200)
    every = set(asked.logits["boosting"]["none"].tolist())
    missed = [every - rows for rows in seen]
    assert sorted(len(rows) for rows in missed) == [0, 100, 100, 100, 100]
    assert set.union(*missed) == every


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
