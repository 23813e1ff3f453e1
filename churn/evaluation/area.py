"""The area under the ROC curve: the chance that a churner outranks another, ties counting half."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def area(hits: Floats, below: Floats, beside: Floats, *, churners: float, others: float) -> float:
    """Return the area of groups of equal rank: range [0, 1], NaN where a kind is missing.

    Parameters
    ----------
    hits
        Shape (groups,): churners of each group, in numbers or in weight.
    below, beside
        Shape (groups,): others ranked below the group, and in it.
    churners, others
        All of them.

    Examples
    --------
    >>> area(np.array([1.0, 1.0]), np.array([0.0, 1.0]), np.array([1.0, 0.0]), churners=2, others=1)
    0.75
    """
    if churners <= 0 or others <= 0:
        return math.nan
    return float(hits @ (below + beside / 2)) / (churners * others)


def area_by_rank(ranks: Floats, others: int) -> float:
    """Return the area given each churner's rank among all, from 1 and without ties.

    Examples
    --------
    >>> area_by_rank(np.array([2.0, 4.0]), others=2)
    0.75
    """
    churners = len(ranks)
    return (float(ranks.sum()) - churners * (churners + 1) / 2) / (churners * others)
