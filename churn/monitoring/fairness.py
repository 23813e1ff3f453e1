"""Fairness: whether groups of subscribers are selected and missed alike.

Whom a list takes follows from chances and values, and groups differ in both; a ratio other than 1
is no proof of harm, but nobody should learn of it from outside. Each group is held against all
others, with intervals over customers: how much of it the riskiest make up, how many of its churners
are among them, and whether its chances come true.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from churn.evaluation import EvaluationSettings
from churn.evaluation.intervals import Interval, Resampling, percentiles
from churn.evaluation.ranking import FloatArray, IntArray
from churn.frozen import Frozen

FIGURES = ("selected", "caught", "ratio")


class Disparity(Frozen):
    """One group beside all others.

    Attributes
    ----------
    column, value
        What makes the group.
    rows, churners
        Those that weigh something.
    selected
        Share of the group among the riskiest, over the share of all others: 1 is parity.
    caught
        Share of the group's churners that are among the riskiest, minus that of all others; None
        with too few churners on either side.
    ratio
        Observed over expected in the group, over that of all others; None likewise.
    """

    column: str
    value: str
    rows: int
    churners: int
    selected: Interval
    caught: Interval | None = None
    ratio: Interval | None = None

    @property
    def shown(self) -> bool:
        """Whether any figure is shown to differ from parity."""
        apart = not self.selected.meets(1, 1)
        apart |= self.caught is not None and not self.caught.meets(0, 0)
        return apart or (self.ratio is not None and not self.ratio.meets(1, 1))


def disparities(
    rows: pd.DataFrame, column: str, evaluation: EvaluationSettings
) -> tuple[Disparity, ...]:
    """Hold every value of a column against all other rows, the largest group first.

    Parameters
    ----------
    rows
        ``customer_id weight chance churned`` of one night, and the column; a missing value is a
        group of its own.

    Returns
    -------
    tuple of Disparity
        Groups of fewer rows than the gate needs test churners (``min_test_churners``) are left
        out, and so is a column with a single value.
    """
    weighing = rows[(rows["weight"] > 0).to_numpy()]
    names = weighing[column].astype("string").fillna("")
    codes, levels = pd.factorize(names, sort=True)
    least = evaluation.min_test_churners
    sizes = np.bincount(codes, minlength=len(levels))
    churned = weighing["churned"].to_numpy(np.bool_)
    churners = np.bincount(codes, churned, minlength=len(levels)).astype(int)
    if np.count_nonzero(sizes) < 2:  # noqa: PLR2004 - a group and another
        return ()
    chance = weighing["chance"].to_numpy(np.float64)
    weight = weighing["weight"].to_numpy(np.float64)
    top = _riskiest(chance, weight, float(evaluation.list_size))
    drawn = Resampling.over(
        weighing["customer_id"].to_numpy(), replicates=evaluation.replicates, seed=evaluation.seed
    )
    groups = codes.astype(np.int64)
    told = _figures(groups, len(levels), weight, chance, churned, top)
    replicates = np.stack(
        [
            _figures(groups, len(levels), weight * counts[drawn.codes], chance, churned, top)
            for counts in drawn.draws()
        ]
    )
    found = []
    for level in np.argsort(-sizes, kind="stable"):
        if sizes[level] < least:
            continue
        enough = min(churners[level], churners.sum() - churners[level]) >= least
        figures = {
            name: percentiles(float(told[at, level]), replicates[:, at, level])
            for at, name in enumerate(FIGURES)
            if enough or name == "selected"
        }
        found.append(
            Disparity(
                column=column,
                value=str(levels[level]),
                rows=int(sizes[level]),
                churners=int(churners[level]),
                **figures,
            )
        )
    return tuple(found)


def _riskiest(chance: FloatArray, weight: FloatArray, size: float) -> FloatArray:
    """Return the share of each row that a list of a size takes: rows of equal chance share it."""
    order = np.argsort(-chance, kind="stable")
    _, group = np.unique(-chance[order], return_inverse=True)
    mass = np.bincount(group, weight[order])
    before = np.cumsum(mass) - mass
    share = np.clip((size - before) / mass, 0, 1)
    taken = np.empty(len(chance))
    taken[order] = share[group]
    return taken


def _figures(
    groups: IntArray,
    count: int,
    weight: FloatArray,
    chance: FloatArray,
    churned: FloatArray,
    top: FloatArray,
) -> FloatArray:
    """Return :data:`FIGURES` of each group: shape (3, count)."""
    sums = [
        np.bincount(groups, weight * each, minlength=count)
        for each in (np.ones(len(weight)), top, churned, churned * top, chance)
    ]
    mass, taken, left, caught, expected = sums
    others = [each.sum() - each for each in sums]
    with np.errstate(divide="ignore", invalid="ignore"):
        selected = (taken / mass) / (others[1] / others[0])
        gap = caught / left - others[3] / others[2]
        ratio = (left / expected) / (others[2] / others[4])
    figures: FloatArray = np.stack([selected, gap, ratio])
    return figures
