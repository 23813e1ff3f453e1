"""Drift: which inputs are distributed otherwise than those that the model learned from.

Every feature's values are cut into bins by what was learned from, missing values a bin of their
own. Whether both parts could be of one population is tested by chi squared, corrected for all
features that are looked at (Holm); how far they are apart is the population stability index. What
is worth a look is ranked by what it moves: the mean contribution to the logit, of which the base
is the same, so that the movements add up to that of the mean score.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from churn.evaluation.multiplicity import holm
from churn.evaluation.ranking import FloatArray
from churn.frozen import Frozen
from churn.late import Late

stats = Late("scipy.stats")

BINS = 10
LEVELS = 20
"""Classes of a feature that have a bin of their own; the rest share one."""
LEVEL = 0.01
"""Of the chance, corrected, below which a drift is told."""
LEAST = 0.1
"""Stability index below which a drift is not worth a look, however certain it is."""


class Drift(Frozen):
    """One feature's drift.

    Attributes
    ----------
    index
        The population stability index: 0 is no change, above 0.25 another population.
    chance
        Of two parts as different while both are of one population; corrected.
    moves
        By head, how much the mean logit has moved by it.
    as_last_year
        Whether a year ago it was as it is now, so that the season explains it; None where no
        night of then is stored.
    """

    feature: str
    index: float
    chance: float
    moves: dict[str, float]
    as_last_year: bool | None = None

    @property
    def weight(self) -> float:
        """The greatest movement of any head."""
        return max((abs(move) for move in self.moves.values()), default=0.0)


def counts(before: pd.Series, after: pd.Series) -> FloatArray:
    """Count both parts' values by bin: shape (2, bins), the missing last.

    Examples
    --------
    >>> counts(pd.Series(["a", "b", None]), pd.Series(["a", "a", "c"])).tolist()
    [[1.0, 1.0, 0.0, 1.0], [2.0, 0.0, 1.0, 0.0]]
    """
    if pd.api.types.is_numeric_dtype(before) or pd.api.types.is_bool_dtype(before):
        edges = np.unique(
            np.quantile(before.dropna().to_numpy(np.float64), np.arange(1, BINS) / BINS)
            if before.notna().any()
            else np.zeros(0)
        )
        # an edge belongs to the bin below it, and a value that many have is a bin of its own
        inner = np.unique(np.concatenate([edges, np.nextafter(edges, -np.inf)]))
        parts = [
            np.bincount(
                np.searchsorted(inner, part.dropna().to_numpy(np.float64), side="left"),
                minlength=len(inner) + 1,
            )
            for part in (before, after)
        ]
    else:
        both = pd.concat([before, after]).dropna().astype(str)
        levels = sorted(both.value_counts().sort_index().nlargest(LEVELS).index)
        parts = []
        for part in (before, after):
            named = part.dropna().astype(str)
            own = named.value_counts()
            among = [int(own.get(level, 0)) for level in levels]
            rest = [len(named) - sum(among)] if len(both.unique()) > len(levels) else []
            parts.append(np.array([*among, *rest]))
    missing = [part.isna().sum() for part in (before, after)]
    rows = [np.append(part, gone) for part, gone in zip(parts, missing, strict=True)]
    return np.array(rows, dtype=np.float64)


def stability_index(binned: FloatArray) -> float:
    """Return the population stability index of two rows of counts; half a row is added to each."""
    used = binned[:, binned.sum(axis=0) > 0]
    shares = (used + 0.5) / (used + 0.5).sum(axis=1, keepdims=True)
    return float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())


def chance_of(binned: FloatArray) -> float:
    """Return the chance of rows so different, both of one population (chi squared)."""
    used = binned[:, binned.sum(axis=0) > 0]
    if used.shape[1] < 2 or not used.sum(axis=1).all():  # noqa: PLR2004 - one bin differs by nothing
        return 1.0
    return float(stats.chi2_contingency(used, correction=False).pvalue)


def compared(
    before: pd.DataFrame,
    after: pd.DataFrame,
    moves: Mapping[str, Mapping[str, float]],
    *,
    last_year: pd.DataFrame | None = None,
) -> list[Drift]:
    """Hold every column of two parts against each other; no chance is corrected yet.

    Parameters
    ----------
    before, after
        Rows that the model learned from, one per subscriber, and rows of the night.
    moves
        By feature and head: the mean contribution of ``after`` less that of ``before``.
    last_year
        Rows of a night a year ago.
    """
    found = []
    for name in before.columns:
        if name not in after.columns:
            continue
        binned = counts(before[name], after[name])
        season = None
        if last_year is not None and name in last_year.columns:
            season = stability_index(counts(last_year[name], after[name])) < LEAST
        found.append(
            Drift(
                feature=str(name),
                index=stability_index(binned),
                chance=chance_of(binned),
                moves=dict(moves.get(str(name), {})),
                as_last_year=season,
            )
        )
    return found


def worth_a_look(looked_at: Sequence[Drift]) -> tuple[Drift, ...]:
    """Return what is more than chance, for all that was looked at, by what it moves."""
    corrected = holm([each.chance for each in looked_at])
    found = [
        each.model_copy(update={"chance": float(chance)})
        for each, chance in zip(looked_at, corrected, strict=True)
        if chance <= LEVEL and each.index >= LEAST
    ]
    return tuple(sorted(found, key=lambda each: (-each.weight, -each.index, each.feature)))
