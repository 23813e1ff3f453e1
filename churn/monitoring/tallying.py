"""Counting events by the day of their outcome window."""

from __future__ import annotations

import numpy as np

from churn.evaluation.ranking import BoolArray, FloatArray, IntArray
from churn.monitoring.development import Reference
from churn.monitoring.watching import Counted


def reference(
    final_day: IntArray, visible_day: IntArray, lasted: BoolArray, *, days: int, seen: int
) -> Reference:
    """Count a past snapshot's events of one head.

    Parameters
    ----------
    final_day
        Shape (m,): the day of the window, counted from 0, of each event that counts in the end.
    visible_day, lasted
        Shape (n,): the same of each event that the day back then took for one, and whether it
        counts in the end.
    days
        Length of the window.
    seen
        The last day of the window that was observed back then; events behind it were not seen.
    """
    inside = (visible_day >= 0) & (visible_day < days) & (visible_day <= seen)
    return Reference(
        final=np.bincount(final_day, minlength=days).astype(np.int64),
        visible=np.bincount(visible_day[inside], minlength=days).astype(np.int64),
        true=np.bincount(visible_day[inside & lasted], minlength=days).astype(np.int64),
        seen=seen,
    )


def counted(
    chance: FloatArray, day: IntArray, weight: FloatArray, *, days: int, seen: int
) -> Counted:
    """Count what is seen of a night's events of one head, and what its chances promise.

    Parameters
    ----------
    chance, weight
        Shape (n,): of everyone scored who is neither churn nor a stay by what is known now.
    day
        Shape (n,): the day of the window of the event seen so far; below 0 without one.
    days, seen
        As for :func:`reference`.
    """
    events = (day >= 0) & (day < days) & (day <= seen)
    promised = weight * chance
    expected = float(promised.sum())
    return Counted(
        seen=np.bincount(day[events], weights=weight[events], minlength=days).astype(np.float64),
        expected=expected,
        scale=float(weight @ promised) / expected if expected > 0 else 1.0,
    )
