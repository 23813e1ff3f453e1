"""Operators drawn as chances, outcomes and delays: what a watch sees of them, month after month.

Nights lie on the first of each month, on which everything entered by its eve is delivered. An
event is entered some days after it happened; a suspension (passive) may be paid within 30 days,
which takes it back. Chances are those that the model promises; what is true may have changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Literal

import numpy as np

from churn.monitoring import (
    Development,
    Night,
    Nowcast,
    Reference,
    Watched,
    counted,
    nowcast,
    reference,
    watch,
    watched_days,
)
from churn.windows import add_months

Change = Literal["none", "rate", "feature", "cause"]
LEAD, DAYS, GRACE = 15, 30, 30
HEADS = ("active", "passive")
FIRST = date(2023, 1, 1)
NEVER = 10**6
MEMORY = 180


@dataclass(frozen=True)
class Events:
    """What happens after one night: by subscriber, days counted from the night."""

    night: date
    chance: dict[str, np.ndarray]
    day: dict[str, np.ndarray]  # NEVER: none
    entered: dict[str, np.ndarray]
    undone: dict[str, np.ndarray]  # the day on which its undoing is entered; NEVER: it lasts


class World:
    """One operator of ``size`` subscribers over ``months`` nights.

    From the first day of month ``changes`` on, something is no longer as the model learned it.
    """

    def __init__(
        self, seed: int, *, size: int = 30_000, months: int = 22, change: Change = "none",
        changes: int = 14,
    ) -> None:  # fmt: skip
        self.change: Change = change
        self.changed_on = add_months(FIRST, changes)
        self.size = size
        self._source = np.random.default_rng(seed)
        self.rates = {
            "active": self._source.uniform(0.008, 0.02),
            "passive": self._source.uniform(0.01, 0.02),
        }
        self.delay = self._source.uniform(1, 8)
        self.cured = self._source.uniform(0.2, 0.6)
        self._looked_at: dict[tuple[date, str], list[Reference]] = {}
        self.nights = [self._events(add_months(FIRST, month)) for month in range(months)]

    def _events(self, night: date) -> Events:
        source, size = self._source, self.size
        day, entered, undone, promised, true = {}, {}, {}, {}, {}
        fade = (self.changed_on - night).days
        # a feature on which the model leans: a third of the logit's spread
        feature = source.normal(size=size)
        for head in HEADS:
            rest = source.normal(size=size)
            base = np.log(self.rates[head]) - 0.5
            chance = 1 / (1 + np.exp(-(base + 0.8 * rest + 0.6 * feature)))
            promised[head] = true[head] = chance
            if self.change == "feature" and fade <= 0:
                # delivered in another unit: what the model reads says nothing of the subscriber
                read = source.normal(size=size) + 1.0
                promised[head] = 1 / (1 + np.exp(-(base + 0.8 * rest + 0.6 * read)))
            happens = source.random(size) < np.minimum(chance * self._most(head), 1)
            on = LEAD + source.integers(DAYS, size=size)
            factor = np.where(on >= fade, self._factor(head), 1.0)
            happens &= source.random(size) < factor / self._most(head)
            day[head] = np.where(happens, on, NEVER)
            entered[head] = np.where(
                happens, on + source.geometric(1 / (1 + self.delay), size), NEVER
            )
            undone[head] = np.full(size, NEVER)
        # the events that are undone come on top of those that last
        extra = source.random(size) < true["passive"] * self.cured / (1 - self.cured)
        extra &= (day["passive"] == NEVER) & (day["active"] == NEVER)
        on = LEAD + source.integers(DAYS, size=size)
        day["passive"] = np.where(extra, on, day["passive"])
        late = source.geometric(1 / (1 + self.delay), size)
        entered["passive"] = np.where(extra, on + late, entered["passive"])
        undone["passive"] = np.where(
            extra, on + source.integers(1, GRACE + 1, size) + late, undone["passive"]
        )
        return Events(night, promised, day, entered, undone)

    def _factor(self, head: str) -> float:
        if self.change == "rate" and head == "active":
            return 1.3
        if self.change == "cause":
            return (
                0.7
                if head == "active"
                else 1.0 + 0.3 * self.rates["active"] / self.rates["passive"]
            )
        return 1.0

    def _most(self, head: str) -> float:
        return max(1.0, self._factor(head))

    def final(self, events: Events, head: str) -> np.ndarray:
        """Return the window's day of each event that lasts; below 0 without one."""
        lasts = (events.day[head] < NEVER) & (events.undone[head] == NEVER)
        return np.where(lasts, events.day[head] - LEAD, -1)

    def seen(self, events: Events, head: str, known_on: date) -> np.ndarray:
        """Return the same of the events that the delivery of ``known_on`` showed."""
        through = (known_on - events.night).days - 1
        shown = (events.entered[head] <= through) & (events.undone[head] > through)
        return np.where(shown, events.day[head] - LEAD, -1)

    def looked_at(self, events: Events, head: str) -> list[Reference]:
        """Return a night's events as they looked one, two and three months later."""
        key = events.night, head
        if key not in self._looked_at:
            ends, told = self.final(events, head), []
            for ago in (1, 2, 3):
                then = add_months(events.night, ago)
                visible = self.seen(events, head, then)
                shown = visible >= 0
                told.append(reference(
                    ends[ends >= 0], visible[shown], ends[shown] >= 0,
                    days=DAYS, seen=seen_day(events.night, then),
                ))  # fmt: skip
            self._looked_at[key] = told
        return self._looked_at[key]

    @cached_property
    def matures_after(self) -> int:
        """Days from a night until its outcomes are final."""
        return LEAD + DAYS + GRACE + 15


