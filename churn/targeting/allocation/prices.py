r"""Prices of the limits, and the bound that they prove.

Let every contact pay for what it uses, at a price per unit of each limit, and let every customer
take the contact that is worth most after that, or none. Whatever the prices (of what is scarce not
below 0, of a floor not above), no choice within the limits is worth more than

    D = sum of price x limit + sum over customers of max(0, best worth after prices)

for a choice within the limits pays no more than the first sum. The least D is the optimum of the
linear relaxation (Lagrangian duality: Geoffrion, *Mathematical Programming Study* 2, 1974). It is
convex, and over many customers nearly smooth: L-BFGS-B finds its least, first on every so many-th
customer with limits as much smaller, the maximum softened (``t log sum exp(. / t)``), then on all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from churn.late import Late
from churn.targeting.allocation.problem import (
    Contacts,
    FloatArray,
    IntArray,
    Limit,
    cells,
    firsts,
)

optimize = Late("scipy.optimize")

STRIDES = (256, 16, 1)
SMALLEST = 2_000  # customers in a part that is looked at first
SOFTNESS = (0.03, 0.003, 0.0003, 0.0)  # of the mean worth
ITERATIONS = 120


@dataclass(frozen=True)
class Prices:
    """A price per limit, shape (limits,), in cents per unit, and the bound that they prove.

    Above 0 where a limit is scarce, below 0 where a floor costs.
    """

    each: FloatArray
    bound: float

    def of(self, limits: tuple[Limit, ...]) -> Iterator[tuple[Limit, FloatArray]]:
        """Yield the limits of one kind after the other with the prices of their cells."""
        start = 0
        for limit in limits:
            end = start + len(limit.at_most)
            yield limit, self.each[start:end]
            start = end


def prices(contacts: Contacts, start: FloatArray | None = None) -> Prices:
    """Find the prices with (nearly) the least bound; the bound is true whatever they are.

    ``start``, if given, are such prices already.
    """
    if start is not None:
        return Prices(start, _Dual(contacts, 1).value(start, 0.0)[0])
    found = np.zeros(cells(contacts.limits))
    customers = contacts.starts
    started = False
    for stride in STRIDES:
        if stride > 1 and len(customers) // stride < SMALLEST:
            continue
        part = _Dual(_every(contacts, stride), stride)
        for softness in SOFTNESS if not started else SOFTNESS[-2:]:
            found = part.least(found, softness)
        started = True
    whole = _Dual(contacts, 1)
    nothing = np.zeros_like(found)
    best = min((found, nothing), key=lambda each: whole.value(each, 0.0)[0])
    return Prices(best, whole.value(best, 0.0)[0])


def charged(contacts: Contacts, each: FloatArray) -> FloatArray:
    """Return what every contact pays at these prices, in cents: shape (k,)."""
    total = np.zeros(len(contacts))
    for limit, price in Prices(each, 0.0).of(contacts.limits):
        if price.any():
            total += limit.charged(price, len(contacts))
    return total


def best_of_each(customer: IntArray, starts: IntArray, net: FloatArray) -> IntArray:
    """Return the position of each customer's best contact where it is worth more than 0."""
    lengths = np.diff(np.r_[starts, len(net)])
    is_best = net == np.repeat(np.maximum.reduceat(net, starts), lengths)
    best = np.flatnonzero(is_best & (net > 0))
    return best[firsts(customer[best])]


def _every(contacts: Contacts, stride: int) -> Contacts:
    """Return the contacts of every so many-th customer."""
    if stride == 1:
        return contacts
    place = np.cumsum(firsts(contacts.customer)) - 1
    return contacts.at(np.flatnonzero(place % stride == 0))


class _Dual:
    """The bound as a function of the prices, on contacts that stand for ``stride`` times as many.

    L-BFGS-B sees prices in units of their own scale, so that money and places weigh alike.
    """

    def __init__(self, contacts: Contacts, stride: int) -> None:
        self.contacts = contacts
        self.starts = contacts.starts
        self.most = np.concatenate([limit.at_most for limit in contacts.limits]) / stride
        self.least_ = np.concatenate([limit.floors for limit in contacts.limits]) / stride
        paying = np.maximum(contacts.worth, 0)
        self.mean = max(float(paying.mean()), 1.0)
        count = len(contacts)
        used = [limit.used(count) for limit in contacts.limits]
        drawing = [
            np.maximum(limit_used / np.maximum(_drawing(limit, count), 1), 1e-9)
            for limit, limit_used in zip(contacts.limits, used, strict=True)
        ]
        self.scale = self.mean / np.concatenate(drawing)
        self.total = max(float(paying.sum()), 1.0)
        self.binds = (np.concatenate(used) > self.most) | (self.least_ > 0)

    def value(self, each: FloatArray, softness: float) -> tuple[float, FloatArray]:
        """Return the (softened) bound at these prices and its slope."""
        contacts = self.contacts
        net = contacts.worth - charged(contacts, each)
        if softness:
            total, weights, picked = self._soft(net, softness * self.mean)
        else:
            picked = best_of_each(contacts.customer, self.starts, net)
            total, weights = float(net[picked].sum()), None
        chosen = contacts if picked is None else contacts.at(picked)
        count = len(chosen)
        used = np.concatenate([limit.used(count, weights) for limit in chosen.limits])
        limits = np.where(each >= 0, np.where(np.isfinite(self.most), self.most, 0), self.least_)
        return total + float(limits @ each), limits - used

    def _soft(self, net: FloatArray, width: float) -> tuple[float, FloatArray, IntArray | None]:
        best = np.maximum(np.maximum.reduceat(net, self.starts), 0.0)
        lengths = np.diff(np.r_[self.starts, len(net)])
        net -= np.repeat(best, lengths)
        net /= width
        np.exp(net, out=net)
        sums = np.add.reduceat(net, self.starts) + np.exp(-best / width)
        net /= np.repeat(sums, lengths)
        return float((best + width * np.log(sums)).sum()), net, None

    def least(self, start: FloatArray, softness: float) -> FloatArray:
        """Return prices with (nearly) the least bound, from a start."""
        which = np.flatnonzero(self.binds)
        if not len(which):
            return np.zeros_like(start)
        scale = self.scale[which]
        bounds = [
            (None if self.least_[j] > 0 else 0.0, None if np.isfinite(self.most[j]) else 0.0)
            for j in which
        ]

        def scaled(point: FloatArray) -> tuple[float, FloatArray]:
            each = np.zeros_like(start)
            each[which] = point * scale
            value, slope = self.value(each, softness)
            return value / self.total, slope[which] * scale / self.total

        found = optimize.minimize(
            scaled,
            start[which] / scale,
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"maxiter": ITERATIONS, "maxfun": 2 * ITERATIONS, "ftol": 1e-9, "gtol": 1e-9},
        )
        each = np.zeros_like(start)
        each[which] = found.x * scale
        return each


def _drawing(limit: Limit, count: int) -> FloatArray:
    """Return how many contacts draw on each cell."""
    if limit.cell is None:
        return np.array([float(count)])
    return np.bincount(limit.cell[limit.cell >= 0], minlength=len(limit.at_most)).astype(float)
