"""Bills, payments, what is overdue, and the soft suspension that follows."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from churn.sample import vocabulary as words
from churn.sample.clock import Month
from churn.sample.lines import NEVER, SUSPENDED, Lines
from churn.sample.writing import amounts, compact_dates

DUE_DAY = 12  # of the month after the bill's
IN_TIME, LATE, UNPAID = range(3)
AMOUNTS = ("amount_due", "recurring", "usage", "data", "value_added", "discount")
# chances of paying late within the month and of not paying in it, by temper and trouble
LATE_CHANCE = np.array([[0.05, 0.33, 0.30], [0.42, 0.42, 0.28]])
UNPAID_CHANCE = np.array([[0.008, 0.22, 0.48], [0.20, 0.36, 0.56]])
SETTLE_CHANCE = np.array([[0.90, 0.50, 0.22], [0.80, 0.45, 0.20]])


@dataclass(frozen=True)
class Bills:
    """The bills of one month, one row a line billed; ``paid_on`` is NEVER while unpaid."""

    line: np.ndarray
    recurring: np.ndarray
    usage: np.ndarray
    data: np.ndarray
    value_added: np.ndarray
    discount: np.ndarray
    due_on: int
    paid_on: np.ndarray
    amount_paid: np.ndarray

    @property
    def amount_due(self) -> np.ndarray:
        """The total, yuan."""
        parts = self.recurring + self.usage + self.data + self.value_added - self.discount
        total: np.ndarray = np.round(parts, 2)
        return total


@dataclass(frozen=True)
class Settled:
    """Lines that paid everything overdue in a month, and when."""

    line: np.ndarray
    day: np.ndarray


def habitual(lines: Lines) -> np.ndarray:
    """Tell who pays late by habit, and nearly always pays."""
    habit: np.ndarray = lines.discipline < -1.0  # the worst sixth of a standard normal
    return habit


def suspended(lines: Lines, month: Month) -> tuple[np.ndarray, np.ndarray]:
    """Tell who is suspended for some of the month, and until which day."""
    latest = lines.out_kind == SUSPENDED
    latest &= (lines.out_from < month.end) & (lines.out_until >= month.start)
    earlier = lines.earlier_kind == SUSPENDED
    earlier &= (lines.earlier_from < month.end) & (lines.earlier_until >= month.start)
    return latest | earlier, np.where(latest, lines.out_until, lines.earlier_until)


def pay(lines: Lines, month: Month, bills: Bills | None) -> tuple[Bills | None, Settled]:
    """Pay last month's bills, or not, and settle older ones; nobody pays while suspended."""
    rng = month.stream(5)
    count = len(lines)
    late_temper = habitual(lines).astype(int)
    stopped, cure = suspended(lines, month)
    cured = stopped & (cure < month.end)
    settles = (lines.unpaid > 0) & ~stopped
    settles &= rng.random(count) < SETTLE_CHANCE[late_temper, lines.trouble]
    day = np.where(cured, cure, rng.integers(month.start, month.end, count))
    settles |= cured & (lines.unpaid > 0)
    lines.unpaid = np.where(settles, 0, lines.unpaid)
    lines.owed = np.where(settles, 0.0, lines.owed)
    paid = _pay_last(lines, month, bills, rng, stopped, cure)
    settled = np.flatnonzero(settles)
    return paid, Settled(settled, day[settled])


