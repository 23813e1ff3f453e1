"""Nights side by side on the calendar: each day's events are held against one night's promise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from churn.evaluation.ranking import FloatArray
from churn.monitoring.development import Development


@dataclass(frozen=True)
class Counted:
    """Events of one head in one group of subscribers at one night.

    Attributes
    ----------
    seen
        Shape (days,): events seen by now, by the day of the outcome window; weighted.
    expected
        Events that the chances promise for the whole window; weighted.
    scale
        What one event counts for: the weighted mean weight, 1 where no row is weighted.
    """

    seen: FloatArray
    expected: float
    scale: float = 1.0


@dataclass(frozen=True)
class Night:
    """One scored night: when its outcome window opens, and which day of it was seen last."""

    opens_on: date
    seen_day: int


@dataclass(frozen=True)
class Days:
    """Days of the calendar with the events seen and those that should have been seen by now.

    Attributes
    ----------
    first
        The day of the first entry.
    seen, expected
        Shape (n,).
    night
        Shape (n,): the night whose promise the day is held against; -1: none.
    evidence
        Shape (n,): events of the references behind the expectation.
    scale
        What one event counts for.
    """

    first: date
    seen: FloatArray
    expected: FloatArray
    night: FloatArray
    evidence: FloatArray
    scale: float

    def since(self, day: date) -> slice:
        """Return the entries from a day on."""
        return slice(max((day - self.first).days, 0), None)


def watched_days(
    nights: Sequence[Night], counted: Sequence[Counted], development: Development, *, memory: int
) -> Days | None:
    """Lay the nights' windows side by side; a day of several windows belongs to the latest.

    Parameters
    ----------
    nights, counted
        In the order of time, one for one.
    memory
        How many days are looked at, back from the last one seen.

    Returns
    -------
    Days or None
        None where no day of any window was seen yet.
    """
    ends = [
        night.opens_on + timedelta(days=min(night.seen_day + 1, development.days))
        for night in nights
        if night.seen_day >= 0
    ]
    if not ends:
        return None
    last = max(ends)
    first = max(min(night.opens_on for night in nights), last - timedelta(days=memory))
    length = (last - first).days
    seen, expected, evidence = np.zeros(length), np.zeros(length), np.zeros(length)
    belongs = np.full(length, -1.0)
    for number, (night, events) in enumerate(zip(nights, counted, strict=True)):
        visible = development.progress(night.seen_day).visible
        worth = development.evidence(night.seen_day).lasting
        for day in range(min(night.seen_day + 1, development.days)):
            place = (night.opens_on - first).days + day
            if not 0 <= place < length:
                continue
            seen[place] = events.seen[day]
            expected[place] = events.expected * visible[day]
            evidence[place] = worth * development.share[day]
            belongs[place] = number
    weights = sum(events.expected for events in counted)
    scale = sum(events.expected * events.scale for events in counted) / weights if weights else 1.0
    return Days(first, seen, expected, belongs, evidence, scale)
