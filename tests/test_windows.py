"""Windows are half-open; months keep their ends."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn.windows import TimeSettings, Window, add_months, month_end, month_start

DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))


def test_a_window_holds_its_start_and_not_its_end() -> None:
    """The end lies outside."""
    window = Window(date(2025, 1, 1), date(2025, 1, 31))
    assert window.holds(date(2025, 1, 1))
    assert not window.holds(date(2025, 1, 31))
    assert window.days == 30


def test_a_window_cannot_end_before_it_starts() -> None:
    """An upside-down window is a mistake of the caller."""
    with pytest.raises(ValueError, match="before it starts"):
        Window(date(2025, 2, 1), date(2025, 1, 1))


@given(DAYS, st.integers(-600, 600))
def test_months_move_as_people_count_them(day: date, months: int) -> None:
    """The month moves by the number asked for; the day stays, or is the last the month has."""
    moved = add_months(day, months)
    assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == months
    assert moved.day == min(day.day, month_end(moved).day)


@given(DAYS)
def test_a_month_reaches_from_its_first_to_its_last_day(day: date) -> None:
    """The day after the last is the first of the next."""
    assert month_start(day) <= day <= month_end(day)
    assert month_end(day) + timedelta(days=1) == add_months(month_start(day), 1)


def test_the_default_calendar_of_a_snapshot() -> None:
    """Lead 15 days, outcome 30, maturity 30 days after the outcome window."""
    time = TimeSettings()
    snapshot = date(2025, 1, 1)
    assert time.outcome_window(snapshot) == Window(date(2025, 1, 16), date(2025, 2, 15))
    assert time.mature_on(snapshot) == date(2025, 3, 17)
