"""The same season of last year, where festivals move."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn.features.calendar import SPRING_FESTIVALS, Calendar
from churn.monitoring.seasons import a_year_before

SPRING = Calendar.of_spring_festivals().festivals


@pytest.mark.parametrize(
    ("day", "then"),
    [
        (
            "2025-02-12",
            "2024-02-24",
        ),  # a fortnight after the festival of 29 January and 10 February
        ("2024-02-10", "2023-01-22"),  # its first day
        ("2024-01-27", "2023-01-08"),  # a fortnight before
        ("2024-07-01", "2023-07-03"),  # none near: fifty-two weeks
        ("2018-03-01", "2017-03-02"),  # none known of last year
    ],
)
def test_a_night_lies_to_last_years_festival_as_it_does_to_its_own(day: str, then: str) -> None:
    """As many days after the festival, or before it; elsewhere the same weekday."""
    assert str(a_year_before(date.fromisoformat(day), SPRING)) == then


def test_without_a_calendar_it_is_fifty_two_weeks() -> None:
    """Operators elsewhere have no such festival."""
    assert a_year_before(date(2025, 2, 12), ()) == date(2024, 2, 14)


@given(day=st.dates(date(2019, 6, 1), date(2035, 1, 1)))
def test_a_year_is_never_far_from_a_year(day: date) -> None:
    """Thirteen moons at most: 354 to 385 days."""
    apart = day - a_year_before(day, SPRING)
    assert timedelta(days=353) <= apart <= timedelta(days=385)
    assert len(SPRING) == len(SPRING_FESTIVALS)
