"""The months that indicators are told of, and what each is held against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from churn.language import Text
from churn.windows import Window, add_months, month_start

WEEKS = timedelta(days=364)


@dataclass(frozen=True)
class Period:
    """A month, or the part of it that has passed.

    Parameters
    ----------
    window
        Its days.
    whole
        Whether the month has ended.
    """

    window: Window
    whole: bool = True

    @property
    def name(self) -> str:
        """How it is known: the month, or its days so far."""
        month = self.window.start.isoformat()[:7]
        return month if self.whole else f"{month} ({self.window.days} d)"

    @property
    def label(self) -> Text:
        """How it is told to people."""
        if self.whole:
            return Text(self.name, self.name)
        month = self.window.start.isoformat()[:7]
        return Text(self.name, f"{month}（{self.window.days}天）")

    @property
    def last_month(self) -> Window:
        """The month before; of a part, as many of its first days."""
        start = add_months(self.window.start, -1)
        if self.whole:
            return Window(start, self.window.start)
        return Window(start, min(self.window.start, start + timedelta(days=self.window.days)))

    @property
    def last_year(self) -> Window:
        """The same weeks of last year, so that like days are compared."""
        return Window(self.window.start - WEEKS, self.window.end - WEEKS)


def periods(night: date, months: int) -> list[Period]:
    """Return the last whole months, oldest first, and the running one if a day of it has passed.

    Examples
    --------
    >>> [period.name for period in periods(date(2025, 3, 10), 2)]
    ['2025-01', '2025-02', '2025-03 (9 d)']
    """
    first = month_start(night)
    found = [
        Period(Window(add_months(first, -back), add_months(first, 1 - back)))
        for back in range(months, 0, -1)
    ]
    if night > first:
        found.append(Period(Window(first, night), whole=False))
    return found
