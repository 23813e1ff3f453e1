"""Chances by segment: what all have in common is divided out, and noise is told from more."""

import numpy as np
import pytest

from churn.evaluation.intervals import Resampling
from churn.evaluation.segments import FEWEST, segment_fits


def _world(factor, seed=0, rows=20_000):
    """Return outcomes whose true chance in the second of two segments is a multiple of ours."""
    source = np.random.default_rng(seed)
    region = source.choice(["north", "south"], rows, p=[0.7, 0.3])
    chance = source.uniform(0.02, 0.2, rows)
    true = 1.4 * chance * np.where(region == "south", factor, 1.0)
    return source.random(rows) < true, chance, region


def _fits(churned, chance, **segments):
    weight = np.ones(len(chance))
    draws = Resampling.over(np.arange(len(chance)) // 2, replicates=200, seed=1)
    return segment_fits(churned, chance, weight, segments, draws)


def test_a_drift_that_all_share_is_divided_out():
    """Forty per cent more churn everywhere: each segment fits as the whole does."""
    churned, chance, region = _world(1.0)
    fits = _fits(churned, chance, region=region)
    assert [fit.value for fit in fits] == ["north", "south"]
    for fit in fits:
        rows = region == fit.value
        assert fit.churners == churned[rows].sum()
        ratio = churned[rows].sum() / chance[rows].sum()
        assert fit.observed_expected.value == pytest.approx(ratio)
        assert fit.observed_expected.lower > 1.2
        assert not fit.off


def test_a_segment_of_its_own_is_told():
    """Half as much again in the south alone: both differ from the whole."""
    fits = {fit.value: fit for fit in _fits(*_world(1.5)[:2], region=_world(1.5)[2])}
    assert fits["south"].beside_all.lower > 1
    assert fits["north"].beside_all.upper < 1


@pytest.mark.parametrize("unknown", [None, np.nan])
def test_a_value_that_is_not_known_is_a_segment_as_well(unknown):
    """Of words with gaps, and of a column that is all gaps or no words at all."""
    churned, chance, region = _world(1.0)
    gaps = np.where(region == "south", unknown, region.astype(object))
    assert [fit.value for fit in _fits(churned, chance, region=gaps)] == ["north", ""]
    assert _fits(churned, chance, region=np.full(len(region), unknown, dtype=object)) == ()
    assert len(_fits(churned, chance, region=region == "south")) == 2


def test_segments_with_few_churners_or_one_value_are_not_told():
    """Nothing can be said of twenty rows, and the whole is no segment."""
    churned, chance, region = _world(1.0)
    tiny = np.where(np.arange(len(region)) < FEWEST, "island", region)
    assert {fit.value for fit in _fits(churned, chance, region=tiny)} == {"north", "south"}
    assert _fits(churned, chance, region=np.full(len(region), "all")) == ()
