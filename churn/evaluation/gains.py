"""Cumulative gains: what share of all churners the riskiest share of the population holds."""

from __future__ import annotations

from collections.abc import Iterable

from churn.evaluation.ranking import Weighed


def gains(rows: Weighed, shares: Iterable[float]) -> tuple[tuple[float, float], ...]:
    """Return, for each share of the weight from the riskiest down, the share of churners in it.

    Tie-safe: a group of equal scores that the cut falls into counts by the share that fits.

    Examples
    --------
    >>> from churn.evaluation.ranking import Scored
    >>> gains(Scored.of([0, 1, 0, 1], [0.1, 0.4, 0.35, 0.8]).weighed(), [0, 0.25, 0.5, 1])
    ((0, 0.0), (0.25, 0.5), (0.5, 1.0), (1, 1.0))
    """
    if rows.events <= 0:
        return ()
    return tuple((share, rows.top(share * rows.total).hits / rows.events) for share in shares)
