"""The months of the synthetic world: snapshots, and which days each month's state governs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from churn.windows import TimeSettings, add_months

EPOCH = date(1970, 1, 1)
TIME = TimeSettings()
BURN_IN = 8  # months lived before the first delivery, so that hidden states have settled


def number(day: date) -> int:
    """Return a date as days from 1970."""
    return (day - EPOCH).days


def calendar_day(day: int) -> date:
    """Return days from 1970 as a date."""
    return EPOCH + timedelta(days=day)


@dataclass(frozen=True)
class Month:
    """One month of the world; ``index`` 0 is the first that is delivered.

    The state at its first day governs the days ``[governs, governs_until)``: those of its outcome
    window, so that the chances of a snapshot follow from two states alone.
    """

    index: int
    start: int
    end: int
    governs: int
    governs_until: int
    seed: int

    def stream(self, purpose: int) -> np.random.Generator:
        """Return the random numbers of one purpose in this month, independent of all others."""
        key = (self.index + BURN_IN, purpose)
        return np.random.Generator(
            np.random.PCG64(np.random.SeedSequence(self.seed, spawn_key=key))
        )

    @property
    def first_day(self) -> date:
        """The snapshot."""
        return calendar_day(self.start)

    @property
    def calendar_month(self) -> int:
        """1 to 12."""
        return self.first_day.month


def month(start: date, index: int, seed: int) -> Month:
    """Return month ``index`` of a world that starts at ``start``, the first of a month."""
    before, here, after = (number(add_months(start, index + step)) for step in (-1, 0, 1))
    opens = TIME.lead
    closes = TIME.lead + TIME.outcome
    return Month(
        index=index,
        start=here,
        end=after,
        governs=max(here + opens, before + closes),
        governs_until=max(after + opens, here + closes),
        seed=seed,
    )
