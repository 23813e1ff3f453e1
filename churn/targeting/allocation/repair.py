"""From prices to a choice that keeps every limit: drop what is over, fill what is left.

At the right prices the customers' own best contacts break a limit by a few contacts at most. What
breaks it goes, worst first; the room that is left goes to contacts of customers not yet served,
best first, each counted at the prices.
"""

from __future__ import annotations

import numpy as np

from churn.targeting.allocation.prices import best_of_each, charged
from churn.targeting.allocation.problem import (
    BoolArray,
    Contacts,
    FloatArray,
    IntArray,
    Limit,
    firsts,
)

ROUNDS = 40


def repaired(contacts: Contacts, each: FloatArray) -> IntArray:
    """Return a choice within the upper limits, and as far as it goes above the floors: ascending.

    Parameters
    ----------
    each
        Prices of all limits, shape (limits,).
    """
    net = contacts.worth - charged(contacts, each)
    wanted = best_of_each(contacts.customer, contacts.starts, net)
    chosen = wanted[fitting(contacts, wanted, _best_first(wanted, net, contacts), None)]
    chosen = _filled(contacts, chosen, net)
    short = _short(contacts, chosen)
    for place, cell in short:
        chosen = _raised(contacts, chosen, net, place, cell)
    return np.sort(_filled(contacts, chosen, net) if short else chosen)


def fitting(
    contacts: Contacts, chosen: IntArray, order: IntArray, room: list[FloatArray] | None
) -> BoolArray:
    """Tell which of the chosen stay if, in that order, each takes what is left of its limits.

    Whoever finds a limit used up by those before it goes, one kind of limit after the other; so
    the rest keeps them all.

    Parameters
    ----------
    order
        The places of the chosen, best first.
    room
        What is left of each limit before them; none: all of it.
    """
    keep = np.ones(len(chosen), dtype=np.bool_)
    for place, limit in enumerate(contacts.limits):
        left = limit.at_most if room is None else room[place]
        if np.isinf(left).all():
            continue
        rows = order[keep[order]]
        picked = chosen[rows]
        use = np.ones(len(rows), np.int64) if limit.use is None else limit.use[picked]
        cell = np.zeros(len(rows), np.int64) if limit.cell is None else limit.cell[picked]
        by_cell = (
            np.argsort(cell, kind="stable") if limit.cell is not None else np.arange(len(cell))
        )
        sums = np.cumsum(use[by_cell])
        starts = np.flatnonzero(firsts(cell[by_cell]))
        before = np.repeat((sums - use[by_cell])[starts], np.diff(np.r_[starts, len(by_cell)]))
        fits = sums - before <= np.append(left, np.inf)[cell[by_cell]]
        keep[rows[by_cell[~fits]]] = False
    return keep


def room_left(contacts: Contacts, chosen: IntArray) -> list[FloatArray]:
    """Return what a choice leaves of each limit, kind by kind."""
    picked = contacts.at(chosen)
    return [limit.at_most - limit.used(len(chosen)) for limit in picked.limits]


def _best_first(chosen: IntArray, net: FloatArray, contacts: Contacts) -> IntArray:
    """Return the places of the chosen in the order in which they may stay.

    Those that a floor asks for come first; of the others the best.
    """
    asked = np.zeros(len(chosen), dtype=np.bool_)
    for limit in contacts.limits:
        if limit.floors.any():
            cell = np.zeros(len(chosen), np.int64) if limit.cell is None else limit.cell[chosen]
            asked |= np.append(limit.floors, 0)[cell] > 0
    return np.lexsort((-net[chosen], ~asked))


def _filled(contacts: Contacts, chosen: IntArray, net: FloatArray) -> IntArray:
    """Add contacts of customers not yet served while they fit, best at the prices first."""
    for _ in range(ROUNDS):
        room = room_left(contacts, chosen)
        open_ = np.flatnonzero(
            ~np.isin(contacts.customer, contacts.customer[chosen])
            & (contacts.worth > 0)
            & _alone(contacts, room)
        )
        if not len(open_):
            break
        order = np.lexsort((open_, -contacts.worth[open_], -net[open_]))
        open_ = open_[order]
        _, first = np.unique(contacts.customer[open_], return_index=True)
        picked = open_[np.sort(first)]
        more = picked[fitting(contacts, picked, np.arange(len(picked)), room)]
        if not len(more):
            more = picked[:1]  # fits alone
        chosen = np.sort(np.concatenate([chosen, more]))
    return chosen


def _alone(contacts: Contacts, room: list[FloatArray]) -> BoolArray:
    """Tell which contacts fit into what is left, each on its own."""
    fits = np.ones(len(contacts), dtype=np.bool_)
    for limit, left in zip(contacts.limits, room, strict=True):
        if np.isinf(left).all():
            continue
        use = 1 if limit.use is None else limit.use
        cell = 0 if limit.cell is None else limit.cell
        fits &= use <= np.append(left, np.inf)[cell]
    return fits


def _short(contacts: Contacts, chosen: IntArray) -> list[tuple[int, int]]:
    """Return the floors that a choice does not reach: kind and cell."""
    picked = contacts.at(chosen)
    return [
        (place, int(cell))
        for place, limit in enumerate(picked.limits)
        for cell in np.flatnonzero(limit.used(len(chosen)) < limit.floors)
    ]


def _raised(
    contacts: Contacts, chosen: IntArray, net: FloatArray, place: int, cell: int
) -> IntArray:
    """Bring a choice up to one floor: its contacts come first, the others keep what fits.

    A customer served otherwise may change its contact for one that the floor asks for.
    """
    floor = contacts.limits[place]
    counts = _in_cell(floor, np.arange(len(contacts)), cell)
    inside = chosen[counts[chosen]]
    missing = int(floor.floors[cell]) - len(inside)
    others = np.flatnonzero(counts & ~np.isin(contacts.customer, contacts.customer[inside]))
    held = np.zeros(len(contacts))
    lost = np.zeros(int(contacts.customer.max()) + 1)
    lost[contacts.customer[chosen]] = net[chosen]
    held[others] = lost[contacts.customer[others]]
    others = others[np.lexsort((others, -(net - held)[others]))]
    _, first = np.unique(contacts.customer[others], return_index=True)
    others = others[np.sort(first)]
    fits = fitting(contacts, others, np.arange(len(others)), room_left(contacts, inside))
    added = others[fits][:missing]
    first_come = np.concatenate([inside, added])
    rest = chosen[~np.isin(contacts.customer[chosen], contacts.customer[first_come])]
    room = room_left(contacts, np.sort(first_come))
    rest = rest[fitting(contacts, rest, _best_first(rest, net, contacts), room)]
    return np.sort(np.concatenate([first_come, rest]))


def _in_cell(limit: Limit, which: IntArray, cell: int) -> BoolArray:
    if limit.cell is None:
        return np.ones(len(which), dtype=np.bool_)
    return np.asarray(limit.cell[which] == cell, dtype=np.bool_)
