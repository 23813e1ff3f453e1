"""What the synthetic operator delivers besides, if asked: columns and tables that are optional.

All of it is told from the world as it is lived anyway, with random numbers of its own: every other
file keeps its bytes, and the truth stays what it was.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from churn.sample import vocabulary as words
from churn.sample.clock import Month
from churn.sample.lines import Lines
from churn.sample.writing import amounts, choice, dates, times

Columns = dict[str, pa.Array]

RECHARGES, QUERIES = 30, 31  # purposes of random numbers
DAY = 86_400
CHANNELS = ("营业厅", "电子渠道", "代理商", "上门")
LEVELS = ("unit", "supervisor", "regulator")
UNITS = ("网络部", "计费部", "客服部")
TOP_UPS = np.array([30.0, 50.0, 100.0])


def subscribers(lines: Lines, rows: np.ndarray) -> Columns:
    """Return how each of ``rows`` pays, what it is there for, costs, is promised, came through.

    A customer's first mobile line is its main one, any other a companion.
    """
    mobile = lines.product == words.MOBILE
    first = np.full(int(lines.customer.max()) + 1, len(lines))
    np.minimum.at(first, lines.customer[mobile], np.flatnonzero(mobile))
    companion = np.flatnonzero(mobile)[:, None] != first[lines.customer[mobile]][:, None]
    role = np.full(len(lines), -1)
    role[mobile] = companion[:, 0].astype(int)
    star = np.clip(1 + lines.household + 2 * (lines.key_class > 0), 1, 5) - 1
    return {
        "payment": choice(("postpaid", "prepaid"), (lines.plan[rows] == words.PREPAID).astype(int)),
        "role": choice(("main", "companion"), role[rows]),
        "plan_fee": pa.array(amounts(words.FEES[lines.plan[rows]] * lines.price[rows])),
        "service_level": choice(tuple(f"{stars}星" for stars in range(1, 6)), star[rows]),
        "acquired_through": choice(CHANNELS, rows * 7 % len(CHANNELS)),
    }


def recharges(lines: Lines, month: Month) -> Columns:
    """Return top-ups of prepaid lines in service; who is short of money tops up less."""
    rng = month.stream(RECHARGES)
    mean = np.where(lines.plan == words.PREPAID, np.where(lines.trouble > 0, 0.7, 1.6), 0.0)
    times_of = rng.poisson(mean)
    rows = np.repeat(np.arange(len(lines)), times_of)
    day = rng.integers(month.start, month.end, len(rows))
    second = rng.integers(8 * 3600, 22 * 3600, len(rows))
    amount = TOP_UPS[rng.integers(0, len(TOP_UPS), len(rows))]
    left = amount + 20.0 * rng.random(len(rows)) * np.where(lines.trouble[rows] > 0, 0.2, 1.0)
    served = lines.serving(rows, day)
    moment = (day * DAY + second)[served]
    return {
        "subscriber_id": pa.array(lines.numbers[rows[served]]),
        "at": times(moment),
        "amount": pa.array(amounts(amount[served])),
        "balance_after": pa.array(amounts(left[served])),
    }


def port_queries(lines: Lines, month: Month) -> Columns:
    """Return who asked whether the number may be ported: the courted and the unhappy, mostly."""
    rng = month.stream(QUERIES)
    chance = 0.001 * np.exp(np.clip(lines.mood, -2, 2.5)) + 0.02 * (lines.courted > 0)
    asks = (rng.random(len(lines)) < chance) & (lines.product == words.MOBILE)
    day = rng.integers(month.start, month.end, len(lines))
    rows = np.flatnonzero(asks)
    rows = rows[lines.serving(rows, day[rows])]
    return {
        "subscriber_id": pa.array(lines.numbers[rows]),
        "on": dates(day[rows]),
        "kind": choice(("asked",), np.zeros(len(rows), dtype=int)),
    }


def plan_changes(lines: Lines, month: Month, discount: np.ndarray, moved: np.ndarray) -> Columns:
    """Return whose monthly fee moved because a discount ended, or one was granted.

    Nobody changes its tariff by that: both plans are the same, only the fee differs.

    Parameters
    ----------
    discount
        That of each line before the month, shape (lines then,).
    moved
        Lines that change their tariff on the same day, which tells it already.
    """
    before = np.zeros(len(lines))
    before[: len(discount)] = discount
    changed = (before != lines.discount) & (np.arange(len(lines)) < len(discount))
    changed[moved] = False
    rows = np.flatnonzero(changed & lines.in_service(month.end))
    fee = words.FEES[lines.plan[rows]] * lines.price[rows]
    plan = choice(tuple(name for name, _, _ in words.PLANS), lines.plan[rows])
    ended = lines.discount[rows] < before[rows]
    return {
        "subscriber_id": pa.array(lines.numbers[rows]),
        "changed_on": dates(np.full(len(rows), month.start)),
        "from_plan": plan,
        "to_plan": plan,
        "fee_change": pa.array(amounts(fee * (before[rows] - lines.discount[rows]))),
        "reason": choice(("other", "offer_ended"), ended.astype(int)),
    }


def complaints(rows: dict[str, np.ndarray], is_open: np.ndarray) -> Columns:
    """Return when complaints were answered, by whom, how far they went, and how they were liked."""
    number, opened = rows["number"], rows["opened"]
    answered = np.minimum(
        opened + 3600 * (1 + number % 36), np.where(is_open, opened, rows["closed"])
    )
    level = np.where(rows["flag"].astype(bool), 1 + (number % 9 == 0), 0)
    pleased = (rows["closed"] - opened < 3 * DAY) & (number % 5 > 0)
    asked = ~is_open & (number % 2 == 0)
    return {
        "answered_at": times(answered, null=is_open),
        "satisfied": pa.array(pleased, mask=~asked),
        "level": choice(LEVELS, level),
        "unit": choice(UNITS, rows["about"] % len(UNITS)),
    }
