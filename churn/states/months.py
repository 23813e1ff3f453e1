"""Calendar months after a day, as an expression that every engine reads alike."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

MONTHS = 12


def months_later(day: ir.DateValue, months: int) -> ir.DateValue:
    """Move by calendar months; a day the target month lacks becomes its last.

    Spelt out, because engines differ in what a month's interval does to the 31st.
    """
    if not months:
        return day
    first = _first_of(day.year() * MONTHS + day.month() - 1 + months)
    after = _first_of(day.year() * MONTHS + day.month() + months)
    length = after.delta(first, unit="day").cast("int32")
    return ibis.date(first.year(), first.month(), ibis.least(day.day(), length))


def _first_of(months: ir.IntegerValue) -> ir.DateValue:
    """Return the first day of a month counted from the year 0."""
    year = ((months - months % MONTHS) / MONTHS).cast("int32")
    return ibis.date(year, (months % MONTHS + 1).cast("int32"), 1)
