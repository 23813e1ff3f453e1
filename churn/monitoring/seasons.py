"""The same season of last year: the calendar's festivals do not fall on the same day every year."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from churn.windows import Window

YEAR = timedelta(days=364)
"""Fifty-two weeks: weekdays stay."""
NEAR = timedelta(days=60)
"""From a festival, before or after, within which a night's inputs tell of it."""
MOVES = timedelta(days=40)
"""How far a festival may lie from where it was last year."""


def a_year_before(day: date, festivals: Sequence[Window]) -> date:
    """Return the day of last year that lies to its festivals as a day does to its own.

    It is fifty-two weeks before where no festival is near, or none is known of last year.

    Examples
    --------
    >>> then = Window(date(2023, 1, 15), date(2023, 2, 6))
    >>> spring = [then, Window(date(2024, 2, 3), date(2024, 2, 25))]
    >>> str(a_year_before(date(2024, 3, 1), spring)), str(a_year_before(date(2024, 9, 1), spring))
    ('2023-02-11', '2023-09-03')
    """
    near = [(abs(day - spell.start), spell.start) for spell in festivals]
    near = [each for each in near if each[0] <= NEAR]
    if not near:
        return day - YEAR
    _, own = min(near)
    apart = [(abs(own - YEAR - spell.start), spell.start) for spell in festivals]
    distance, earlier = min(apart)
    return day - (own - earlier) if distance <= MOVES else day - YEAR
