"""CatBoost's trees as LightGBM's: the same answers, the same reasons, one model text."""

import catboost
import numpy as np
import pytest

from churn.learning import catboost_trees
from churn.learning.boosting import Boosting, read
from churn.learning.settings import BoostingSettings, Capacity

SETTINGS = BoostingSettings()
SHAPES = tuple(catboost_trees.POLICIES)


def _rows(n: int = 600) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw numbers, flags and missing values, an outcome of them, and weights."""
    source = np.random.default_rng(5)
    matrix = source.normal(size=(n, 5)).astype(np.float32)
    matrix[:, 1] = matrix[:, 1] > 0
    matrix[source.random((n, 5)) < 0.15] = np.nan
    logit = np.nan_to_num(matrix[:, 0]) * 2 + np.isnan(matrix[:, 2]) - 2
    return matrix, source.random(n) < 1 / (1 + np.exp(-logit)), source.uniform(0.2, 2, n)


def _capacity(shape: str) -> Capacity:
    return Capacity(rounds=40, leaves=16, min_leaf_rows=3, shrinkage=3, shape=shape)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_row_is_told_what_catboost_tells_it(shape):
    """On the rows that taught, missing values and weights among them, to the last digits."""
    matrix, churned, weight = _rows()
    capacity = _capacity(shape)
    policy = catboost_trees.POLICIES[shape]
    own = catboost.CatBoostClassifier(
        iterations=40, depth=4, learning_rate=0.05, rsm=0.5, l2_leaf_reg=3, grow_policy=policy,
        border_count=catboost_trees.BORDERS, boost_from_average=True, random_seed=7,
        leaf_estimation_iterations=catboost_trees.STEPS, bootstrap_type="MVS", subsample=0.8,
        thread_count=1, allow_writing_files=False, logging_level="Silent",
        **({"min_data_in_leaf": 3} if shape == "levelwise" else {}),
    ).fit(matrix, churned, sample_weight=weight)  # fmt: skip
    ours = Boosting(
        catboost_trees.grow(matrix, churned, weight, capacity, SETTINGS, seed=7), threads=1
    )
    told = own.predict(catboost.Pool(matrix), prediction_type="RawFormulaVal")
    np.testing.assert_allclose(ours.raw_logit(matrix), told, atol=1e-12)
    assert np.ptp(told) > 1


@pytest.mark.parametrize("shape", SHAPES)
def test_how_many_are_grown_changes_no_tree(shape):
    """Rounds are chosen by looks at a longer growth: a shorter one is its beginning."""
    matrix, churned, weight = _rows()
    few, more = (
        Boosting(
            catboost_trees.grow(
                matrix,
                churned,
                weight,
                _capacity(shape).model_copy(update={"rounds": rounds}),
                SETTINGS,
                seed=2,
            ),
            threads=1,
        )
        for rounds in (20, 250)
    )
    for short, long in zip(few.trees, more.trees, strict=False):
        assert short.splits == long.splits
        np.testing.assert_allclose(short.value, long.value, rtol=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_reasons_are_exact(shape):
    """Contributions and base sum to the log-odds, as LightGBM's own do, of rows never seen too."""
    matrix, churned, weight = _rows()
    model = Boosting(
        catboost_trees.grow(matrix, churned, weight, _capacity(shape), SETTINGS, seed=1), 2
    )
    unseen = np.random.default_rng(9).normal(scale=4, size=(400, 5)).astype(np.float32)
    for rows in (matrix, unseen):
        parts = model.contributions(rows)
        np.testing.assert_allclose(parts.sum(axis=1), model.raw_logit(rows), atol=1e-9)
        own = read(model.text).predict(rows, pred_contrib=True)
        np.testing.assert_allclose(parts, own, atol=1e-9)
    assert np.argmax(model.importance()) == 0


def test_no_leaf_is_kept_that_no_row_reached():
    """Each leaf has rows, and a symmetric tree has as few as it tells apart."""
    matrix, churned, weight = _rows(60)
    model = Boosting(
        catboost_trees.grow(matrix, churned, weight, _capacity("symmetric"), SETTINGS, seed=1), 1
    )
    sizes = {len(tree.value) for tree in model.trees}
    assert max(sizes) <= 16
    assert min(sizes) < 16
    assert all((tree.leaf_cover >= 1).all() for tree in model.trees)


