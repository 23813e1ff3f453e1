"""Data age: how old each table is on a night, against the snapshots that were learned from.

Lookback windows end where deliveries do, so a model has learned what a table tells at the age that
it had then: an older one tells less, even where every value in it is as usual.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from churn.evaluation.multiplicity import holm
from churn.frozen import Frozen
from churn.late import Late
from churn.monitoring.drift import LEVEL

stats = Late("scipy.stats")

LEAST_SPREAD = 1.5
"""Days by which ages differ at least: months have 28 to 31 days, and nights come a day late."""
USUAL = 2.0
"""Spreads within which an age is as it was a year ago."""


class DataAge(Frozen):
    """How old one table is, in whole days.

    Attributes
    ----------
    usual
        The median over the snapshots that the model learned from.
    last_year
        On the snapshot in the same season of last year; None where there is none.
    chance
        Of an age as far from the usual while deliveries come as they did; corrected for the number
        of tables.
    """

    table: str
    now: int
    usual: float
    chance: float
    last_year: int | None = None
    as_last_year: bool | None = None

    @property
    def told(self) -> bool:
        """Whether it is other than what was learned from."""
        return self.chance <= LEVEL


def data_ages(
    now: Mapping[str, int],
    learned: Mapping[str, Sequence[int]],
    last_year: Mapping[str, int],
) -> tuple[DataAge, ...]:
    """Hold the age of each table against what was learned from, those furthest off first.

    Parameters
    ----------
    now
        Days by table.
    learned
        By table, days on each snapshot that the model learned from; tables without any are new.
    last_year
        Days on the snapshot in the same season of last year.
    """
    tables = [name for name in now if learned.get(name)]
    if not tables:
        return ()
    apart = {name: now[name] - float(np.median(learned[name])) for name in tables}
    spread = {name: max(float(np.std(learned[name])), LEAST_SPREAD) for name in tables}
    error = {name: spread[name] * np.sqrt(1 + 1 / len(learned[name])) for name in tables}
    raw = [2 * stats.norm.sf(abs(apart[name]) / error[name]) for name in tables]
    found = [
        DataAge(
            table=name,
            now=now[name],
            usual=now[name] - apart[name],
            chance=float(chance),
            last_year=last_year.get(name),
            as_last_year=abs(now[name] - last_year[name]) <= USUAL * spread[name]
            if name in last_year
            else None,
        )
        for name, chance in zip(tables, holm(raw), strict=True)
    ]
    return tuple(sorted(found, key=lambda each: (-abs(each.now - each.usual), each.table)))
