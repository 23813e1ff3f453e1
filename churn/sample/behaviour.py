"""How a month changes what lines feel and do: use, courting, mood, trouble, complaints, faults."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from churn.sample import vocabulary as words
from churn.sample.clock import Month
from churn.sample.lines import Lines

SEASON = np.array([0.02, 0.08, 0.0, -0.02, 0.0, 0.02, 0.05, 0.04, 0.0, -0.02, -0.03, 0.03])
CAMPUS_HOLIDAYS = np.array([-0.3, -0.5, 0, 0, 0, 0, -0.6, -0.5, 0, 0, 0, 0])
RIVAL_REGIONS = (2, 5)  # where a competitor campaigns
RIVAL_MONTHS = range(10, 16)


@dataclass(frozen=True)
class Cases:
    """Complaints, faults or orders of a month: one row each, seconds from 1970 or days."""

    line: np.ndarray
    opened: np.ndarray
    closed: np.ndarray
    about: np.ndarray
    flag: np.ndarray


def rival_campaign(lines: Lines, month: Month) -> np.ndarray:
    """Tell where a competitor is campaigning this month."""
    return np.isin(lines.region, RIVAL_REGIONS) & (month.index in RIVAL_MONTHS)


def live(lines: Lines, month: Month) -> np.ndarray:
    """Move the hidden states through a month; return this month's log of use, season included."""
    rng = month.stream(1)
    count = len(lines)
    _move_use(lines, rng)
    rival = rival_campaign(lines, month)
    starts = (lines.courted == 0) & (rng.random(count) < np.where(rival, 0.10, 0.04))
    lines.courted = np.where(starts, rng.integers(4, 8, count), np.maximum(lines.courted - 1, 0))
    _move_trouble(lines, rng)
    _move_prices(lines, month, rng)
    unsolved = open_long(lines, month.start)
    shocks = 0.45 * unsolved + 0.4 * (lines.slow_faults[:, 0] > 0) + 0.3 * (lines.unasked == 0)
    lines.mood = 0.8 * lines.mood + shocks - 0.05 + 0.3 * rng.standard_normal(count)
    season = SEASON[month.calendar_month - 1]
    campus = (lines.plan == words.CAMPUS) * CAMPUS_HOLIDAYS[month.calendar_month - 1]
    travels = -0.5 * (rng.random(count) < 0.015)
    use: np.ndarray = lines.use[:, 0] + season + campus + travels
    return use


def open_long(lines: Lines, day: int) -> np.ndarray:
    """Tell whose last complaint, of the last 75 days, took or has taken more than a week."""
    age = np.minimum(lines.complaint_closed, day) - lines.complaint_opened
    slow: np.ndarray = (lines.complaint_opened >= day - 75) & (age > 7)
    return slow


def _move_use(lines: Lines, rng: np.random.Generator) -> None:
    count = len(lines)
    unhappy = np.exp(0.4 * np.clip(lines.mood, -2, 2))
    starts = (lines.decline == 0) & (rng.random(count) < 0.038 * unhappy)
    lines.decline = np.where(starts, rng.integers(3, 6, count), np.maximum(lines.decline - 1, 0))
    falls = lines.use[:, 0] - rng.uniform(0.16, 0.34, count)
    stays = 0.9 * lines.use[:, 0] + 0.05 * rng.standard_normal(count)
    now = np.maximum(np.where(lines.decline > 0, falls, stays), -2.5)
    lines.use = np.column_stack([now, lines.use[:, :-1]])


def _move_trouble(lines: Lines, rng: np.random.Generator) -> None:
    cheap = np.isin(lines.plan, (words.ECONOMY, words.PREPAID, words.CAMPUS))
    enters = 0.016 * np.where(cheap, 1.4, 0.8) * np.where(lines.business, 0.6, 1.0)
    draw = rng.random(len(lines))
    from_none = np.where(draw < enters, 1, 0)
    from_some = np.where(draw < 0.16, 2, np.where(draw < 0.34, 0, 1))
    from_deep = np.where(draw < 0.12, 0, np.where(draw < 0.30, 1, 2))
    lines.trouble = np.choose(lines.trouble, [from_none, from_some, from_deep])


def _move_prices(lines: Lines, month: Month, rng: np.random.Generator) -> None:
    """Renew or drop commitments, raise prices, end discounts, add services unasked."""
    count = len(lines)
    ended = (lines.contract_end > 0) & (lines.contract_end < month.start - 15)
    renews = ended & (rng.random(count) < 0.7)
    term = np.where(rng.random(count) < 0.5, 730, 365)
    lines.contract_end = np.where(
        renews, lines.contract_end + term, np.where(ended, 0, lines.contract_end)
    )
    dear = np.clip(0.12 + 0.09 * lines.sensitivity, 0.02, 0.45)
    lines.discount = np.where(renews | (rng.random(count) < 0.02), dear, lines.discount)
    lines.price = np.where(renews, 1.0, lines.price)
    planwide = {9: 1, 16: 8}.get(month.index, -1)  # drift: two tariffs get dearer for everybody
    raised = (rng.random(count) < 0.012) | (lines.plan == planwide)
    lines.price = np.where(raised, lines.price * rng.uniform(1.15, 1.35, count), lines.price)
    lines.price = np.minimum(lines.price, 2.0)
    lines.discount = np.where(rng.random(count) < 0.012, 0.0, lines.discount)
    unasked = rng.random(count) < 0.008
    wanted = rng.random(count) < 0.008
    cancels = rng.random(count) < np.where(lines.trouble > 0, 0.2, 0.02)
    added = (unasked | wanted) * (8.0 + 4.0 * rng.integers(0, 4, count))
    lines.extras = np.where(cancels, 0.0, np.minimum(lines.extras, 30.0) + added)
    lines.unasked = np.where(unasked, 0, np.minimum(lines.unasked + 1, 99))