def test_without_a_feature_that_varies_the_base_rate_is_told():
    """Rows that are all alike have the log-odds of their share of churners."""
    churned, weight = np.arange(100) < 20, np.ones(100)
    same = np.full((100, 2), np.nan, dtype=np.float32)
    model = Boosting(
        catboost_trees.grow(same, churned, weight, _capacity("symmetric"), SETTINGS, seed=1), 1
    )
    np.testing.assert_allclose(model.raw_logit(same), np.log(0.25))
    assert (model.contributions(same)[:, :-1] == 0).all()


def test_growing_ends_when_told_but_not_before_the_least():
    """A budget that is over leaves the trees that a trial needs to be looked at."""
    matrix, churned, weight = _rows()
    for least, over, trees in ((5, True, 5), (5, False, 40)):
        watch = catboost_trees.Watch(
            matrix,
            churned,
            weight,
            {"all": np.ones(len(matrix), dtype=bool)},
            wait=100,
            least=least,
            stopped=lambda over=over: over,
        )
        text = catboost_trees.grow(
            matrix, churned, weight, _capacity("symmetric"), SETTINGS, seed=1, watch=watch
        )
        grown = len(Boosting(text, 1).trees)
        assert abs(grown - trees) <= 1
        assert watch.ends == {"all": grown}


def test_each_choice_ends_where_its_own_rows_gain_nothing():
    """As CatBoost's own detector does on those rows alone, whatever the others say."""
    matrix, churned, weight = _rows(900)
    rows = (matrix[:300], churned[:300], weight[:300])
    capacity = _capacity("symmetric").model_copy(update={"rounds": 500, "learning_rate": 0.1})
    parts = {"one": np.arange(600) < 300, "two": np.arange(600) >= 300, "all": np.arange(600) >= 0}

    def ends(looks, outcome):
        watch = catboost_trees.Watch(
            matrix[300:], outcome, weight[300:], looks, wait=40, least=25, stopped=lambda: False
        )
        catboost_trees.grow(*rows, capacity, SETTINGS, seed=1, watch=watch)
        return watch.ends

    together = ends(parts, churned[300:])
    shuffled = churned[300:].copy()
    shuffled[300:] = np.random.default_rng(1).permutation(shuffled[300:])
    otherwise = ends(parts, shuffled)
    assert otherwise["one"] == together["one"] < 500
    assert otherwise["two"] != together["two"]
    own = catboost.CatBoostClassifier(
        iterations=500, depth=4, learning_rate=0.1, rsm=0.5, l2_leaf_reg=3, random_seed=1,
        border_count=catboost_trees.BORDERS, boost_from_average=True, bootstrap_type="MVS",
        leaf_estimation_iterations=catboost_trees.STEPS, subsample=0.8, thread_count=1,
        od_type="Iter", od_wait=40, allow_writing_files=False, logging_level="Silent",
    )  # fmt: skip
    asked = catboost.Pool(matrix[300:], churned[300:].astype(int), weight=weight[300:])
    own.fit(*rows[:2], sample_weight=rows[2], eval_set=asked, use_best_model=False)
    assert together["all"] == own.tree_count_ < 500


@pytest.mark.parametrize("shape", SHAPES)
def test_numbers_next_to_nothing_are_told_apart_alike(shape):
    """LightGBM takes them for 0, so the reasons do, too."""
    matrix, churned, weight = _rows()
    matrix[:, 0] *= 1e-38
    model = Boosting(
        catboost_trees.grow(matrix, churned, weight, _capacity(shape), SETTINGS, seed=1), 1
    )
    parts = model.contributions(matrix)
    np.testing.assert_allclose(parts.sum(axis=1), model.raw_logit(matrix), atol=1e-9)
    assert np.ptp(parts[:, 0]) > 0


@pytest.mark.parametrize("shape", SHAPES)
def test_no_share_of_rows_is_too_small(shape):
    """Where a share comes to a row or two, enough are drawn all the same."""
    few = SETTINGS.model_copy(update={"row_share": 0.002})
    text = catboost_trees.grow(*_rows(300), _capacity(shape), few, seed=1)
    assert len(Boosting(text, 1).trees) == 40
