"""One column under audit: what it tells, measured once and asked by several checks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from churn.audit.measures import (
    MISSING,
    Bools,
    Floats,
    Ints,
    Purity,
    Ranking,
    bins_of,
    correlation_bound,
    purity,
    rank_correlation,
    ranking,
)
from churn.audit.rows import ENOUGH, LEFT, AuditRows

#: A column that alone ranks better than this does not predict the outcome, it reports it. The
#: strongest single columns met on honest data reach 0.86.
TELLS_ALL = 0.95
#: Share of churners from which values count as met by churners only, and the odds against the
#: average that this must mean: on a table where every fourth leaves, 95 % can be honest.
PURE, PURE_ODDS = 0.9, 200.0
OF_CHURNERS = 0.05
NEEDED = 20


class Dated(NamedTuple):
    """Rank correlation with the days until exit, among those known to have left."""

    correlation: float
    lower: float
    leavers: int

    @property
    def evidence(self) -> dict[str, float]:
        """The figures of a finding."""
        bounded = {"correlation": self.correlation, "correlation_lower": self.lower}
        return {**bounded, "leavers": self.leavers}


@dataclass(frozen=True)
class AuditedColumn:
    """A column, or what two were combined to."""

    name: str
    values: pd.Series
    rows: AuditRows

    @cached_property
    def bins(self) -> Ints:
        """Its bins, cut on one half."""
        return bins_of(self.values, self.rows.half)

    @cached_property
    def numbers(self) -> Floats | None:
        """Its values as numbers; None for words."""
        if not (
            pd.api.types.is_numeric_dtype(self.values) or pd.api.types.is_bool_dtype(self.values)
        ):
            return None
        numbers: Floats = self.values.to_numpy(dtype=np.float64, na_value=np.nan)
        return numbers

    @cached_property
    def filled(self) -> Bools:
        """Whether there is a value."""
        return np.asarray(
            self.bins != MISSING if self.numbers is None else np.isfinite(self.numbers)
        )

    def ranking(self, target: str) -> Ranking:
        """Judge how it ranks a target: on all rows or on the oldest, whichever tells more."""
        rows = self.rows
        every = ranking(self.bins, rows.targets[target], rows.half)
        old = rows.oldest[target]
        if old.all():
            return every
        early = ranking(self.bins[old], rows.targets[target][old], rows.half[old])
        return max(every, early, key=lambda rank: rank.lower)

    @cached_property
    def rankings(self) -> dict[str, Ranking]:
        """By target."""
        return {target: self.ranking(target) for target in self.rows.targets}

    @cached_property
    def strongest(self) -> Ranking | None:
        """The target it ranks best; None without targets."""
        return max(self.rankings.values(), key=lambda rank: rank.lower, default=None)

    @property
    def outcome(self) -> Ranking | None:
        """The outcome it ranks best, hindsight aside."""
        outcomes = [rank for name, rank in self.rankings.items() if name != LEFT]
        return max(outcomes, key=lambda rank: rank.lower, default=None)

    def purity(self, target: str) -> Purity:
        """Take the values that almost only churners have."""
        return purity(self.bins, self.rows.targets[target], self.rows.half, at_least=PURE)

    @cached_property
    def dated(self) -> Dated:
        """Its relation with the days until exit inside a snapshot, monotone or by value."""
        known = self.rows.leavers & self.filled
        people = len(np.unique(self.rows.subscriber[known]))
        if people < ENOUGH:
            return Dated(0.0, 0.0, people)
        days, strata = self.rows.days_left[known], self.rows.snapshot[known]
        values = self.numbers[known] if self.numbers is not None else self._encoded(known)
        found = rank_correlation(values, days, strata)
        # words were ordered by the days they go with: one half's order is judged on the other
        return Dated(found, correlation_bound(found, people), people)

    def _encoded(self, known: Bools) -> Floats:
        """Replace words by the mean days of the same word and snapshot in the other half."""
        rows = pd.DataFrame(
            {
                "word": self.bins[known],
                "snapshot": self.rows.snapshot[known],
                "half": self.rows.half[known],
                "days": self.rows.days_left[known],
            }
        )
        mean = rows.groupby(["half", "snapshot", "word"])["days"].mean()
        other = pd.MultiIndex.from_arrays([~rows["half"], rows["snapshot"], rows["word"]])
        encoded = pd.Series(mean.reindex(other).to_numpy())
        usual = rows.groupby("snapshot")["days"].transform("mean")
        days: Floats = encoded.fillna(usual).to_numpy(dtype=np.float64)
        return days


def is_pure(found: Purity, base: float, *, odds: float = PURE_ODDS) -> bool:
    """Tell whether values are met by churners only, beyond luck and beyond a high base rate."""
    if found.churners < NEEDED or found.of_all < OF_CHURNERS or not found.lower >= PURE:
        return False
    return found.lower / max(1 - found.lower, 1e-9) >= odds * base / max(1 - base, 1e-9)
