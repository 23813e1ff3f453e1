"""How far the deliveries known on a day let it see, and the shape in which it sees it."""

from __future__ import annotations

from datetime import date

import pytest

from churn.errors import ExtractError
from churn.tables import TABLES, Delivery, Tables
from churn.windows import Window


def _load(rows, lag, **told):
    return {
        "delivered_on": "2025-06-01",
        "covers_until": "2025-05-31",
        "assumed_lag": lag,
        "rows": rows,
        **told,
    }


def test_observed_through_is_the_latest_cover_known(rows_as_tables):
    """The latest day that known deliveries cover; a correction of an old month takes none away."""
    tables = rows_as_tables(
        {
            "calls": [
                ("2025-02-03", "2025-01-31", []),
                ("2025-03-03", "2025-02-28", []),
                ("2025-03-20", "2025-01-31", []),
            ]
        }
    )
    seen = [
        tables.known_at(day).observed_through("calls")
        for day in (date(2025, 2, 2), date(2025, 2, 3), date(2025, 3, 2), date(2025, 3, 25))
    ]
    assert seen == [None, date(2025, 1, 31), date(2025, 1, 31), date(2025, 2, 28)]


def test_observed_through_an_initial_load_trails_by_its_lag(rows_as_tables):
    """Training replays the data age that the assumed lag stands for."""
    tables = rows_as_tables({"calls": [_load([], 5)]})
    assert tables.known_at(date(2025, 3, 10)).observed_through("calls") == date(2025, 3, 5)
    assert tables.known_at(date(2025, 6, 1)).observed_through("calls") == date(2025, 5, 31)


def test_no_delivery_covers_the_future(rows_as_tables):
    """A delivery named by a month that still runs was not observed beyond the day."""
    tables = rows_as_tables({"calls": [("2025-03-10", "2025-03-31", [])]})
    assert tables.known_at(date(2025, 3, 12)).observed_through("calls") == date(2025, 3, 12)


def _part(partition, delivered_on, covers_until):
    return {
        "partition": partition,
        "mode": "partition",
        "delivered_on": delivered_on,
        "covers_until": covers_until,
        "rows": [],
    }


def test_a_partition_delivered_anew_takes_no_day_away(rows_as_tables):
    """What was observed of the north through January stays so when fewer rows are left of it."""
    tables = rows_as_tables(
        {
            "calls": [
                _part("north", "2025-02-03", "2025-01-31"),
                _part("north", "2025-02-10", "2025-01-12"),
            ]
        }
    )
    assert tables.known_at(date(2025, 2, 10)).observed_through("calls") == date(2025, 1, 31)
    assert tables.known_at(date(2025, 2, 2)).observed_through("calls") is None


def test_a_full_table_is_observed_as_far_as_its_latest_delivery(rows_as_tables):
    """The rows are those of the latest delivery: what an older one covered is no longer there."""
    tables = rows_as_tables(
        {"subscribers": [("2025-02-03", "2025-01-31", []), ("2025-02-10", "2025-01-12", [])]}
    )
    seen = [
        tables.known_at(day).observed_through("subscribers")
        for day in (date(2025, 2, 9), date(2025, 2, 10))
    ]
    assert seen == [date(2025, 1, 31), date(2025, 1, 12)]


def test_two_deliveries_of_one_day_are_observed_as_far_as_the_later_period(rows_as_tables):
    """A month and its correction may come on one day, in either order."""
    for periods in (("2025-01-31", "2025-02-28"), ("2025-02-28", "2025-01-31")):
        tables = rows_as_tables({"calls": [("2025-03-03", period, []) for period in periods]})
        assert tables.known_at(date(2025, 3, 3)).observed_through("calls") == date(2025, 2, 28)


def test_lookback_windows_end_where_the_deliveries_end(rows_as_tables):
    """With data through January, the last 90 days of 15 February end on 31 January, included."""
    tables = rows_as_tables({"calls": [("2025-02-03", "2025-01-31", [])]})
    known = tables.known_at(date(2025, 2, 15))
    assert known.window("calls", 90) == Window(date(2024, 11, 3), date(2025, 2, 1))
    assert known.window("faults", 90) == Window(date(2025, 2, 15), date(2025, 2, 15))


def test_lookback_windows_never_reach_the_day(rows_as_tables):
    """Data that covers more than the past gives the window no more than the past."""
    known = rows_as_tables({"calls": []}).known_at(date(2025, 2, 15))
    assert known.window("calls", 30) == Window(date(2025, 1, 16), date(2025, 2, 15))


def test_the_latest_night_is_when_every_table_had_its_latest_delivery(rows_as_tables):
    """The default as-of is read off the deliveries, never off the clock."""
    tables = rows_as_tables(
        {
            "calls": [("2025-02-03", "2025-01-31", []), ("2025-03-03", "2025-02-28", [])],
            "bills": [("2025-02-10", "2025-01-31", [])],
        }
    )
    assert tables.latest_night(["calls", "bills"]) == date(2025, 3, 3)
    with pytest.raises(ExtractError, match="table faults was never delivered"):
        tables.latest_night(["calls", "faults"])


@pytest.mark.parametrize("name", TABLES)
def test_a_table_that_was_not_delivered_is_empty_but_has_its_columns(engine, name):
    """Families may ask for any canonical table; absent ones have no rows."""
    known = Tables(engine, []).known_at(date(2025, 1, 1))
    assert not known.has(name)
    table = getattr(known, name)
    assert table.schema() == TABLES[name].schema
    assert engine.to_arrow(table).num_rows == 0


@pytest.mark.parametrize("name", TABLES)
def test_known_columns_keep_their_declared_types(rows_as_tables, name):
    """Masks, lags and restatements change no column's name, order or type."""
    tables = rows_as_tables({name: [_load([], 3), ("2025-02-03", "2025-01-31", [])]})
    for day in (date(2025, 3, 1), date(2025, 7, 1)):
        assert tables.known_at(day).table(name).schema() == TABLES[name].schema


def test_there_is_no_other_table(engine):
    """A misspelt table is an error, not an empty one."""
    with pytest.raises(AttributeError, match="bilsl"):
        _ = Tables(engine, []).known_at(date(2025, 1, 1)).bilsl


def test_deliveries_may_be_given_in_any_order(engine):
    """One slot delivered twice on a day, once assumed, once not: ordering them does not fail."""
    day = date(2025, 1, 1)
    two = [Delivery("calls", "", day, day, "append", lag) for lag in (None, 3)]
    assert Tables(engine, two).deliveries == Tables(engine, two[::-1]).deliveries
