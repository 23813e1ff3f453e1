"""The best set of contacts under budget, number of contacts and channel capacity.

One action per customer. Money has one price: the smallest at which the customers' best contacts,
each charged its spend at that price, fit the budget. Under one constraint this is the exact
optimum up to the marginal contact (its profit per unit of money is the price); what is then left
over goes, by profit density, to contacts that still fit whole. Nothing is ever cut or overspent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_HALVINGS = 60


@dataclass(frozen=True)
class Limits:
    """What tonight allows; ``budget`` in whole cents, capacity by channel code."""

    budget: int
    contacts: int | None = None
    capacity: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Contacts:
    """Contacts to choose from, arrays of shape (k,): one customer's lie beside each other.

    Order is the tie-break: of equals the first is taken. ``worth`` and ``spend`` are whole cents,
    worth above 0 and spend not below it.
    """

    customer: IntArray
    channel: IntArray
    worth: IntArray
    spend: IntArray


def allocate(contacts: Contacts, limits: Limits) -> IntArray:
    """Return the positions of the chosen contacts, ascending."""
    if not len(contacts.customer) or limits.budget < 0:
        return np.empty(0, dtype=np.int64)
    starts = np.flatnonzero(_firsts(contacts.customer))
    chosen = _at_price_that_fits(contacts, limits, starts)
    return np.sort(_fill(contacts, limits, chosen))


def _firsts(customer: IntArray) -> npt.NDArray[np.bool_]:
    """Tell where a customer's run begins."""
    return np.concatenate([np.ones(min(1, len(customer)), dtype=bool), np.diff(customer) != 0])


def _at_price_that_fits(contacts: Contacts, limits: Limits, starts: IntArray) -> IntArray:
    chosen = _best(contacts, limits, starts, 0.0)
    if contacts.spend[chosen].sum() <= limits.budget:
        return chosen
    low = 0.0
    high = float((contacts.worth / np.maximum(contacts.spend, 1)).max()) + 1.0
    chosen = _best(contacts, limits, starts, high)
    for _ in range(_HALVINGS):
        price = (low + high) / 2
        tried = _best(contacts, limits, starts, price)
        if contacts.spend[tried].sum() <= limits.budget:
            high, chosen = price, tried
        else:
            low = price
    return chosen


def _best(contacts: Contacts, limits: Limits, starts: IntArray, price: float) -> IntArray:
    """Return each customer's best contact at a price of money, as far as numbers allow."""
    net = contacts.worth - price * contacts.spend
    lengths = np.diff(np.r_[starts, len(net)])
    is_best = net == np.repeat(np.maximum.reduceat(net, starts), lengths)
    best = np.flatnonzero(is_best & (net > 0))
    best = best[_firsts(contacts.customer[best])]
    if limits.contacts is None and not limits.capacity:
        return best
    best = best[np.argsort(-net[best], kind="stable")]
    keep = np.ones(len(best), dtype=np.bool_)
    for channel, capacity in limits.capacity.items():
        of_channel = contacts.channel[best] == channel
        keep &= ~of_channel | (np.cumsum(of_channel) <= capacity)
    return best[keep][: limits.contacts]


def _fill(contacts: Contacts, limits: Limits, chosen: IntArray) -> IntArray:
    """Add, by profit density, contacts of other customers that fit into what is left."""
    money = limits.budget - int(contacts.spend[chosen].sum())
    places = len(contacts.customer) if limits.contacts is None else limits.contacts
    places -= len(chosen)
    room = {
        channel: capacity - int((contacts.channel[chosen] == channel).sum())
        for channel, capacity in limits.capacity.items()
    }
    served = np.isin(contacts.customer, contacts.customer[chosen])
    open_ = np.flatnonzero(~served & (contacts.spend <= money))
    density = contacts.worth[open_] / np.maximum(contacts.spend[open_], 1e-9)
    open_ = open_[np.argsort(-density, kind="stable")]
    added: list[int] = []
    taken: set[int] = set()
    for position, customer, channel, spend in zip(
        open_.tolist(),
        contacts.customer[open_].tolist(),
        contacts.channel[open_].tolist(),
        contacts.spend[open_].tolist(),
        strict=True,
    ):
        if places <= 0:
            break
        if spend > money or customer in taken or room.get(channel, 1) <= 0:
            continue
        added.append(position)
        taken.add(customer)
        places -= 1
        money -= spend
        if channel in room:
            room[channel] -= 1
    return np.concatenate([chosen, np.array(added, dtype=np.int64)])
