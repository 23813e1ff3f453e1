"""Who goes in the days a month governs, how, and who comes back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from churn.sample.clock import Month
from churn.sample.lines import LEFT, NEVER, NOT_OUT, SUSPENDED, Lines

CURED = 0.5  # share of suspensions cured within grace
CURED_LATE = 0.12
CURE_DAYS = np.array([2, 4, 7, 10, 14, 19, 25])
CURE_CHANCE = np.array([0.15, 0.2, 0.2, 0.15, 0.13, 0.1, 0.07])
WON_BACK = 0.04  # share of leavers who are back within 30 days
WIN_BACK_DAYS = np.array([5, 12, 20, 26])
WIN_BACK_CHANCE = np.array([0.3, 0.3, 0.2, 0.2])
RETURNS_LATER = 0.06


@dataclass(frozen=True)
class Departures:
    """The departures of one regime, one row a line."""

    line: np.ndarray
    kind: np.ndarray
    day: np.ndarray
    until: np.ndarray
    removed: np.ndarray


def open_regime(lines: Lines, month: Month) -> np.ndarray:
    """Close the books on departures that are over; return who is at risk in the new regime.

    Only lines in service when the regime opens are at risk in it, each of one departure at most:
    that is what makes the chances of a snapshot a closed formula.
    """
    over = lines.out_until < month.governs
    lines.earlier_kind = np.where(over, lines.out_kind, lines.earlier_kind)
    lines.earlier_from = np.where(over, lines.out_from, lines.earlier_from)
    lines.earlier_until = np.where(over, lines.out_until, lines.earlier_until)
    lines.out_kind = np.where(over, NOT_OUT, lines.out_kind)
    lines.out_from = np.where(over, NEVER, lines.out_from)
    lines.out_until = np.where(over, NEVER, lines.out_until)
    return lines.in_service(month.governs)


def draw(lines: Lines, month: Month, hazard: np.ndarray) -> Departures:
    """Draw at most one departure a line on the days the month governs, and remember it."""
    rng = month.stream(8)
    at_risk = open_regime(lines, month)
    lines.hazard = hazard * at_risk[:, None]
    total = lines.hazard.sum(axis=1)
    wait = rng.standard_exponential(len(lines))
    cause = rng.random(len(lines))
    steps = np.floor(wait / -np.log1p(-np.maximum(total, 1e-12)))
    rows = np.flatnonzero((total > 0) & (steps < month.governs_until - month.governs))
    day = month.governs + steps[rows].astype(np.int64)
    shares = np.cumsum(lines.hazard[rows], axis=1) / total[rows, None]
    kind = 1 + (cause[rows, None] >= shares[:, :2]).sum(axis=1)
    until, removed = _fate(rng, kind, day)
    lines.out_kind[rows] = kind
    lines.out_from[rows] = day
    lines.out_until[rows] = until
    lines.removed[rows] = removed
    return Departures(rows, kind, day, until, removed)


def _fate(
    rng: np.random.Generator, kind: np.ndarray, day: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the day of return and the day of removal, NEVER where there is none."""
    count = len(kind)
    draw = rng.random(count)
    cure = rng.choice(CURE_DAYS, count, p=CURE_CHANCE)
    late_cure = rng.integers(33, 58, count)
    win_back = rng.choice(WIN_BACK_DAYS, count, p=WIN_BACK_CHANCE)
    later = rng.integers(45, 150, count)
    removal = rng.integers(60, 76, count)
    left = kind == LEFT
    stopped = kind == SUSPENDED
    back = np.select(
        [
            left & (draw < WON_BACK),
            left & (draw < WON_BACK + RETURNS_LATER),
            stopped & (draw < CURED),
            stopped & (draw < CURED + CURED_LATE),
        ],
        [day + win_back, day + later, day + cure, day + late_cure],
        NEVER,
    )
    removed = np.where(stopped & (back == NEVER), day + removal, NEVER)
    return back, removed
