"""Operators drawn as chances, outcomes and delays: changes are told, and hardly anything else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests.monitoring.worlds import DAYS, LEAD, Change, World, look

CHANGES: tuple[Change, ...] = ("rate", "feature", "cause")
CHANGED = 14
"""The month on whose first day something changes; the delivery two months later covers 30 days."""


@dataclass
class Tally:
    """What was told of some operators."""

    told: int = 0
    false: int = 0
    held: int = 0
    nowcasts: int = 0


def _watched(change: Change, seeds: range, looks: range) -> Tally:
    """Watch one operator per seed on the first of each of the months."""
    tally = Tally()
    for seed in seeds:
        world = World(seed, change=change, months=looks.stop + 1, changes=CHANGED)
        told = False
        for month in looks:
            seen = look(world, month)
            alarms = [each for each in seen.watched if each.alarm]
            if change == "none" or month <= CHANGED:
                tally.false += bool(alarms)
            elif month <= CHANGED + 2:
                told |= bool(alarms)
            by_night = {events.night: events for events in world.nights}
            for (head, night), cast in seen.nowcasts.items():
                opens = night + timedelta(days=LEAD)
                if change != "none" and opens <= world.changed_on < opens + timedelta(days=DAYS):
                    continue  # nobody foretells what changes in the middle of a window
                final = (world.final(by_night[night], head) >= 0).sum()
                tally.held += cast.final.lower <= final <= cast.final.upper
                tally.nowcasts += 1
        tally.told += told
    return tally


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_told_by_the_first_delivery_that_covers_it(change: Change) -> None:
    """One operator each: told once 30 days after the change are delivered."""
    assert _watched(change, range(1, 2), range(CHANGED + 1, CHANGED + 3)).told == 1


def test_nothing_is_told_while_nothing_changes() -> None:
    """One operator, three deliveries: no alarm, and most nowcasts hold."""
    tally = _watched("none", range(1), range(12, 15))
    assert tally.false == 0
    assert tally.held >= 0.9 * tally.nowcasts > 0


@pytest.mark.acceptance
def test_twenty_operators_of_each_kind() -> None:
    """At least 17 of 20 per change; at most one false alarm a year; 92 to 98 % of intervals hold.

    A year has twelve deliveries; every look with an alarm counts as one, also of the same cause.
    """
    years = range(10, 22)
    quiet = _watched("none", range(20), years)
    assert quiet.false <= 20
    assert 0.92 <= quiet.held / quiet.nowcasts <= 0.98
    for change in CHANGES:
        tally = _watched(change, range(20), range(10, 20))
        assert tally.told >= 17, change
        assert tally.false <= 20 * (CHANGED - 10 + 1) / 12, change
        assert 0.92 <= tally.held / tally.nowcasts <= 0.98, change
