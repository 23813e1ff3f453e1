"""What may be chosen from, and what limits the choice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Limit:
    """Limits of one kind, one per cell: a region, a channel, an account manager, the one budget.

    Parameters
    ----------
    name
        What errors and prices call it.
    at_most
        Shape (cells,): the most that all chosen contacts of a cell may use together; infinite
        where there is no such limit.
    cell
        Shape (k,): the cell that each contact draws on, -1 for none; none at all: every contact
        draws on the one cell.
    use
        Shape (k,), whole numbers not below 0: how much of it each contact uses; none: one each.
    at_least
        Shape (cells,): how many contacts of a cell must be chosen. Only where every contact uses
        one.
    """

    name: str
    at_most: FloatArray
    cell: npt.NDArray[np.integer] | None = None
    use: IntArray | None = None
    at_least: FloatArray | None = None

    def __post_init__(self) -> None:
        """Refuse a floor on anything but a number of contacts."""
        if self.at_least is not None and self.use is not None:
            raise ValueError(f"limit {self.name}: only a number of contacts has a floor")

    @property
    def floors(self) -> FloatArray:
        """How many contacts of each cell must be chosen, shape (cells,)."""
        return np.zeros(len(self.at_most)) if self.at_least is None else self.at_least

    def of(self, which: IntArray) -> Limit:
        """Return the same limits as these contacts draw on them."""
        return replace(
            self,
            cell=None if self.cell is None else self.cell[which],
            use=None if self.use is None else self.use[which],
        )

    def used(self, count: int, weights: FloatArray | None = None) -> FloatArray:
        """Return what ``count`` contacts use of each cell, each times its weight: (cells,)."""
        if self.cell is None:
            weighed = count if weights is None else weights.sum()
            if self.use is not None:
                weighed = self.use.sum() if weights is None else (self.use * weights).sum()
            return np.array([float(weighed)])
        drawn = self.cell >= 0
        amount = None if self.use is None else self.use[drawn]
        weight = None if weights is None else weights[drawn]
        each = weight if amount is None else amount if weight is None else amount * weight
        counted = np.bincount(self.cell[drawn], each, len(self.at_most))
        return counted.astype(np.float64)

    def charged(self, price: FloatArray, count: int) -> FloatArray:
        """Return what each of ``count`` contacts pays at a price per unit of each cell: (k,)."""
        if self.cell is None:
            return np.full(count, price[0]) if self.use is None else price[0] * self.use
        each: FloatArray = np.append(price, 0.0)[self.cell]  # cell -1 reads the last
        return each if self.use is None else each * self.use


@dataclass(frozen=True)
class Contacts:
    """Contacts to choose from, arrays of shape (k,): one customer's lie beside each other.

    Order is the tie-break: of equals the first is taken. ``worth`` is in whole cents; contacts
    worth 0 or less are chosen only where a floor asks for them.
    """

    customer: IntArray
    worth: IntArray
    limits: tuple[Limit, ...] = ()

    def __len__(self) -> int:
        """Return how many contacts there are."""
        return len(self.customer)

    def at(self, which: IntArray) -> Contacts:
        """Return the contacts at these ascending positions, under the same limits."""
        limits = tuple(limit.of(which) for limit in self.limits)
        return Contacts(self.customer[which], self.worth[which], limits)

    @property
    def starts(self) -> IntArray:
        """Where each customer's contacts begin: shape (customers,)."""
        return np.flatnonzero(firsts(self.customer))


def firsts(customer: npt.NDArray[np.integer]) -> BoolArray:
    """Tell where a run of equal numbers begins, such as a customer's contacts."""
    return np.concatenate([np.ones(min(1, len(customer)), dtype=bool), np.diff(customer) != 0])


def kept(contacts: Contacts, chosen: IntArray) -> bool:
    """Tell whether a choice keeps every limit and takes no customer twice."""
    picked = contacts.at(np.sort(chosen))
    once = len(np.unique(picked.customer)) == len(picked)
    return once and all(_inside(limit, len(picked)) for limit in picked.limits)


def worth(contacts: Contacts, chosen: IntArray) -> int:
    """Return what a choice is worth, in cents."""
    return int(contacts.worth[chosen].sum())


def cells(limits: Iterable[Limit]) -> int:
    """Return how many limits there are, all kinds together."""
    return sum(len(limit.at_most) for limit in limits)


def _inside(limit: Limit, count: int) -> bool:
    used = limit.used(count)
    return bool((used <= limit.at_most).all() and (used >= limit.floors).all())
