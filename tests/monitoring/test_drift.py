"""Inputs that are others than those learned from, ranked by what they move in the score."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn.evaluation.stability import population_stability
from churn.monitoring.drift import (
    Drift,
    chance_of,
    compared,
    counts,
    stability_index,
    worth_a_look,
)


def drifts(before, after, moves, **known) -> tuple[Drift, ...]:
    """Return what is worth a look of all columns of two parts."""
    return worth_a_look(compared(before, after, moves, **known))


def _rows(seed, n=2000, **changes):
    source = np.random.default_rng(seed)
    rows = pd.DataFrame(
        {
            "a": source.normal(size=n),
            "b": source.exponential(size=n).round(1),
            "c": source.choice(["x", "y", "z"], size=n),
            "d": np.where(source.random(n) < 0.3, np.nan, source.normal(size=n)),
        }
    )
    return rows.assign(**{name: change(rows) for name, change in changes.items()})


def test_what_has_not_changed_is_not_told():
    """Of 40 drawn pairs with four features each, at most one is told."""
    told = sum(bool(drifts(_rows(seed), _rows(seed + 500), {})) for seed in range(40))
    assert told <= 1


def test_what_moves_the_score_comes_first():
    """A shift, a class grown, a column gone blank: all told, the one that moves most first."""
    after = _rows(
        9,
        a=lambda rows: rows["a"] + 0.6,
        c=lambda rows: rows["c"].replace("z", "x"),
        d=lambda _: np.nan,
    )
    moves = {"a": {"active": 0.1, "passive": 0.0}, "c": {"active": 0.02, "passive": -0.7}}
    found = drifts(_rows(1), after, moves, last_year=after.assign(a=_rows(2)["a"]))
    assert [each.feature for each in found] == ["c", "a", "d"]
    assert found[0].weight == 0.7
    assert found[2].weight == 0
    assert [each.as_last_year for each in found] == [True, False, True]
    assert all(each.chance < 0.01 for each in found)
    assert drifts(_rows(1), after, moves)[0].as_last_year is None


def test_little_is_not_worth_a_look_however_certain():
    """Among a million rows a shift of a twentieth is certain, and no matter."""
    before = pd.DataFrame({"a": np.random.default_rng(1).normal(size=400_000)})
    after = before + 0.05
    assert chance_of(counts(before["a"], after["a"])) < 1e-6
    assert drifts(before, after, {}) == ()


def test_the_index_is_that_of_scores():
    """On plain numbers it is the index by which a backtest compares scores."""
    scores = np.linspace(0, 1, 1001)
    series = pd.Series(scores), pd.Series(scores**2)
    binned = counts(*series)
    assert stability_index(binned) == pytest.approx(
        population_stability(scores, scores**2), rel=0.05
    )
    assert stability_index(counts(series[0], series[0])) == 0


@given(
    before=st.lists(st.one_of(st.none(), st.floats(-5, 5)), min_size=1, max_size=40),
    after=st.lists(st.one_of(st.none(), st.floats(-5, 5)), min_size=1, max_size=40),
)
def test_every_row_is_counted_once(before, after):
    """Missing or tied, all of one value or blank: both rows add up, figures are finite."""
    first, second = (pd.Series(part, dtype="float64") for part in (before, after))
    binned = counts(first, second)
    assert binned.sum(axis=1).tolist() == [len(before), len(after)]
    assert np.isfinite(stability_index(binned))
    assert 0 <= chance_of(binned) <= 1


def test_classes_beyond_the_named_share_a_bin():
    """Of 30 classes the 20 largest have a bin each, the rest one, the missing the last."""
    levels = pd.Series([f"k{number:02d}" for number in range(30) for _ in range(number + 1)])
    binned = counts(levels, pd.Series(["k29", None, "new"]))
    assert binned.shape == (2, 22)
    assert binned[1].sum() == 3
    assert binned[1, -1] == 1


def test_the_more_is_looked_at_the_more_it_takes():
    """A chance of .001 is told alone; as one of twenty that were looked at it is not."""
    strange = Drift(feature="a", index=0.2, chance=1e-3, moves={})
    usual = [strange.model_copy(update={"feature": f"b{n}", "chance": 0.5}) for n in range(19)]
    assert [each.feature for each in worth_a_look([strange])] == ["a"]
    assert worth_a_look([strange, *usual]) == ()
