"""The hidden and visible state of every line, one array per property."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from churn.sample import vocabulary as words

Floats = np.ndarray
NEVER = 2**30
CONTACTS = 10

NOT_OUT, LEFT, SUSPENDED, ADMINISTRATIVE = range(4)


@dataclass
class Lines:
    """All lines that ever were, shape (n,) each unless said otherwise; days count from 1970."""

    # fixed traits
    product: np.ndarray
    business: np.ndarray
    region: np.ndarray
    plan: np.ndarray
    customer: np.ndarray
    bundle: np.ndarray
    household: np.ndarray  # lines of the customer when it came
    key_class: np.ndarray
    manager: np.ndarray
    opt_out: np.ndarray
    activated: np.ndarray  # NEVER while pre-registered
    registered: np.ndarray
    sensitivity: Floats  # to price
    level: Floats  # log of use against the plan's usual
    discipline: Floats  # low: a habit of paying late
    frailty: Floats  # what nothing shows
    response: Floats  # (n, 6) personal part of the effect of each action
    contacts: np.ndarray  # (n, 10) index of a line, or minus the outside network
    circle: np.ndarray  # index of the line with whom it shares its contact persons outside: itself

    # state that moves each month
    mood: Floats
    use: Floats  # (n, 6) log of use against the line's own level, latest month first
    decline: np.ndarray  # months of falling use left
    courted: np.ndarray  # months of a competitor's courting left
    trouble: np.ndarray  # money trouble: 0 none, 1 some, 2 deep
    contract_end: np.ndarray  # 0 no commitment
    price: Floats  # fee against the tariff's
    discount: Floats  # share of the fee
    extras: Floats  # value-added services a month, yuan
    unasked: np.ndarray  # months since extras were added unasked; 99 never
    amounts: Floats  # (n, 4) bills, latest month first; 0 where there was none
    complaint_opened: np.ndarray
    complaint_closed: np.ndarray
    complaint_about: np.ndarray
    complaints: np.ndarray  # (n, 3) complaints a month
    faults: np.ndarray  # (n, 3)
    slow_faults: np.ndarray  # (n, 3)
    visited: np.ndarray  # day of the last visit
    lateness: np.ndarray  # last bill due: 0 in time, 1 late, 2 not paid by the month's end
    habit: Floats  # share of late bills, smoothed
    unpaid: np.ndarray  # bills unpaid and due
    owed: Floats
    oldest_due: np.ndarray
    last_suspended: np.ndarray
    soft: np.ndarray
    hold: np.ndarray  # months on hold left

    # departures: why, from which day, until which day; and those of the regime before
    out_kind: np.ndarray
    out_from: np.ndarray
    out_until: np.ndarray
    earlier_kind: np.ndarray
    earlier_from: np.ndarray
    earlier_until: np.ndarray
    removed: np.ndarray
    hazard: Floats  # (n, 3) daily chance of active, suspension, administrative now governing

    def __len__(self) -> int:
        """Return how many lines there are."""
        return len(self.product)

    def append(self, others: Lines) -> None:
        """Add lines at the end; indices of the present ones stay."""
        for field in fields(self):
            joined = np.concatenate([getattr(self, field.name), getattr(others, field.name)])
            setattr(self, field.name, joined)

    @property
    def numbers(self) -> np.ndarray:
        """The operator's ids."""
        return words.subscriber_numbers(np.arange(len(self)), self.product)

    def in_service(self, day: int) -> np.ndarray:
        """Tell which lines are in service at the start of a day."""
        out = (self.out_from < day) & (day <= self.out_until)
        earlier = (self.earlier_from < day) & (day <= self.earlier_until)
        here: np.ndarray = (self.activated < day) & ~out & ~earlier
        return here

    def serving(self, rows: np.ndarray, day: np.ndarray) -> np.ndarray:
        """Tell whether each of ``rows`` is in service during its own day, ends excluded."""
        out = (self.out_from[rows] <= day) & (day <= self.out_until[rows])
        earlier = (self.earlier_from[rows] <= day) & (day <= self.earlier_until[rows])
        here: np.ndarray = (self.activated[rows] < day) & ~out & ~earlier
        return here

    def on_books(self, day: int) -> np.ndarray:
        """Tell which lines a list drawn up at the start of a day holds."""
        left = (self.out_kind == LEFT) | (self.out_kind == ADMINISTRATIVE)
        left &= (self.out_from < day) & (day <= self.out_until)
        here: np.ndarray = (self.registered < day) & ~left & (self.removed >= day)
        return here
