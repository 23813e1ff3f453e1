"""The truth is exact, and as hard as it should be."""

from __future__ import annotations

import numpy as np
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import roc_auc_score

from tests.sample.conftest import World

HEADS = {"p_active": "active", "p_passive": "passive", "p_gone": "gone"}


@pytest.mark.parametrize("chance", HEADS)
def test_chances_are_calibrated(world: World, chance: str) -> None:
    """Overall and in every fifth of the chances, what happens agrees with what was to be expected.

    Within 4 standard errors: an exact truth fails once in thousands of worlds.
    """
    truth = world.truth()
    happened = truth["outcome"] == HEADS[chance]
    order = np.argsort(truth[chance], kind="stable")
    for part in (order, *np.array_split(order, 5)):
        p = truth[chance][part]
        error = np.sqrt((p * (1 - p)).sum())
        assert abs(happened[part].sum() - p.sum()) < 4 * error + 0.02 * p.sum()


def test_each_cause_takes_half_to_two_percent_a_month(world: World) -> None:
    """Both causes stay within 0.5-2 % a month at every snapshot."""
    truth = world.truth()
    for snapshot in np.unique(truth["snapshot"]):
        here = truth["snapshot"] == snapshot
        for chance in ("p_active", "p_passive"):
            assert 0.005 < truth[chance][here].mean() < 0.02


def test_the_truth_separates_as_intended(world: World) -> None:
    """The best possible ROC AUC on the active head lies within 0.75-0.88."""
    truth = world.truth()
    auc = roc_auc_score(truth["outcome"] == "active", truth["p_active"])
    assert 0.75 < auc < 0.88
    assert 0.75 < roc_auc_score(truth["outcome"] == "passive", truth["p_passive"]) < 0.88


def test_chances_are_chances(world: World) -> None:
    """Chances lie in [0, 1] and leave room for staying; every snapshot is the first of a month."""
    truth = world.truth()
    total = truth["p_active"] + truth["p_passive"] + truth["p_gone"]
    assert (truth["p_active"] >= 0).all()
    assert (total < 1).all()
    months = np.unique(truth["snapshot"])
    assert len(months) == 10
    assert (months == months.astype("datetime64[M]").astype("datetime64[D]")).all()


def test_effects_differ_and_some_harm(world: World) -> None:
    """Every action helps some subscribers and harms others."""
    table = pq.read_table(world.folder / "truth" / "effects.parquet")
    action = np.asarray(table["action"].to_pylist())
    gamma = table["gamma"].to_numpy()
    assert len(gamma) == 6 * world.report.truth_rows
    for name in np.unique(action):
        of_one = gamma[action == name]
        assert of_one.min() < 0 < of_one.max()
        assert of_one.std() > 0.05