@dataclass(frozen=True)
class Look:
    """What one delivery shows."""

    day: date
    watched: list[Watched]
    nowcasts: dict[tuple[str, date], Nowcast]


def seen_day(night: date, known_on: date) -> int:
    """Return the last day of the night's window that the delivery covers."""
    return (known_on - night).days - 1 - LEAD


def developments(world: World, on: date, references: int = 6) -> dict[str, Development]:
    """Learn from nights whose outcomes are final by now how late they became known."""
    final = [e for e in world.nights if (on - e.night).days > world.matures_after][-references:]
    found = {}
    for head in HEADS:
        development = Development.of([world.looked_at(events, head) for events in final])
        assert development is not None
        found[head] = development
    return found


def look(world: World, month: int) -> Look:
    """Return what is told on the first of the month."""
    on = add_months(FIRST, month)
    developed = developments(world, on)
    oldest = on - timedelta(days=MEMORY + LEAD + DAYS)
    past = [events for events in world.nights if oldest < events.night < on]
    nights = [Night(e.night + timedelta(days=LEAD), seen_day(e.night, on)) for e in past]
    series, cast = {}, {}
    for head in HEADS:
        groups = {"all": [], "top": [], "rest": []}
        for events, night in zip(past, nights, strict=True):
            chance, seen = events.chance[head], world.seen(events, head, on)
            top = chance >= np.quantile(chance, 0.9)
            for name, rows in (("all", np.ones(len(top), bool)), ("top", top), ("rest", ~top)):
                groups[name].append(counted(
                    chance[rows], seen[rows], np.ones(int(rows.sum())),
                    days=DAYS, seen=night.seen_day,
                ))  # fmt: skip
            if night.seen_day >= 0 and (on - events.night).days <= world.matures_after:
                whole = groups["all"][-1]
                cast[head, events.night] = nowcast(
                    developed[head], seen_day=night.seen_day, seen=float(whole.seen.sum()),
                    expected=whole.expected, seed=1,
                )  # fmt: skip
        for name, counts in groups.items():
            days = watched_days(nights, counts, developed[head], memory=MEMORY)
            assert days is not None
            series[head, name] = days
    watched = watch(series, looks=12, alarms_per_year=1.0, spread=0.03, least_expected=10)
    return Look(on, watched, cast)
