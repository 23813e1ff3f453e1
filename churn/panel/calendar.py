"""Which snapshots the panel holds: those with a whole lookback behind them and final labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from churn.errors import ExtractError
from churn.labels import DEFAULT, is_mature
from churn.panel.history import ALWAYS, remembers
from churn.panel.split import split
from churn.windows import add_months

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from churn.labels import LabelDefinition
    from churn.panel.settings import PanelSettings
    from churn.panel.split import Order, Slot
    from churn.tables import Tables
    from churn.windows import TimeSettings

Why = Literal["labels not final", "too little history", "gap between parts", "older than asked for"]


@dataclass(frozen=True)
class Dropped:
    """A snapshot that was looked at and not used."""

    snapshot: date
    why: Why


@dataclass(frozen=True)
class Calendar:
    """The snapshots of a panel, oldest first.

    Parameters
    ----------
    dropped
        Those left out, down to the first that remembers too little.
    order
        ``time``: every part is later than the one before. ``test``: only the test is later than
        all else, and calibration is split off by customer. ``customer``: all parts share their
        snapshots.
    """

    as_of: date
    slots: tuple[Slot, ...]
    dropped: tuple[Dropped, ...]
    order: Order

    @property
    def out_of_time(self) -> bool:
        """Whether every part is later than the one before; if not, every report says so."""
        return self.order == "time"

    @property
    def test_out_of_time(self) -> bool:
        """Whether at least the test is later than all it is predicted from."""
        return self.order != "customer"


def calendar(
    tables: Tables,
    as_of: date,
    first: Mapping[str, date],
    *,
    settings: PanelSettings,
    time: TimeSettings,
    definition: LabelDefinition = DEFAULT,
) -> Calendar:
    """Choose the snapshots, a month apart back from the as-of date, and split them.

    Parameters
    ----------
    first
        Table -> day of its first fact, as :func:`churn.panel.first_days` finds them.

    Raises
    ------
    ExtractError
        If no snapshot has both a whole lookback and final labels.
    """
    now = tables.known_at(as_of)
    usable: list[date] = []
    dropped: list[Dropped] = []
    months, snapshot = 0, as_of
    while remembers(tables.known_at(snapshot), first, settings, time):
        if is_mature(now, snapshot, time, definition):
            usable.append(snapshot)
        else:
            dropped.append(Dropped(snapshot, "labels not final"))
        months += 1
        snapshot = add_months(as_of, -months)
    if any(first[name] < snapshot for name in ALWAYS if name in first):
        dropped.append(Dropped(snapshot, "too little history"))
    immature = [one for one in dropped if one.why == "labels not final"]
    if not usable:
        raise _none_usable(as_of, first, settings, time, too_late=bool(immature))
    slots, order = split(usable[::-1], settings, time)
    dropped += _not_taken(usable, slots)
    return Calendar(as_of, slots, tuple(sorted(dropped, key=lambda one: one.snapshot)), order)


def _not_taken(usable: Sequence[date], slots: Sequence[Slot]) -> list[Dropped]:
    taken = {slot.snapshot for slot in slots}
    oldest = min(taken)
    return [
        Dropped(day, "older than asked for" if day < oldest else "gap between parts")
        for day in usable
        if day not in taken
    ]


def _none_usable(
    as_of: date,
    first: Mapping[str, date],
    settings: PanelSettings,
    time: TimeSettings,
    *,
    too_late: bool,
) -> ExtractError:
    bounding = {name: first[name] for name in settings.history_tables if name in first}
    since = f" (history begins {max(bounding.values())})" if bounding else ""
    needed = time.lead + time.outcome + max(time.grace, time.win_back)
    return ExtractError(
        f"no snapshot up to {as_of} has both {time.lookback} days of history{since} "
        f"and {needed} days observed after it",
        where=", ".join(sorted(first)) or "tables",
        do="deliver later status events"
        if too_late
        else "deliver earlier history, or shorten time.lookback",
    )
