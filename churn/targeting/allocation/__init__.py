"""The best set of contacts under any number of limits, with what each limit costs.

One action per customer. Prices of the limits bound what any set can be worth
(:mod:`churn.targeting.allocation.prices`) and lead to a set within the limits
(:mod:`churn.targeting.allocation.repair`). Where there are few contacts HiGHS looks for a better
one, and says whether there is any.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from churn.targeting.allocation.exact import optimum, relaxed_prices
from churn.targeting.allocation.floors import Conflict, floors, require_possible
from churn.targeting.allocation.prices import Prices, prices
from churn.targeting.allocation.problem import Contacts, IntArray, Limit, kept, worth
from churn.targeting.allocation.repair import fitting, repaired, room_left

SMALL = 3_000  # contacts up to which HiGHS looks, too
_CENT = 0.5  # worths are whole cents: what is less than one below a bound is the best


@dataclass(frozen=True)
class Allocation:
    """A choice within the limits.

    Parameters
    ----------
    chosen
        Positions of the chosen contacts, ascending.
    worth
        What they are worth, in cents.
    bound
        What no choice within the limits exceeds, in cents.
    prices
        Of each limit.
    """

    chosen: IntArray
    worth: int
    bound: float
    prices: Prices

    @property
    def exact(self) -> bool:
        """Whether it is proven that no choice is better."""
        return self.bound - self.worth < _CENT

    @property
    def gap(self) -> float:
        """How far it may be below the best, as a share of the bound."""
        return max(0.0, self.bound - self.worth) / max(abs(self.bound), 1.0)


def allocate(contacts: Contacts, *, small: int = SMALL) -> Allocation:
    """Choose at most one contact per customer, within the limits, worth as much as possible.

    Parameters
    ----------
    small
        The number of contacts up to which the optimum is looked for by HiGHS, too.

    Raises
    ------
    Conflict
        If a floor cannot be reached under the other limits.
    """
    if not len(contacts):
        for limit, cell in floors(contacts):
            raise Conflict(limit.name, cell, int(limit.floors[cell]), 0, ())
        return Allocation(np.empty(0, np.int64), 0, 0.0, Prices(np.empty(0), 0.0))
    require_possible(contacts)
    found = prices(contacts, relaxed_prices(contacts) if len(contacts) <= small else None)
    chosen = repaired(contacts, found.each)
    bound = float(np.floor(found.bound + 1e-6 * max(1.0, abs(found.bound) * 1e-6)))
    whole = kept(contacts, chosen)
    if len(contacts) <= small and not (whole and bound - worth(contacts, chosen) < _CENT):
        best = optimum(contacts)
        if best is not None and best.chosen is None:
            raise _joint(contacts, chosen)
        if best is not None and best.chosen is not None:
            bound = min(bound, float(np.floor(best.bound + 1e-6)))
            if not whole or worth(contacts, best.chosen) > worth(contacts, chosen):
                chosen, whole = best.chosen, kept(contacts, best.chosen)
    if not whole:
        raise _joint(contacts, chosen)
    return Allocation(chosen, worth(contacts, chosen), bound, found)


def _joint(contacts: Contacts, chosen: IntArray) -> Conflict:
    """Return the conflict of a floor with several limits: those that its choice uses up."""
    picked = contacts.at(chosen)
    full = tuple(
        limit.name
        for limit, left in zip(contacts.limits, room_left(contacts, chosen), strict=True)
        if (left < 1).any()
    )
    for limit, cell in floors(picked):
        reached = int(limit.used(len(chosen))[cell])
        if reached < limit.floors[cell]:
            return Conflict(limit.name, cell, int(limit.floors[cell]), reached, full)
    raise AssertionError("a choice broke an upper limit")
