"""Two models against the truth, group by group, on the same rows."""

from __future__ import annotations

import numpy as np
import pytest

from churn.evaluation.groups import in_groups
from churn.evaluation.intervals import Resampling


def compared(first, second, reference, *, weight=None, churned=None, groups=2, replicates=50):
    """Compare, each row a customer of its own."""
    first, second, reference = (np.asarray(one, dtype=float) for one in (first, second, reference))
    return in_groups(
        first,
        second,
        reference,
        churned=np.asarray(reference if churned is None else churned).astype(bool),
        weight=np.ones(len(first)) if weight is None else np.asarray(weight, dtype=float),
        resampling=Resampling.over(np.arange(len(first)), replicates=replicates, seed=1),
        groups=groups,
    )


def test_groups_are_cut_by_the_mean_of_both() -> None:
    """Neither model alone decides who is in which group; means and distances are per group."""
    found = compared([0.1, 0.4, 0.2, 0.8], [0.3, 0.1, 0.6, 0.8], [0, 1, 0, 1])
    assert [(one.rows, one.events) for one in found] == [(2, 1), (2, 1)]
    calm, risky = found
    assert (calm.lower, calm.upper) == pytest.approx((0.2, 0.25))
    assert (calm.first, calm.second, calm.reference) == pytest.approx((0.25, 0.2, 0.5))
    assert calm.closer.value == pytest.approx(0.3 - 0.25)
    assert calm.nearer
    assert calm.off == pytest.approx(0.5)
    assert risky.closer.value == pytest.approx(0.2 - 0)


def test_rows_without_weight_cut_but_do_not_count() -> None:
    """A treated row is in its group for the cut and nowhere else."""
    found = compared([0.1, 0.2, 0.3, 0.4], [0.1, 0.2, 0.3, 0.4], [1, 0, 1, 0], weight=[0, 1, 5, 1])
    assert [(one.rows, one.events, one.mass) for one in found] == [(1, 0, 1), (2, 1, 6)]
    assert found[1].reference == pytest.approx(5 / 6)


def test_ties_share_a_group() -> None:
    """Rows with one chance are never torn apart, whatever their order."""
    found = compared([0.1] * 7 + [0.5], [0.1] * 7 + [0.5], [0] * 7 + [1], groups=4)
    assert [one.rows for one in found] == [7, 1]


def test_a_model_that_is_right_is_nearer_by_more_than_chance() -> None:
    """The paired interval lies above 0 where one model is right and the other 20 % too low."""
    rng = np.random.default_rng(3)
    truth = rng.uniform(0.05, 0.4, 20_000)
    happened = rng.random(len(truth)) < truth
    found = compared(truth, truth * 0.8, happened, groups=5)
    assert all(one.closer.lower > 0 for one in found[1:])
    reverse = compared(truth * 0.8, truth, happened, groups=5)
    assert [one.closer.value for one in reverse] == pytest.approx(
        [-one.closer.value for one in found]
    )


def test_row_order_does_not_matter() -> None:
    """The groups of permuted rows are the same."""
    rng = np.random.default_rng(4)
    first, second = rng.random(300), rng.random(300)
    happened = rng.random(300) < 0.3
    order = rng.permutation(300)
    one = compared(first, second, happened)
    other = compared(first[order], second[order], happened[order])
    for a, b in zip(one, other, strict=True):
        assert (a.rows, a.events) == (b.rows, b.events)
        assert a.closer.value == pytest.approx(b.closer.value)


def test_nothing_gives_no_groups() -> None:
    """There is nothing to cut."""
    assert compared([], [], []) == ()
