"""Floors that no choice can reach: which limit stands against which."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from churn.targeting.allocation.problem import Contacts, FloatArray, IntArray, Limit, firsts


@dataclass(frozen=True)
class Conflict(Exception):  # noqa: N818 - told to users as a conflict of their settings
    """A floor asks for more contacts than another limit leaves.

    Parameters
    ----------
    floor, cell
        The limit whose floor it is, and the place of the cell in it.
    asked, reached
        How many contacts it asks for, and how many there can be.
    against
        The limits that stand against it; none: too few customers may have such a contact.
    """

    floor: str
    cell: int
    asked: int
    reached: int
    against: tuple[str, ...]


def floors(contacts: Contacts) -> Iterator[tuple[Limit, int]]:
    """Yield every floor: the limit and the place of its cell."""
    for limit in contacts.limits:
        for cell in np.flatnonzero(limit.floors > 0):
            yield limit, int(cell)


def require_possible(contacts: Contacts) -> None:
    """Raise Conflict for the first floor that one other limit alone makes impossible.

    Of several such limits it names the one that leaves least.
    """
    for floor, cell in floors(contacts):
        inside = contacts.at(_inside(floor, cell, len(contacts)))
        asked = int(floor.floors[cell])
        reached, against = len(inside.starts), ""
        for limit in inside.limits:
            possible = most(inside, limit)
            if possible < reached:
                reached, against = possible, limit.name
        if reached < asked:
            raise Conflict(floor.name, cell, asked, reached, (against,) if against else ())


def most(contacts: Contacts, limit: Limit) -> int:
    """Return how many customers can have one of the contacts under one kind of limit, at most."""
    use = np.ones(len(contacts), np.int64) if limit.use is None else limit.use
    cell = np.zeros(len(contacts), np.int64) if limit.cell is None else limit.cell
    free = np.unique(contacts.customer[(cell < 0) | (use == 0)])
    paying = (cell >= 0) & (use > 0) & ~np.isin(contacts.customer, free)
    cheapest = np.flatnonzero(paying)
    # of a customer's contacts the cheapest in each cell
    order = np.lexsort((use[cheapest], cell[cheapest], contacts.customer[cheapest]))
    cheapest = cheapest[order]
    pair = firsts(contacts.customer[cheapest]) | firsts(cell[cheapest])
    cheapest = cheapest[pair]
    by_use = np.lexsort((use[cheapest], cell[cheapest]))
    return len(free) + min(
        _counted(cell[cheapest[by_use]], use[cheapest[by_use]], limit.at_most),
        len(np.unique(contacts.customer[cheapest])),
    )


def _counted(cell: npt.NDArray[np.integer], use: IntArray, at_most: FloatArray) -> int:
    """Count what fits where each cell takes its cheapest first."""
    if not len(cell):
        return 0
    sums = np.cumsum(use)
    starts = np.flatnonzero(firsts(cell))
    before = np.repeat((sums - use)[starts], np.diff(np.r_[starts, len(cell)]))
    return int((sums - before <= at_most[cell]).sum())


def _inside(limit: Limit, cell: int, count: int) -> IntArray:
    if limit.cell is None:
        return np.arange(count)
    return np.flatnonzero(limit.cell == cell)
