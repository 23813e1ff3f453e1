"""How outcomes become known: which share has been seen so many days after it happened.

Outcomes arrive late, and some are taken back: a delivery comes after its month, a removal is
entered days later, a suspension is paid within the grace. Past snapshots whose outcomes are final
by now are looked at twice: as a day back then knew them, and as they are. What share of the final
events had been seen so many days after they happened, and how many were seen that did not last,
then tells what is still to come of a night whose window is half over. Actuaries call it the
development of claims.

Lags are counted from the day of the event to the last day that deliveries covered, so that months
of different lengths and deliveries that came late count as what they are.

A snapshot that is looked at several times is still one month's events: what the references are
worth is counted by snapshots, and by how far these lie apart at the same age.
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

    @property
    def lasting(self) -> float:
        """Events seen by now that will last, per final event: range [0, 1]."""
        return min(float(self.true.sum()), 1.0)

    @property
    def passing(self) -> float:
        """Events seen by now that will not, per final event."""
        return max(float(self.visible.sum()) - float(self.true.sum()), 0.0)


@dataclass(frozen=True)
class Evidence:
    """How many final events it is worth what the references say of a night at its age.

    Attributes
    ----------
    lasting, passing
        Of the events seen that will last, and of those that will not. Where months differed by
        chance alone these are all events of the references, else fewer.
    """

    lasting: float
    passing: float


@dataclass(frozen=True)
class Development:
    """What all references of one head say together.

    Attributes
    ----------
    snapshots
        The references of each past snapshot: one for every day that looked at it.
    """

    snapshots: tuple[tuple[Reference, ...], ...]

    @classmethod
    def of(cls, snapshots: Sequence[Sequence[Reference]]) -> Development | None:
        """Pool the references; None where they hold no event."""
        looked_at = tuple(tuple(looks) for looks in snapshots if looks)
        if not sum(_events(looks) for looks in looked_at):
            return None
        return cls(looked_at)

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """Those of all snapshots."""
        return tuple(each for looks in self.snapshots for each in looks)

    @property
    def days(self) -> int:
        """Length of the outcome window in days."""
        return len(self.references[0].final)

    @cached_property
    def share(self) -> FloatArray:
        """Shape (days,): which share of the final events each day of the window has."""
        final = np.sum([looks[0].final for looks in self.snapshots], axis=0).astype(np.float64)
        return np.asarray(final / final.sum(), dtype=np.float64)

    @cached_property
    def events(self) -> int:
        """Final events of all snapshots."""
        return sum(_events(looks) for looks in self.snapshots)

    @cached_property
    def _counts(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Final, visible and true events of all references by the days since they happened."""
        longest = max((each.seen for each in self.references), default=-1)
        counts = np.zeros((3, max(longest + 1, 1)))
        for each in self.references:
            lags = each.seen - np.arange(self.days)
            seen = lags >= 0
            for row, events in enumerate((each.final, each.visible, each.true)):
                np.add.at(counts[row], lags[seen], events[seen])
        return counts[0], counts[1], counts[2]

    @cached_property
    def by_lag(self) -> FloatArray:
        """Shape (2, lags): visible and true events per final event, by days since they happened.

        Days beside a lag are added until enough final events are among them. The longest that any
        reference reached stands for all beyond it.
        """
        final, visible, true = self._counts
        rates = np.zeros((2, len(final)))
        for lag in range(len(final)):
            width = 0
            while True:
                near = slice(max(lag - width, 0), lag + width + 1)
                among = float(final[near].sum())
                if among >= min(ENOUGH, final.sum()) or width >= len(final):
                    break
                width += 1
            if among:
                rates[:, lag] = visible[near].sum() / among, true[near].sum() / among
        return rates

    def progress(self, seen: int) -> Progress:
        """Return how far outcomes are known of which the window's day ``seen`` is the last seen."""
        lags = seen - np.arange(self.days)
        rates = self.by_lag[:, np.clip(lags, 0, self.by_lag.shape[1] - 1)]
        visible, true = np.where(lags >= 0, self.share * rates, 0.0)
        return Progress(self.share, visible, true)

    def evidence(self, seen: int) -> Evidence:
        """Return what is known of a night of which the window's day ``seen`` is the last seen.

        Snapshots are compared as they stood when they were nearest to that age.
        """
        looks = [min(looks, key=lambda each: abs(each.seen - seen)) for looks in self.snapshots]
        final = np.array([each.final.sum() for each in looks], dtype=np.float64)
        true = np.array([each.true.sum() for each in looks], dtype=np.float64)
        passing = np.array([each.visible.sum() for each in looks], dtype=np.float64) - true
        progress = [self.progress(each.seen) for each in looks]
        lasting = np.array([each.lasting for each in progress])
        false = np.array([each.passing for each in progress])
        return Evidence(
            lasting=_worth(final, true, lasting, lasting * (1 - lasting)),
            passing=_worth(final, passing, false, false),
        )


def _events(looks: Sequence[Reference]) -> int:
    return int(looks[0].final.sum())


def _worth(final: FloatArray, counted: FloatArray, rate: FloatArray, spread: FloatArray) -> float:
    """Return how many final events a rate is worth that was counted in several months.

    Parameters
    ----------
    final, counted
        Shape (months,): events in the end, and those counted at the age.
    rate, spread
        Shape (months,): of ``counted`` per final event, and its variance by chance alone.

    Notes
    -----
    Pearson's statistic over its degrees of freedom tells how much more the months differ than
    chance explains, ``d``. The pooled rate is as uncertain as ``d`` times fewer events leave it,
    and another month lies off it by what chance does not explain of one month.
    """
    told = final * spread > 0
    if not told.any():
        return float(final.sum())
    off = ((counted - final * rate)[told] ** 2 / (final * spread)[told]).sum()
    dispersion = max(1.0, float(off) / (int(told.sum()) - 1)) if told.sum() > 1 else 1.0
    return float(1 / (dispersion / final.sum() + (dispersion - 1) / final.mean()))
