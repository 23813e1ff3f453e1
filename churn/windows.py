"""Half-open windows of days, and the calendar of snapshots, lead, outcome and grace.

Time is never two loose dates: a window knows its ends, and its end is outside it.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

import ibis.expr.types as ir
from pydantic import Field

from churn.frozen import Frozen


@dataclass(frozen=True)
class Window:
    """The days ``start <= day < end``."""

    start: date
    end: date

    def __post_init__(self) -> None:
        """Refuse a window that ends before it starts."""
        if self.end < self.start:
            raise ValueError(f"a window ends at {self.end}, before it starts at {self.start}")

    @property
    def days(self) -> int:
        """Length in days."""
        return (self.end - self.start).days

    def holds(self, day: date) -> bool:
        """Tell whether ``day`` lies inside."""
        return self.start <= day < self.end

    def contains(self, moment: ir.Value) -> ir.BooleanValue:
        """Tell, per row, whether a date or timestamp column lies inside.

        The raw moment is compared with the first moment of each day, also where it is deferred
        (``_.opened_at``): so the engine can skip what its statistics rule out.
        """
        return (moment >= self.start) & (moment < self.end)


def add_months(day: date, months: int) -> date:
    """Move ``day`` by whole months; a day the target month lacks becomes its last day."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month0 + 1)[1]
    return date(year, month0 + 1, min(day.day, last))


def months_between(first: str, last: str) -> list[str]:
    """Return the months from one to another, both among them, as ``2024-03``.

    Examples
    --------
    >>> months_between("2023-12", "2024-02")
    ['2023-12', '2024-01', '2024-02']
    """
    day, months = date.fromisoformat(f"{first}-01"), [first]
    while months[-1] < last:
        day = add_months(day, 1)
        months.append(f"{day:%Y-%m}")
    return months


def month_start(day: date) -> date:
    """Return the first day of ``day``'s month."""
    return day.replace(day=1)


def month_end(day: date) -> date:
    """Return the last day of ``day``'s month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


class TimeSettings(Frozen):
    """The lengths, in days, of everything around a snapshot (``time:`` in the settings file)."""

    lookback: int = Field(180, gt=0, description="history that features may read, days")
    lead: int = Field(15, ge=0, description="days between snapshot and outcome window, time to act")
    outcome: int = Field(30, gt=0, description="length of the outcome window, days")
    grace: int = Field(30, ge=0, description="days in which a suspension may be cured")
    win_back: int = Field(30, ge=0, description="days within which a return undoes a departure")
    min_tenure: int = Field(60, ge=0, description="days in service before a subscriber is eligible")

    def outcome_window(self, snapshot: date) -> Window:
        """Return the days in which churn counts as the label."""
        start = snapshot + timedelta(days=self.lead)
        return Window(start, start + timedelta(days=self.outcome))

    def mature_on(self, snapshot: date) -> date:
        """Return the first day on which the labels of ``snapshot`` are final.

        ``snapshot + lead + outcome + max(grace, win_back)``: everything must have been observed
        through this day.
        """
        return self.outcome_window(snapshot).end + timedelta(days=max(self.grace, self.win_back))
