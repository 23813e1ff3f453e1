"""The facts that decided, as rows that the explanation puts into words."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

Fact = tuple[str, "ir.DateValue | None", "ir.IntegerValue | None"]


def facts(rows: ir.Table, *columns: Fact) -> ir.Table:
    """Turn columns into facts.

    Parameters
    ----------
    rows
        One subscriber's rows.
    columns
        The fact's name, a key of the wording; the column with its day; that with its number.

    Returns
    -------
    Table
        ``place`` (the order of the sentences), ``fact``, ``on_day``, ``number``; facts with neither
        day nor number are left out.
    """
    parts = [
        rows.select(
            place=ibis.literal(place, type="int64"),
            fact=ibis.literal(name),
            on_day=ibis.null("date") if day is None else day.cast("date"),
            number=ibis.null("int64") if number is None else number.cast("int64"),
        )
        for place, (name, day, number) in enumerate(columns)
    ]
    joined = ibis.union(*parts) if len(parts) > 1 else parts[0]
    return joined.filter(joined.on_day.notnull() | joined.number.notnull())
