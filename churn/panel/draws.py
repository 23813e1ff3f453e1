"""Draws of the panel: shares of customers and of rows, the same on every engine and every day.

A draw is the first 32 bits of md5 of a name, as hexadecimal digits that compare as text. What the
name holds decides what the draw may depend on: never a date, so that the same history 28 years
later is drawn alike, and never the order or number of rows.
"""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir

DIGITS = 8  # of the digest: one part in four billion


def index_of(snapshot: date, as_of: date) -> int:
    """Return a snapshot's index: the whole months from it to the as-of date of its panel.

    It depends on the calendar alone, not on what was delivered or on which snapshots are used.

    Examples
    --------
    >>> from datetime import date
    >>> index_of(date(2025, 2, 28), date(2025, 5, 31))
    3
    """
    return (as_of.year - snapshot.year) * 12 + as_of.month - snapshot.month


def part_draw(customer_id: ir.StringValue) -> ir.StringValue:
    """Draw a customer's part: md5 of ``part:customer``, the same at every snapshot."""
    return _drawn(ibis.literal("part:") + customer_id)


def kept(subscriber_id: ir.StringValue, index: int, share: float) -> ir.BooleanValue:
    """Tell, per row, whether it is in the share that is kept: md5 of ``keep:index:subscriber``."""
    return _drawn(ibis.literal(f"keep:{index}:") + subscriber_id) < threshold(share)


def threshold(share: float) -> str:
    """Return the digits below which the given share of draws lies."""
    return f"{min(int(share * 16**DIGITS), 16**DIGITS - 1):0{DIGITS}x}"


def _drawn(name: ir.StringValue) -> ir.StringValue:
    return name.hexdigest("md5").substr(0, DIGITS)
