"""What no operator has: the exact chance of each outcome at each snapshot, and what happened.

Every line is at risk of one departure in the days a month governs. At snapshot ``t`` the days of
the lead are governed by the month before and those of the outcome window by this month (where
February is short, its successor's window starts two days late), so the chances are sums of
geometric series over two regimes. They are those of a line that is *not* contacted after ``t``:
contacts of this month lower the hazards after its snapshot, those of earlier months are part of
the state.
"""

from __future__ import annotations

import numpy as np

from churn.sample.clock import TIME, Month
from churn.sample.departures import (
    CURE_CHANCE,
    CURE_DAYS,
    CURED,
    WIN_BACK_CHANCE,
    WIN_BACK_DAYS,
    WON_BACK,
)
from churn.sample.lines import ADMINISTRATIVE, LEFT, NOT_OUT, SUSPENDED, Lines

NONE, ACTIVE, PASSIVE, GONE, ADMIN = range(5)  # as in vocabulary.OUTCOMES


def chances(lines: Lines, month: Month, now: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the lines in service at the month's snapshot, (n,), and the chances of each, (n, 3).

    The chances are those of *active*, *passive* and *gone*.

    Parameters
    ----------
    now
        (n, 3) daily chances that govern the outcome window; ``lines.hazard`` holds those that
        govern the lead, 0 for lines not at risk in it.
    """
    rows = np.flatnonzero(lines.in_service(month.start))
    before = lines.hazard[rows] * ~_spent(lines, month)[rows, None]
    lead = TIME.lead
    handover = month.governs - month.start
    day = np.arange(handover)
    stays = (1.0 - before.sum(axis=1))[:, None] ** day  # (n, handover), in service at day k's start
    gone = _final(before) * stays[:, :lead].sum(axis=1)[:, None]
    early = _final(before) * stays[:, lead:].sum(axis=1)[:, None]
    cured = CURED * _share_back(CURE_DAYS, CURE_CHANCE, handover)
    won = WON_BACK * _share_back(WIN_BACK_DAYS, WIN_BACK_CHANCE, handover)
    back = before[:, 0] * (stays @ won) + before[:, 1] * (stays @ cured)
    at_risk = (1.0 - before.sum(axis=1)) ** handover + back
    total = np.maximum(now[rows].sum(axis=1), 1e-300)
    days = lead + TIME.outcome - handover
    series = at_risk * -np.expm1(days * np.log1p(-total)) / total
    late = _final(now[rows]) * series[:, None]
    return rows, np.column_stack([early + late, gone[:, 0] + gone[:, 1]])


def _spent(lines: Lines, month: Month) -> np.ndarray:
    """Tell which lines have had their departure of the current regime before the snapshot."""
    spent: np.ndarray = (lines.out_kind != NOT_OUT) & (lines.out_from < month.start)
    return spent


def _final(hazard: np.ndarray) -> np.ndarray:
    """Return the (n, 2) daily chances of active and passive departures that are not undone."""
    final: np.ndarray = hazard[:, :2] * np.array([1.0 - WON_BACK, 1.0 - CURED])
    return final


def _share_back(days: np.ndarray, chance: np.ndarray, handover: int) -> np.ndarray:
    """Return, per day of departure, the chance of being back before the regime changes."""
    left = handover - np.arange(handover)
    return np.array([chance[days < remaining].sum() for remaining in left])


def outcomes(lines: Lines, month: Month, rows: np.ndarray) -> np.ndarray:
    """Return what happened, as indices into ``vocabulary.OUTCOMES``, once the month is drawn."""
    earlier = _outcome(
        lines.earlier_kind[rows], lines.earlier_from[rows], lines.earlier_until[rows], month
    )
    latest = _outcome(lines.out_kind[rows], lines.out_from[rows], lines.out_until[rows], month)
    decided = np.isin(earlier, (ACTIVE, PASSIVE, GONE))
    undecided = (earlier == ADMIN) & (latest == NONE)
    return np.where(decided | undecided, earlier, latest)


def _outcome(kind: np.ndarray, start: np.ndarray, until: np.ndarray, month: Month) -> np.ndarray:
    """Judge one departure a line by the definition at default windows."""
    after = start - month.start
    away = until - start
    inside = (after >= 0) & (after < TIME.lead + TIME.outcome)
    cured = (kind == SUSPENDED) & (away <= TIME.grace)
    won_back = (kind == LEFT) & (away <= TIME.win_back)
    excluded = (kind == ADMINISTRATIVE) | won_back
    churn = np.where(kind == LEFT, ACTIVE, PASSIVE)
    calm = ~inside | (kind == NOT_OUT) | cured
    return np.select([calm, excluded, after < TIME.lead], [NONE, ADMIN, GONE], churn)
