"""What drives lines away: the daily chances that a month's state governs."""

from __future__ import annotations

import numpy as np

from churn.sample import behaviour, money
from churn.sample import vocabulary as words
from churn.sample.clock import Month
from churn.sample.lines import LEFT, Lines

DAYS = 30.0
CEILING = 0.03  # a day
ACTIVE_BASE = -5.3
PASSIVE_BASE = -5.0
ADMINISTRATIVE_RATE = 0.0012  # a month
HOLIDAYS = np.array([0.1, 0.2, 0.0, 0.0, 0.0, 0.1, 0.2, 0.25, 0.2, 0.0, 0.0, 0.0])


def daily(lines: Lines, month: Month) -> np.ndarray:
    """Return (n, 3) daily chances of active departure, suspension and administrative end."""
    active = np.minimum(np.exp(ACTIVE_BASE + active_score(lines, month)) / DAYS, CEILING)
    passive = np.minimum(np.exp(PASSIVE_BASE + passive_score(lines, month)) / DAYS, CEILING)
    other = np.full(len(lines), ADMINISTRATIVE_RATE / DAYS)
    governed = (lines.activated < month.start)[:, None]
    chances: np.ndarray = np.column_stack([active, passive, other]) * governed
    return chances


def _step(value: np.ndarray, at: float, width: float) -> np.ndarray:
    """Return a soft threshold between 0 and 1."""
    step: np.ndarray = 1.0 / (1.0 + np.exp(-(value - at) / width))
    return step


def drop(lines: Lines) -> np.ndarray:
    """Return by how much use, as a log, fell within three months."""
    fall: np.ndarray = lines.use[:, 3] - lines.use[:, 0]
    return fall


def active_score(lines: Lines, month: Month) -> np.ndarray:
    """Return the log hazard of leaving of one's own will, against the base."""
    fell = _step(drop(lines), 0.35, 0.06)
    courted = lines.courted > 0
    sensitive = _step(lines.sensitivity, 0.4, 0.1)
    rise = _step(behaviour.bill_rise(lines), 0.12, 0.02)
    score: np.ndarray = fell * (1.1 + 1.9 * courted) + 0.1 * courted
    score += _contract(lines, month, sensitive, rise)
    score += 1.1 * rise * sensitive
    score += _grievances(lines, month)
    score += _circle(lines, month)
    score += _standing(lines, month)
    rival = behaviour.rival_campaign(lines, month)
    score += 0.8 * rival * np.maximum(sensitive, lines.plan == words.PREPAID)
    score += 0.18 * lines.mood + 0.12 * lines.frailty
    score += HOLIDAYS[month.calendar_month - 1] + 0.005 * max(month.index, 0)
    score -= 1.0 * (lines.hold > 0)
    return score


def _contract(lines: Lines, month: Month, sensitive: np.ndarray, rise: np.ndarray) -> np.ndarray:
    """Near its end a commitment frees those whom the price hurts; far from it, it binds."""
    bound = lines.contract_end > 0
    left = lines.contract_end - month.start
    near = bound & (left < 70)
    hurt = np.maximum(sensitive, rise)
    return np.where(near, 0.1 + 2.0 * hurt, np.where(bound, -0.6, 0.4))


def _grievances(lines: Lines, month: Month) -> np.ndarray:
    """Complaints matter unless solved fast; faults when they come again and drag on."""
    recent = lines.complaint_opened >= month.start - 75
    slow = behaviour.open_long(lines, month.start)
    repeated = lines.complaints.sum(axis=1) > 1
    value_added = lines.complaint_about == words.VALUE_ADDED
    score: np.ndarray = np.where(slow, 1.8 + 0.5 * value_added, -0.2 * recent) + 0.5 * (
        slow & repeated
    )
    again = lines.faults.sum(axis=1) > 1
    score += 2.0 * (again & (lines.slow_faults.sum(axis=1) > 0))
    return score


def _circle(lines: Lines, month: Month) -> np.ndarray:
    """Contacts and household lines that left within a quarter pull others after them."""
    away = gone_lately(lines, month.start)
    own = lines.contacts >= 0
    lost = (away[np.maximum(lines.contacts, 0)] & own).sum(axis=1)
    family = np.bincount(lines.customer, weights=away)[lines.customer] - away
    pull: np.ndarray = np.minimum(0.45 * lost, 1.35) + 1.2 * (family > 0)
    return pull


def gone_lately(lines: Lines, day: int) -> np.ndarray:
    """Tell which lines left within the 90 days before ``day`` and are not back."""
    gone: np.ndarray = (
        (lines.out_kind == LEFT) & (lines.out_from < day) & (lines.out_from >= day - 90)
    )
    gone &= lines.out_until >= day
    return gone


def _standing(lines: Lines, month: Month) -> np.ndarray:
    """Tenure is U-shaped, bundles hold, prepaid cards leave at both ends of use."""
    tenure = month.start - lines.activated
    score = np.select(
        [tenure < 240, tenure < 660, tenure < 780, tenure > 1_800], [0.6, -0.1, 0.5, -0.6], 0.0
    )
    alone = (lines.product == words.MOBILE) & (lines.household == 1)
    score += 0.35 * alone - 0.8 * (lines.bundle > 0) - 0.2 * (lines.product == words.FIXED)
    prepaid = lines.plan == words.PREPAID
    ends = _step(np.abs(lines.level + lines.use[:, 0]), 1.1, 0.08)
    score += np.where(prepaid, 1.7 * ends - 0.3, -0.15 * np.clip(lines.level, -2, 2))
    key = lines.key_class > 0
    neglected = month.start - lines.visited > 100
    return np.where(key, score + np.where(neglected, 0.7, -0.7), score)


def passive_score(lines: Lines, month: Month) -> np.ndarray:
    """Return the log hazard of being suspended for arrears, against the base."""
    habit = money.habitual(lines)
    rise = _step(behaviour.bill_rise(lines), 0.12, 0.02)
    late = lines.lateness > money.IN_TIME
    owing = lines.unpaid > 0
    since = month.start - lines.last_suspended
    score = np.where(habit, 0.2 * late, 1.1 * late)
    score += np.where(habit, 0.2, 0.8) * owing + 0.8 * (lines.unpaid > 1)
    score += np.where(since < 180, 1.3, np.where(since < 400, 0.5, 0.0))
    score += 0.9 * ((since < 400) & late)
    score += 0.35 * lines.trouble + 1.2 * rise * (lines.trouble > 0)
    score += 0.6 * lines.soft
    cheap = np.isin(lines.plan, (words.PREPAID, words.CAMPUS))
    young = month.start - lines.activated < 300
    score += 0.4 * cheap + 0.4 * young + 0.9 * (cheap & young)
    score += 0.8 * (rise * (lines.extras > 0)) - 0.6 * lines.business - 0.3 * (lines.bundle > 0)
    score += 0.5 * _step(lines.level + lines.use[:, 0], 1.2, 0.1) * cheap
    score += 0.1 * lines.frailty
    return np.where(lines.hold > 0, score - 0.7, score)
