"""Copies of rows: found where they differ a little, and nowhere by chance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from churn.ready_made.copies import copies

ROWS = 3_000
COPIED = 600


def _frame(values):
    return pd.DataFrame(values).rename(columns=str)


def _customers(seed=0, rows=ROWS):
    """Return amounts, counts, a share that follows from two of them, plans and flags."""
    draw = np.random.default_rng(seed)
    minutes = draw.gamma(4, 50, rows).round(1)
    frame = _frame(draw.gamma(3, 20, (rows, 7)).round(2))
    return frame.assign(
        minutes=minutes,
        charge=(0.17 * minutes).round(2),
        rate=minutes / frame["0"],
        calls=draw.poisson(4, rows).astype(float),
        plan=draw.choice(["basic", "gold", "student", None], rows),
        abroad=pd.array(draw.random(rows) < 0.2, dtype="boolean"),
    )


def _same(draw, copy):
    return copy


def _two_columns_changed(draw, copy):
    for at in range(len(copy)):
        for column in draw.choice(8, 2, replace=False):
            copy.iloc[at, column] *= 1.4
    return copy


def _all_numbers_shaken(draw, copy):
    numbers = copy.select_dtypes("float").columns
    copy[numbers] *= 1 + draw.normal(0, 0.001, (len(copy), len(numbers)))
    return copy


@pytest.mark.parametrize("changed", [_same, _two_columns_changed, _all_numbers_shaken])
def test_copies_are_found_where_they_differ_a_little(changed):
    """Equal, with two columns changed, with all numbers off by a thousandth: most pairs are met."""
    frame = _customers()
    copied = changed(np.random.default_rng(1), frame.iloc[:COPIED].copy())
    found = copies(pd.concat([frame, copied], ignore_index=True))
    met = found.group[:COPIED] == found.group[ROWS:]
    assert met.mean() > 0.75
    assert found.equal == (2 * COPIED if changed is _same else 0)
    assert found.equal + found.near == 2 * found.groups  # nobody was taken for a third one
    assert len(np.unique(found.group[COPIED:ROWS])) == ROWS - COPIED


def _flags(draw):
    return _frame(draw.random((ROWS, 4)) < 0.4).astype("boolean")


def _many_flags(draw):
    return _frame(draw.random((ROWS, 40)) < 0.5).astype("boolean")


def _one_cause_of_forty_columns(draw):
    return _frame(draw.normal(size=(ROWS, 1)) + 0.05 * draw.normal(size=(ROWS, 40)))


def _half_idle_for_two_years(draw):
    level = np.exp(0.5 * draw.normal(size=(ROWS, 1)))
    idle = draw.random((ROWS, 1)) < 0.5
    return _frame(np.where(idle, 0.0, draw.poisson(30 * level * np.ones((1, 24)))))


def _other_customers(draw):
    return _customers(3)


def _few_levels(draw):
    return _frame(draw.choice(list("abcdefgh"), (ROWS, 6)))


@pytest.mark.parametrize(
    "table",
    [
        _flags,
        _many_flags,
        _one_cause_of_forty_columns,
        _half_idle_for_two_years,
        _few_levels,
        _other_customers,
    ],
)
def test_rows_that_are_alike_by_chance_are_no_copies(table):
    """However few the values, however much columns say the same of one another."""
    found = copies(table(np.random.default_rng(2)))
    assert found.equal + found.near <= ROWS / 500
    assert np.bincount(found.group).max() <= 2


def test_the_order_of_rows_does_not_matter():
    """The same rows are put together."""
    frame = _customers()
    frame = pd.concat([frame, _all_numbers_shaken(np.random.default_rng(1), frame.iloc[:50])])
    order = np.random.default_rng(4).permutation(len(frame))
    one, two = copies(frame), copies(frame.iloc[order])
    assert two.groups == one.groups
    assert len(set(zip(one.group[order], two.group, strict=True))) == len(np.unique(one.group))


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_hardly_any_rows(rows):
    """Nothing is said of rows that are alone."""
    found = copies(_customers(rows=5).iloc[:rows])
    assert len(found.group) == rows
    assert found.groups == 0
