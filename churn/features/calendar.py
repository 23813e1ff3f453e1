"""Days that compare with no others: festivals, left out where a rate is held against another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from operator import or_

import ibis.expr.types as ir

from churn.windows import Window

SPRING_FESTIVALS: Mapping[int, str] = {
    2018: "02-16",
    2019: "02-05",
    2020: "01-25",
    2021: "02-12",
    2022: "02-01",
    2023: "01-22",
    2024: "02-10",
    2025: "01-29",
    2026: "02-17",
    2027: "02-06",
    2028: "01-26",
    2029: "02-13",
    2030: "02-03",
    2031: "01-23",
    2032: "02-11",
    2033: "01-31",
    2034: "02-19",
    2035: "02-08",
}
"""New year's day of the Chinese calendar, as the Hong Kong Observatory's conversion tables say."""
TRAVEL_BEFORE, TRAVEL_AFTER = timedelta(days=7), timedelta(days=15)
"""Around it most who work elsewhere are at home: from the week before to the Lantern Festival."""


@dataclass(frozen=True)
class Calendar:
    """Spells of days on which people do not live as on others.

    Examples
    --------
    >>> month = Window(date(2024, 2, 1), date(2024, 3, 1))
    >>> Calendar().days(month), Calendar.of_spring_festivals().days(month)
    (29, 7)
    """

    festivals: tuple[Window, ...] = ()

    @classmethod
    def of_spring_festivals(cls) -> Calendar:
        """Return the calendar that is shipped."""
        days = (date.fromisoformat(f"{year}-{day}") for year, day in SPRING_FESTIVALS.items())
        return cls(tuple(Window(day - TRAVEL_BEFORE, day + TRAVEL_AFTER) for day in days))

    def days(self, window: Window) -> int:
        """Count the days of a window that compare with those of others."""
        inside = (window.start + timedelta(days=day) for day in range(window.days))
        return sum(not any(spell.holds(day) for spell in self.festivals) for day in inside)

    def apart(self, moment: ir.Value, window: Window) -> ir.BooleanValue | None:
        """Tell, per row, whether a moment lies in a festival; None where the window has none."""
        touched = [
            spell
            for spell in self.festivals
            if spell.start < window.end and window.start < spell.end
        ]
        return reduce(or_, [spell.contains(moment) for spell in touched]) if touched else None
