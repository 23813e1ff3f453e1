"""Whether the months to come came: hazards of earlier lives asked about later ones, by decile."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from churn.evaluation.intervals import Figure, Interval
from churn.frozen import Frozen
from churn.late import Late
from churn.targeting.survival.history import CELL
from churn.targeting.survival.months import Survival, survival

stats = Late("scipy.stats")

DECILES = 10
LOW, HIGH = 0.8, 1.25
"""Observed over expected departures whose interval meets these is near enough: the gate's."""
FEWEST = 200
"""Departures below which history tells no hazards."""
LEAST_MONTHS = 2
"""Months that either half of history must have."""


class Decile(Frozen):
    """A tenth of the lives, by the chance to leave that was foretold.

    Attributes
    ----------
    predicted
        Mean chance to leave within the months.
    observed
        Share that did, with its exact 95 % interval.
    """

    subscribers: int
    predicted: Figure
    observed: Interval

    @property
    def within(self) -> bool:
        """Whether what was foretold lies in the interval of what came."""
        return self.observed.lower <= self.predicted <= self.observed.upper


class Check(Frozen):
    """Lives followed from a day on, foretold by hazards that knew only what came before it.

    Attributes
    ----------
    months
        How many were followed: what the history can show of the horizon.
    ratio
        Observed over expected departures, with its exact 95 % interval.
    """

    months: int
    departures: int
    ratio: Interval
    deciles: tuple[Decile, ...]

    @property
    def passed(self) -> bool:
        """Whether as many left as were foretold, about."""
        return self.ratio.meets(LOW, HIGH)

    @property
    def within(self) -> int:
        """How many tenths came as foretold."""
        return sum(decile.within for decile in self.deciles)


def checked(earlier: Survival, later: pd.DataFrame, months: int) -> Check:
    """Hold hazards against lives that began after all they were fitted on.

    Parameters
    ----------
    later
        Rows of :func:`churn.targeting.survival.history.lives` of one landmark.
    months
        How long its lives were followed.
    """
    left = later["subscribers"].where(later["month"].between(1, months), 0)
    cells = later.assign(left=left).groupby(list(CELL), as_index=False)[["subscribers", "left"]]
    rows = cells.sum()
    gone = 1 - earlier.survival(rows, months)[:, -1]
    size, left_of = (rows[name].to_numpy(np.float64) for name in ("subscribers", "left"))
    observed, expected = float(left_of.sum()), float(gone @ size)
    low = stats.chi2.ppf(0.025, 2 * observed) / 2 if observed else 0.0
    high = stats.chi2.ppf(0.975, 2 * observed + 2) / 2
    ratio = Interval(value=observed / expected, lower=low / expected, upper=high / expected)
    return Check(
        months=months,
        departures=int(observed),
        ratio=ratio,
        deciles=_deciles(gone, size, left_of),
    )


def _deciles(gone: np.ndarray, size: np.ndarray, left: np.ndarray) -> tuple[Decile, ...]:
    """Part the lives into tenths; a cell is never parted, so that tenths are about equal."""
    order = np.argsort(gone, kind="stable")
    place = (np.cumsum(size[order]) - size[order] / 2) / size.sum()
    tenth = np.minimum((place * DECILES).astype(np.int64), DECILES - 1)
    found = []
    for number in np.unique(tenth):
        here = order[tenth == number]
        count, events = float(size[here].sum()), float(left[here].sum())
        lower = stats.beta.ppf(0.025, events, count - events + 1) if events else 0.0
        upper = stats.beta.ppf(0.975, events + 1, count - events) if events < count else 1.0
        found.append(
            Decile(
                subscribers=int(count),
                predicted=float(gone[here] @ size[here]) / count,
                observed=Interval(value=events / count, lower=float(lower), upper=float(upper)),
            )
        )
    return tuple(found)


class MonthsToCome(Frozen):
    """Hazards fitted to all history, and how those of its earlier part foretold its later one.

    Attributes
    ----------
    model, check
        None where history is too short to tell.
    """

    model: Survival | None = None
    check: Check | None = None

    @property
    def used(self) -> bool:
        """Whether enough left, and as many as were foretold."""
        return (
            self.model is not None
            and self.model.departures >= FEWEST
            and self.check is not None
            and self.check.passed
        )

    def months(self, people: pd.DataFrame, discount_rate: float) -> np.ndarray | None:
        """Return the months that each is expected to stay, at today's worth; None: not used."""
        if self.model is None or not self.used:
            return None
        return self.model.months(people, discount_rate)


def months_to_come(counts: Sequence[tuple[int, pd.DataFrame]], horizon: int) -> MonthsToCome:
    """Fit hazards to lives, and hold those of the first half of history against the second.

    Parameters
    ----------
    counts
        Per landmark, oldest first, see :func:`~churn.targeting.survival.months.survival`.
    """
    model = survival(counts, horizon)
    whole = max((followed for followed, _ in counts), default=0)
    halves = [each for each in counts if LEAST_MONTHS <= each[0] <= whole - LEAST_MONTHS]
    if model is None or not halves:
        return MonthsToCome(model=model)
    months, later = min(halves, key=lambda each: abs(each[0] - whole / 2))
    before = [(followed - months, rows) for followed, rows in counts if followed > months]
    earlier = survival(before, horizon)
    if earlier is None:
        return MonthsToCome(model=model)
    return MonthsToCome(model=model, check=checked(earlier, later, months))
