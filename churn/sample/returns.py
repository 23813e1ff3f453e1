"""Who leaves and begins anew under another number, where a world is asked for in which some do.

As many leave in whose circle somebody else begins a line just then: a relative or a neighbour, who
shares half of the contact persons and is another subscriber. The operator is told of neither: both
are newcomers, with customers of their own.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from churn.sample import population
from churn.sample import vocabulary as words
from churn.sample.clock import Month
from churn.sample.departures import Departures
from churn.sample.lines import CONTACTS, LEFT, NEVER, SUSPENDED, Lines

WHO, WHOSE = 33, 34  # purposes of random numbers
MOST = 0.5
SOONEST, LATEST = -10, 25
"""Days from the end of the one line to the beginning of the other."""
KEPT = 0.9
"""Share of contact persons that are the same under the other number."""
NEAR = 0.5
"""Share of those that a neighbour knows, too."""


@dataclass(frozen=True)
class Begun:
    """Lines that begin because another ended, shape (r,) each."""

    line: np.ndarray
    earlier: np.ndarray
    same: np.ndarray  # whether its holder is that of the earlier one


@dataclass
class Returns:
    """The lines that are still to begin: one row each, earlier line, day, whether of its holder.

    Parameters
    ----------
    share
        Share of the mobile lines that leave for good whose holder begins anew.
    """

    share: float
    pending: np.ndarray = field(default_factory=lambda: np.empty((0, 3), dtype=np.int64))

    def draw(self, lines: Lines, month: Month, gone: Departures) -> None:
        """Draw which of a regime's departures another line follows, and from which day on."""
        rng = month.stream(WHO)
        drawn = rng.random(len(gone.line))
        began = gone.day + rng.integers(SOONEST, LATEST + 1, len(gone.line))
        final = np.isin(gone.kind, (LEFT, SUSPENDED)) & (gone.until == NEVER)
        mobile = (lines.product[gone.line] == words.MOBILE) & ~lines.business[gone.line]
        follows = final & mobile & (drawn < 2 * self.share)
        rows = np.column_stack([gone.line, began, drawn < self.share])[follows]
        self.pending = np.concatenate([self.pending, rows.astype(np.int64)])

    def begin(self, lines: Lines, month: Month) -> Begun:
        """Begin the lines whose day lies in the month, behind all others."""
        due = self.pending[:, 1] < month.end
        earlier, day, same = self.pending[due].T
        self.pending = self.pending[~due]
        first = len(lines)
        if len(earlier):
            lines.append(_lines(lines, month, earlier, day, same.astype(bool)))
        return Begun(np.arange(first, len(lines)), earlier, same.astype(bool))


def _lines(
    before: Lines, month: Month, earlier: np.ndarray, day: np.ndarray, same: np.ndarray
) -> Lines:
    """Draw newcomers, each a customer of its own, who know whom earlier lines knew."""
    rng = month.stream(WHOSE)
    count = len(earlier)
    new = population.lines(rng, count, before=before, day=month.start, until=month.end)
    for trait in ("product", "business", "region", "plan", "sensitivity", "level"):
        setattr(new, trait, getattr(before, trait)[earlier])
    new.activated = new.registered = day
    new.contract_end = np.zeros(count, dtype=new.contract_end.dtype)
    new.customer = int(before.customer[-1]) + 1 + np.arange(count)
    for trait, value in (("household", 1), ("bundle", 0), ("key_class", 0), ("manager", -1)):
        setattr(new, trait, np.full(count, value))
    talking = np.flatnonzero(before.product <= words.FIXED)
    others = talking[rng.integers(0, len(talking), (count, CONTACTS))]
    kept = rng.random((count, CONTACTS)) < np.where(same, KEPT, NEAR)[:, None]
    new.contacts = np.where(kept, before.contacts[earlier], others).astype(np.int32)
    new.circle = before.circle[earlier]
    return new