def bill_rise(lines: Lines) -> np.ndarray:
    """Return the log of the last bill against the mean of the three before; 0 without them."""
    past = lines.amounts[:, 1:]
    known = (past > 0).sum(axis=1)
    mean = past.sum(axis=1) / np.maximum(known, 1)
    both = (known > 0) & (lines.amounts[:, 0] > 0)
    ratio = np.where(both, lines.amounts[:, 0], 1.0) / np.where(both, mean, 1.0)
    return np.clip(np.log(ratio), -1.0, 1.0)


def complain(lines: Lines, month: Month) -> Cases:
    """Draw the month's complaints, at most one a line, and remember them."""
    rng = month.stream(2)
    count = len(lines)
    shock = bill_rise(lines) > 0.15
    asked_for = lines.unasked <= 1
    poor_network = lines.faults[:, 0] > 0
    causes = np.column_stack(
        [0.006 + 0.05 * poor_network, 0.006 + 0.06 * shock, 0.001 + 0.15 * asked_for, 0 * shock]
    )
    causes[:, words.SERVICE] = 0.005
    rate = np.exp(0.4 * np.clip(lines.mood, -2, 2.5)) * causes.sum(axis=1)
    alive = lines.in_service(month.start)
    rows = np.flatnonzero(alive & (rng.random(count) < rate))
    share = np.cumsum(causes[rows], axis=1) / causes[rows].sum(axis=1, keepdims=True)
    about = (rng.random((len(rows), 1)) > share).sum(axis=1)
    opened = rng.integers(month.start, month.end, len(rows))
    slow = rng.random(len(rows)) < 0.45
    days = np.where(slow, rng.integers(10, 60, len(rows)), rng.integers(0, 5, len(rows)))
    lines.complaint_opened[rows] = opened
    lines.complaint_closed[rows] = opened + days
    lines.complaint_about[rows] = about
    lines.complaints = _next_month(lines.complaints, rows)
    escalated = slow & (rng.random(len(rows)) < 0.4)
    seconds = rng.integers(8 * 3600, 20 * 3600, len(rows))
    hours = np.maximum(days * 86_400 + rng.integers(-10_000, 10_000, len(rows)), 900)
    start = opened * 86_400 + seconds
    return Cases(rows, start, start + hours, about, escalated)


def break_down(lines: Lines, month: Month) -> Cases:
    """Draw the month's faults and repairs, and remember them."""
    rng = month.stream(3)
    rates = np.array([0.012, 0.04, 0.07, 0.06])[lines.product]
    weather = rng.gamma(4.0, 0.25, len(words.REGIONS))[lines.region]
    again = np.where(lines.faults[:, 0] > 0, 4.0, 1.0)
    number = np.minimum(rng.poisson(rates * weather * again), 3)
    number *= lines.in_service(month.start)
    rows = np.repeat(np.arange(len(lines)), number)
    slow = rng.random(len(rows)) < 0.35
    hours = np.where(slow, rng.uniform(60, 300, len(rows)), rng.uniform(1, 40, len(rows)))
    opened = rng.integers(month.start * 86_400, month.end * 86_400, len(rows))
    closed = opened + np.round(hours * 3600).astype(np.int64)
    lines.faults = _next_month(lines.faults, rows)
    lines.slow_faults = _next_month(lines.slow_faults, rows[slow])
    return Cases(rows, opened, closed, rng.integers(0, 4, len(rows)), slow)


def _next_month(past: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Push a month's counts in front of those of the months before."""
    counts = np.bincount(rows, minlength=len(past)).astype(float)
    return np.column_stack([counts, past[:, :-1]])


def order(lines: Lines, month: Month) -> Cases:
    """Draw the month's service orders; days, not seconds."""
    rng = month.stream(4)
    count = len(lines)
    new = (lines.activated >= month.start) & (lines.activated < month.end)
    broadband = lines.product == words.BROADBAND
    rates = np.column_stack(
        [
            0.9 * new,
            np.full(count, 0.003),
            0.006 * broadband,
            np.full(count, 0.001),
            0.003 + 0.05 * (lines.trouble > 0),
        ]
    )
    rates[:, 1:] *= lines.in_service(month.start)[:, None]
    draw = rng.random((count, 1))
    kind = (draw > np.cumsum(rates, axis=1)).sum(axis=1)
    rows = np.flatnonzero(kind < len(words.ORDER_KINDS))
    ordered = rng.integers(month.start, month.end, len(rows))
    ordered = np.where(kind[rows] == words.INSTALL, lines.activated[rows], ordered)
    due = ordered + rng.integers(3, 12, len(rows))
    late = rng.random(len(rows)) < 0.25
    done = np.where(late, due + rng.integers(1, 25, len(rows)), due - rng.integers(0, 3, len(rows)))
    return Cases(rows, ordered, done, kind[rows], due)
