"""Conditions over the columns of a night: what they may hold, and of whom they hold."""

from __future__ import annotations

import pyarrow as pa
import pytest

from churn.errors import SettingsError
from churn.targeting.conditions import checked, columns, holds

WHERE = "targeting.actions: when of offer"


@pytest.fixture
def rows(engine):
    """Return three subscribers, the last of whom nothing is known."""
    return engine.from_arrow(
        pa.table(
            {
                "subscriber_id": ["s1", "s2", "s3"],
                "region": ["north", "south", None],
                "tenure_days": [400, 100, None],
                "ends_on": pa.array([20_000, 20_100, None], pa.date32()),
            }
        )
    )


@pytest.mark.parametrize(
    ("condition", "who"),
    [
        ("region = 'north' and tenure_days > 365", ["s1"]),
        ("region in ('north', 'south')", ["s1", "s2"]),
        ("not region = 'north'", ["s2"]),
        ("region is null or tenure_days <= 100", ["s2", "s3"]),
        ("tenure_days between 100 and 399", ["s2"]),
        ("coalesce(tenure_days, 0) / 2 < 60", ["s2", "s3"]),
        ("ends_on < date '2024-11-01'", ["s1"]),
        ("upper(Region) like 'NO%'", ["s1"]),
    ],
)
def test_a_condition_holds_as_in_sql_and_null_is_no(engine, rows, condition, who):
    """A comparison with null holds for nobody; names of columns read in any case."""
    found = rows.filter(holds(rows, condition, where=WHERE)).select("subscriber_id")
    assert engine.to_arrow(found, order_by=["subscriber_id"])["subscriber_id"].to_pylist() == who


@pytest.mark.parametrize(
    "condition",
    [
        "",
        "region =",
        "tenure_days > 1; drop table x",
        "tenure_days > 1 order by 1",
        "exists(select 1)",
        "region in (select 1)",
        "ends_on < now()",
        "random() < 1",
        "other.region = 'north'",
        "cast(region as int) = 1",
        "ends_on < date 'soon'",
    ],
)
def test_more_than_a_condition_is_refused(condition):
    """No query, no clock, no chance, no other table, no day that is none."""
    with pytest.raises(ValueError, match="the condition"):
        checked(condition)


def test_the_columns_of_a_condition_are_those_it_names():
    """Each once, in lower case."""
    assert columns("A = 1 and (b > 2 or a < 0)") == {"a", "b"}


def test_an_unknown_column_is_named_with_the_one_probably_meant(rows):
    """With the place in the settings."""
    with pytest.raises(SettingsError, match=r"called regoin \(did you mean region\?\)") as told:
        holds(rows, "regoin = 'north'", where=WHERE)
    assert told.value.where == WHERE


def test_what_cannot_be_compared_is_told_as_such(rows):
    """A text with a number."""
    with pytest.raises(SettingsError, match="cannot be compared"):
        holds(rows, "region + 1 > 2", where=WHERE)
