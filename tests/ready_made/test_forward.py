"""Tables with times: the past is asked about what came later, groups and the gap left out."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from churn.ingest.spelling import plain
from churn.learning.origins import planned
from churn.ready_made import RoleError, ready_made
from churn.ready_made.times import day_of, times_of

MONTHS = 12


def _times(*values):
    return times_of(plain(pa.chunked_array([pa.array(values)])))


@pytest.mark.parametrize(
    ("values", "first", "name"),
    [
        (["2024-01-31", "2024-02-29", ""], date(2024, 1, 31), "2024-01-31"),
        (["31.1.2024", "29.2.2024", "n/a"], date(2024, 1, 31), "2024-01-31"),
        (["2024-01", "2024-02"], date(2024, 1, 1), "2024-01-01"),
        ([202401, 202402], date(2024, 1, 1), "2024-01-01"),
        (["202401", "202402"], date(2024, 1, 1), "2024-01-01"),
        ([20240131, 20240229], date(2024, 1, 31), "2024-01-31"),
        ([2023, 2024, None], date(2023, 1, 1), "2023-01-01"),
        ([1, 2, 12], date(1970, 1, 2), "1"),
        ([202413, 202401], date(2524, 3, 10), "202413"),
        ([pd.Timestamp("2024-01-31 08:00")], date(2024, 1, 31), "2024-01-31"),
    ],
)
def test_times_as_the_world_writes_them(values, first, name):
    """Days, months, years, or periods that are only numbered."""
    times = _times(*values)
    assert day_of(times.days[0]) == first
    assert times.name(first) == name


@pytest.mark.parametrize("values", [["a", "b"], [1.5, 2.5], [13800138000, 13800138001], [True]])
def test_what_is_no_time_is_told(values):
    """Words, fractions, numbers of somebody."""
    assert _times(*values) is None


def _monthly(people=60, months=MONTHS, **columns):
    """Return a row per person and month, a third of them of the target."""
    rows = people * months
    person, month = np.arange(rows) % people, np.arange(rows) // people
    day = pd.Timestamp("2024-01-01") + pd.to_timedelta(30 * month, "D")
    draw = np.random.default_rng(0)
    return pa.table(
        {
            "on": day.strftime("%Y-%m-%d").tolist(),
            "who": [f"p{at}" for at in person],
            "once": [f"r{at}" for at in range(rows)],
            "x": draw.normal(size=rows),
            "churn": np.where(draw.random(rows) < 1 / 3, "Yes", "No").tolist(),
            **columns,
        }
    )


def _plan(table, **options):
    made = ready_made(table, target="churn", time_column="on", **options)
    return made, planned(made.walk, made.frame)


@pytest.mark.parametrize("gap", [0, 30, 31, 75])
def test_the_gap_lies_between_what_teaches_and_what_is_asked_about(gap):
    """Every row of an origin is older than its first day by the gap, and no older one is left."""
    made, plan = _plan(_monthly(), gap=gap, id_column="once")
    assert made.walk.out_of_time
    day = pd.to_datetime(pd.Series(_monthly()["on"].to_pylist()))
    for origin in plan.origins:
        first = day[origin.asked].min()
        known = day + pd.Timedelta(max(gap, 1), "D") <= first
        assert (origin.fitted == known.to_numpy()).all()
    assert plan.teach.all()
    assert "on" not in [column.column for column in made.recipe.columns]
    assert not (plan.calibrating & plan.tested).any()


def test_no_group_is_learned_from_by_the_origin_that_is_asked_about_it():
    """Everybody is there every month: groups are folded, and each fold has its own past."""
    made, plan = _plan(_monthly(), gap=30, group_column="who")
    assert made.walk.apart == "folds"
    who = made.frame["customer_id"]
    for origin in plan.origins:
        assert origin.fitted.any()
        assert not set(who[origin.fitted]) & set(who[origin.asked])
    asked = sum(origin.asked.astype(int) for origin in plan.origins)
    assert asked.max() == 1
    assert len(plan.origins) == 5 * (len(made.walk.test) + len(made.walk.calibration))


def test_a_few_groups_that_come_again_are_left_out():
    """Nearly all are there once: rows of the others leave the fit, and nothing is folded."""
    who = [f"p{at}" if at % 20 else "again" for at in range(60 * MONTHS)]
    made, plan = _plan(_monthly(who=who), group_column="who")
    assert made.walk.apart == "rows"
    again = (made.frame["customer_id"] == "name again").to_numpy()
    for origin in plan.origins:
        assert (origin.asked & again).any()
        assert not (origin.fitted & again).any()
        assert origin.fitted.any()


def test_days_fall_into_few_periods():
    """A row a day for a year is no origin a day."""
    days = pd.date_range("2023-01-01", periods=1_000).strftime("%Y-%m-%d").tolist()
    made, plan = _plan(_monthly(people=1_000, months=1, on=days), gap=10)
    assert 2 <= len(plan.origins) <= 6
    assert made.frame["snapshot"].nunique() <= 16
    assert made.untimed == 0


def test_rows_without_a_time_are_left_out_and_counted():
    """Nobody knows what came before them."""
    table = _monthly()
    days = table["on"].to_pylist()
    days[5] = ""
    made = ready_made(_monthly(on=days), target="churn", time_column="on")
    assert (made.untimed, made.unlabelled, len(made.frame)) == (1, 0, table.num_rows - 1)


@pytest.mark.parametrize(
    ("options", "role", "what"),
    [
        ({"time_column": "who"}, "time", "neither dates nor numbered periods"),
        ({"time_column": "on", "gap": 400}, "time", "leave no period"),
        ({"gap": 30}, "gap", "between which rows the gap lies"),
        ({"time_column": "off"}, "time", "no column off"),
    ],
)
def test_times_that_do_not_fit_are_refused(options, role, what):
    """By the role that is filled wrongly."""
    with pytest.raises(RoleError, match=what) as told:
        ready_made(_monthly(), target="churn", **options)
    assert told.value.role == role
