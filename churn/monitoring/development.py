"""How outcomes become known: which share has been seen so many days after it happened.

Outcomes arrive late, and some are taken back: a delivery comes after its month, a removal is
entered days later, a suspension is paid within the grace. Past snapshots whose outcomes are final
by now are looked at twice: as a day back then knew them, and as they are. What share of the final
events had been seen so many days after they happened, and how many were seen that did not last,
then tells what is still to come of a night whose window is half over. Actuaries call it the
development of claims.

Lags are counted from the day of the event to the last day that deliveries covered, so that months
of different lengths and deliveries that came late count as what they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from churn.evaluation.ranking import FloatArray, IntArray

ENOUGH = 50
"""Final events that a lag's share should rest on; days beside it are added until it does."""


@dataclass(frozen=True)
class Reference:
    """The events of one head at one past snapshot, by the day of its outcome window.

    Attributes
    ----------
    final
        Shape (days,): events that count in the end.
    visible
        Shape (days,): events that the day back then took for such; 0 after ``seen``.
    true
        Shape (days,): those of ``visible`` that lasted.
    seen
        The last day of the window, counted from 0, that was observed back then; may lie behind
        the window's end, and below 0 where it had not begun.
    """

    final: IntArray
    visible: IntArray
    true: IntArray
    seen: int

    def __post_init__(self) -> None:
        """Refuse counts that contradict each other."""
        if not len(self.final) == len(self.visible) == len(self.true):
            raise ValueError("final, visible and true have one entry for each day of the window")
        if (self.true > self.visible).any():
            raise ValueError("more events lasted than were seen")


@dataclass(frozen=True)
class Progress:
    """How far a night's outcomes are known, by the day of its window.

    Attributes
    ----------
    share
        Shape (days,): the share of all final events that falls on the day; adds up to 1.
    visible, true
        Shape (days,): events that are seen by now, and those of them that will last, per final
        event of the whole window.
    """

    share: FloatArray
    visible: FloatArray
    true: FloatArray


@dataclass(frozen=True)
class Development:
    """What all references of one head say together."""

    references: tuple[Reference, ...]

    @classmethod
    def of(cls, references: Sequence[Reference]) -> Development | None:
        """Pool the references; None where they hold no event."""
        if not sum(int(each.final.sum()) for each in references):
            return None
        return cls(tuple(references))

    @property
    def days(self) -> int:
        """Length of the outcome window in days."""
        return len(self.references[0].final)

    @cached_property
    def share(self) -> FloatArray:
        """Shape (days,): which share of the final events each day of the window has."""
        final = np.sum([each.final for each in self.references], axis=0).astype(np.float64)
        return np.asarray(final / final.sum(), dtype=np.float64)

    @cached_property
    def events(self) -> int:
        """Final events of all references."""
        return int(sum(each.final.sum() for each in self.references))

    @cached_property
    def by_lag(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Final, visible and true events of all references by the days since they happened."""
        longest = max((each.seen for each in self.references), default=-1)
        counts = np.zeros((3, max(longest + 1, 1)))
        for each in self.references:
            lags = each.seen - np.arange(self.days)
            seen = lags >= 0
            for row, events in enumerate((each.final, each.visible, each.true)):
                np.add.at(counts[row], lags[seen], events[seen])
        return counts[0], counts[1], counts[2]

    def rates(self, lag: int) -> tuple[float, float]:
        """Return visible and true events per final event, ``lag`` days after they happened.

        Days beside it are added until enough final events are among them; a lag that no reference
        reached counts as the longest that one did.
        """
        final, visible, true = self.by_lag
        centre, width = min(lag, len(final) - 1), 0
        while True:
            near = slice(max(centre - width, 0), centre + width + 1)
            if final[near].sum() >= min(ENOUGH, final.sum()) or width >= len(final):
                break
            width += 1
        among = float(final[near].sum())
        if not among:
            return 0.0, 0.0
        return float(visible[near].sum()) / among, float(true[near].sum()) / among

    def progress(self, seen: int) -> Progress:
        """Return how far outcomes are known of which the window's day ``seen`` is the last seen."""
        visible, true = np.zeros(self.days), np.zeros(self.days)
        for day in range(min(seen + 1, self.days)):
            visible[day], true[day] = self.rates(seen - day)
        return Progress(self.share, self.share * visible, self.share * true)

    @cached_property
    def dispersion(self) -> float:
        """How much more the references differ from one another than single events would: >= 1.

        Pearson's statistic of the true events per reference over its degrees of freedom. A month
        whose deliveries came late makes what is completed by it less certain.
        """
        terms = []
        for each in self.references:
            lags = each.seen - np.arange(self.days)
            rates = np.array([self.rates(int(lag))[1] if lag >= 0 else 0.0 for lag in lags])
            rates = np.clip(rates, 0.0, 1.0)
            expected = float(each.final @ rates)
            spread = float(each.final @ (rates * (1 - rates)))
            if spread > 0:
                terms.append((float(each.true[lags >= 0].sum()) - expected) ** 2 / spread)
        return max(1.0, sum(terms) / (len(terms) - 1)) if len(terms) > 1 else 1.0
