"""The few operations features share, spelled so that every engine gives the same bits.

Sums run over integers and fixed decimals, which add exactly in any order; the one division comes
last, on float64, and never by zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir

from churn.windows import Window, add_months, month_start

SECONDS_PER_HOUR = 3_600
SECONDS_PER_MINUTE = 60


def ratio(part: ir.Value, whole: ir.Value | int) -> ir.FloatingValue:
    """Divide once, in float64; null where ``whole`` is 0 or null."""
    divisor = ibis.literal(whole) if isinstance(whole, int) else whole
    return part.cast("float64") / divisor.cast("float64").nullif(0)


def against_mean(value: ir.Value, total: ir.Value, count: ir.IntegerValue) -> ir.FloatingValue:
    """Return ``value`` as a multiple of the mean of ``count`` others; exactly 1 if it is that.

    Amounts are multiplied before the one division, since a mean that was rounded would leave a
    difference that is none.
    """
    return ratio(_times(value, count), total)


def above_mean(value: ir.Value, total: ir.Value, count: ir.IntegerValue) -> ir.FloatingValue:
    """Return ``value`` minus the mean of ``count`` others; exactly 0 where it is that mean."""
    return ratio(_times(value, count) - _amount(total), count)


def below_mean(value: ir.Value, total: ir.Value, count: ir.IntegerValue) -> ir.FloatingValue:
    """Return the mean of ``count`` others minus ``value``; exactly 0 where they are equal."""
    return ratio(_amount(total) - _times(value, count), count)


def ratio_of_means(
    total: ir.Value, count: ir.IntegerValue, other: ir.Value, other_count: ir.IntegerValue
) -> ir.FloatingValue:
    """Return the mean ``total / count`` as a multiple of another; exactly 1 if they are equal."""
    return ratio(_times(total, other_count), _times(other, count))


def _amount(value: ir.Value) -> ir.DecimalValue:
    return value.cast("decimal(24, 4)")


def _times(value: ir.Value, count: ir.IntegerValue) -> ir.DecimalValue:
    """Multiply exactly; the widths are spelled out because engines widen products differently."""
    return (_amount(value) * count.cast("decimal(6, 0)")).cast("decimal(32, 4)")


def share_of_change(
    part: ir.Value, whole: ir.Value, part_before: ir.Value, whole_before: ir.Value
) -> ir.FloatingValue:
    """Return by how much the share ``part / whole`` lies above an earlier one."""
    return ratio(part, whole) - ratio(part_before, whole_before)


def days_until(day: date, earlier: ir.DateValue) -> ir.IntegerValue:
    """Whole days from a date column to ``day``; negative where the column lies after it."""
    return -earlier.delta(ibis.literal(day, type="date"), unit="day")


def seconds_between(start: ir.TimestampValue, end: ir.TimestampValue) -> ir.IntegerValue:
    """Whole seconds from ``start`` to ``end``."""
    return end.delta(start, unit="second")


def flag(condition: ir.BooleanValue) -> ir.IntegerValue:
    """1 where the condition holds, else 0."""
    return ibis.cases((condition, 1), else_=0)


def with_ones(rows: ir.Table, names: Sequence[str]) -> ir.Table:
    """Put in the place of whole numbers below 2³² how many of their bits are 1."""
    rows = rows.mutate(**{n: rows[n] - ((rows[n] >> 1) & 0x55555555) for n in names})
    rows = rows.mutate(**{n: (rows[n] & 0x33333333) + ((rows[n] >> 2) & 0x33333333) for n in names})
    rows = rows.mutate(**{n: (rows[n] + (rows[n] >> 4)) & 0x0F0F0F0F for n in names})
    return rows.mutate(**{n: ((rows[n] * 0x01010101) >> 24) & 0xFF for n in names})


def last_months(window: Window, months: int) -> Window:
    """Return the first days of the last ``months`` whole months before the window's end.

    Month tables are dated by the first of the month and occur on its last day: a month is in only
    if all of it lies before the end.

    >>> from datetime import date
    >>> last_months(Window(date(2024, 10, 13), date(2025, 4, 11)), 6)
    Window(start=datetime.date(2024, 10, 1), end=datetime.date(2025, 4, 1))
    """
    end = month_start(window.end)
    return Window(add_months(end, -months), end)
