"""Every learner passes scikit-learn's checks of estimators."""

import numpy as np
import pytest
from sklearn.model_selection import cross_val_score
from sklearn.utils.estimator_checks import check_estimator

from churn.learning import LearningSettings
from churn.learning.estimators import LearnerClassifier
from churn.learning.learners import learners

SETTINGS = LearningSettings(
    threads=1,
    tree={"max_leaves": 8, "min_leaf_share": 0.02},
    boosting={
        "rounds": 15,
        "leaves": 4,
        "min_leaf_rows": 2,
        "learning_rate": 0.3,
        "shrinkage": 0.1,
    },
    network={
        "hidden": (8,),
        "steps": 80,
        "batch_rows": 64,
        "max_epochs": 15,
        "learning_rate": 0.15,
        "members": 1,
        "shrinkage": 3,
    },
)
WEIGHTS = "a row that is there twice is drawn, counted in a leaf or binned twice, a weight is not"
EXPECTED = {"check_sample_weight_equivalence_on_dense_data": WEIGHTS}
#: Asks for scipy's array interface, which is switched on by the environment before all imports.
SKIPPED = {"check_array_api_input"}


@pytest.mark.parametrize("name", list(learners(SETTINGS)))
def test_learners_are_estimators(name):
    """Whatever scikit-learn asks of a classifier of two classes that takes missing values."""
    checks = check_estimator(
        LearnerClassifier(name, SETTINGS),
        expected_failed_checks=EXPECTED,
        on_skip=None,
        on_fail=None,
    )
    told = {status: [] for status in ("passed", "failed", "xfail", "skipped")}
    for check in checks:
        told[check["status"]].append((check["check_name"], repr(check["exception"])))
    assert told["failed"] == []
    assert {check for check, _ in told["xfail"]} == set(EXPECTED)
    assert {check for check, _ in told["skipped"]} == SKIPPED
    assert len(told["passed"]) > 50


@pytest.mark.parametrize("name", list(learners(SETTINGS)))
def test_an_estimator_is_its_learner(name):
    """The same rows give the same model; folds of scikit-learn's own can judge it."""
    generator = np.random.default_rng(0)
    rows = generator.normal(size=(300, 3)).astype(np.float32)
    rows[generator.random((300, 3)) < 0.1] = np.nan
    left = np.nan_to_num(rows[:, 0]) + generator.normal(size=300) / 2 > 0.5
    weight = generator.choice([1.0, 2.0], 300)
    fitted = LearnerClassifier(name, SETTINGS).fit(rows, left, weight)
    model = learners(SETTINGS)[name].fit(rows, left, weight)
    assert fitted.model_.to_bytes() == model.to_bytes()
    np.testing.assert_array_equal(fitted.decision_function(rows), model.raw_logit(rows))
    folds = cross_val_score(LearnerClassifier(name, SETTINGS), rows, left, scoring="roc_auc", cv=3)
    assert folds.min() > 0.8


def test_an_unknown_learner_is_refused():
    """By name, when it is fitted."""
    with pytest.raises(ValueError, match="no learner 'forest': tree, boosting, network"):
        LearnerClassifier("forest").fit([[0.0], [1.0]], [0, 1])