def _pay_last(
    lines: Lines,
    month: Month,
    bills: Bills | None,
    rng: np.random.Generator,
    stopped: np.ndarray,
    cure: np.ndarray,
) -> Bills | None:
    if bills is None:
        return None
    rows = bills.line
    count = len(rows)
    temper = habitual(lines)[rows].astype(int)
    trouble = lines.trouble[rows]
    draw = rng.random(count)
    unpaid = UNPAID_CHANCE[temper, trouble]
    how = np.where(
        draw < unpaid, UNPAID, np.where(draw < unpaid + LATE_CHANCE[temper, trouble], 1, 0)
    )
    due = month.start + DUE_DAY - 1
    on_time = rng.integers(month.start + 1, due + 1, count)
    day = np.where(how == LATE, rng.integers(due + 1, month.end, count), on_time)
    left = (lines.out_from[rows] < month.end) & (lines.out_kind[rows] != SUSPENDED)
    how = np.where(left & (lines.out_from[rows] < day), UNPAID, how)
    cured = cure[rows] < month.end
    how = np.where(stopped[rows], np.where(cured, LATE, UNPAID), how)
    day = np.where(stopped[rows] & cured, cure[rows], day)
    missing = how == UNPAID
    amount = bills.amount_due
    lines.lateness[rows] = how
    lines.habit[rows] = 0.8 * lines.habit[rows] + 0.2 * (how > IN_TIME)
    first = missing & (lines.unpaid[rows] == 0)
    lines.oldest_due[rows] = np.where(first, due, lines.oldest_due[rows])
    lines.unpaid[rows] += missing
    lines.owed[rows] += np.where(missing, amount, 0.0)
    return replace(
        bills, paid_on=np.where(missing, NEVER, day), amount_paid=np.where(missing, 0.0, amount)
    )


def bill(lines: Lines, month: Month, use: np.ndarray) -> Bills:
    """Draw up the month's bills; shape: one row per line that was in service in it."""
    rng = month.stream(6)
    served = (lines.activated < month.end) & (
        lines.in_service(month.start)
        | lines.in_service(month.end)
        | (lines.activated >= month.start)
    )
    rows = np.flatnonzero(served & lines.on_books(month.end))
    count = len(rows)
    began = np.maximum(lines.activated[rows], month.start)
    part = np.where(lines.hold[rows] > 0, 0.0, (month.end - began) / (month.end - month.start))
    fee = words.FEES[lines.plan[rows]]
    recurring = np.where(lines.hold[rows] > 0, 5.0, fee * lines.price[rows])
    weight = np.array([0.5, 0.7, 0.2, 0.3])[lines.product[rows]]
    prepaid = np.where(lines.plan[rows] == words.PREPAID, 4.0, 1.0)
    volume = np.exp(0.5 * lines.level[rows] + use[rows]) * fee * weight * prepaid * part
    voice = np.array([0.5, 1.0, 0.2, 0.2])[lines.product[rows]] * (1 - 0.008 * month.index)
    usage = volume * voice * np.exp(0.06 * rng.standard_normal(count))
    data = volume * (1 - voice * 0.8) * np.exp(0.06 * rng.standard_normal(count))
    data = np.where(lines.product[rows] == words.FIXED, 0.0, data)
    extras = np.where(lines.hold[rows] > 0, 0.0, lines.extras[rows])
    bills = Bills(
        rows,
        np.round(recurring, 1),
        np.round(usage, 1),
        np.round(data),
        extras,
        np.round(recurring * lines.discount[rows]),
        month.end + DUE_DAY - 1,
        np.full(count, NEVER),
        np.zeros(count),
    )
    latest = np.zeros(len(lines))
    latest[rows] = bills.amount_due
    lines.amounts = np.column_stack([latest, lines.amounts[:, :-1]])
    return bills


def soften(lines: Lines, month: Month) -> Settled:
    """Block the outgoing calls of some who owe; return whom and on which day."""
    rng = month.stream(7)
    count = len(lines)
    owes = (lines.unpaid > 1) | ((lines.unpaid == 1) & (lines.trouble == 2))
    lines.soft &= lines.unpaid > 0
    day = rng.integers(month.start + DUE_DAY + 4, month.end, count)
    blocks = owes & ~lines.soft & lines.in_service(month.end) & (rng.random(count) < 0.35)
    blocks &= lines.serving(np.arange(count), day)
    lines.soft |= blocks
    rows = np.flatnonzero(blocks)
    return Settled(rows, day[rows])


def overdue(lines: Lines, month: Month) -> dict[str, pa.Array]:
    """Return the arrears on the last day of the month, as delivered under Chinese headers."""
    rows = np.flatnonzero((lines.unpaid > 0) & lines.on_books(month.end))
    return {
        "用户编号": pa.array(lines.numbers[rows]),
        "统计日期": compact_dates(np.full(len(rows), month.end - 1)),
        "欠费金额": pa.array(amounts(lines.owed[rows])),
        "欠费天数": pa.array(month.end - 1 - lines.oldest_due[rows]),
        "欠费账期数": pa.array(lines.unpaid[rows]),
    }
