"""The canonical tables with the future cut out of what the files hold, not hidden by the reader.

``known_at`` decides what a day may see. A feature that finds a way around it, or an error in it,
is noticed only if the future is not there to be found. So this reads the same files through an
engine that leaves rows out, and says nothing about how ``known_at`` does it: written twice on
purpose.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import ibis
import ibis.expr.schema as sch
import ibis.expr.types as ir

from churn.tables import TABLES, Delivery, Reader, Table, Tables
from churn.windows import month_start

Cut = Literal["facts", "restated", "late"]
ALL: tuple[Cut, ...] = ("facts", "restated", "late")


@dataclass(frozen=True)
class WithoutFuture:
    """A reader that leaves out what happened on a day or later."""

    reader: Reader
    day: date
    delivery_of: Mapping[Path, Delivery]

    def read_parquet(self, paths: Sequence[Path], schema: sch.Schema) -> ir.Table:
        """Return the rows of ``paths`` that lie before the day, late-filled values blank."""
        rows = self.reader.read_parquet(paths, schema)
        from_these = [self.delivery_of[path] for path in paths]
        if not from_these:
            return rows
        rows = _before(rows, TABLES[from_these[0].table], self.day)
        if all(one.delivered_on > self.day for one in from_these):
            rows = _as_assumed(rows, from_these[0])
        return rows

    def apart(self, groups: Sequence[Sequence[Path]], column: str) -> bool:
        """Tell what the files do: rows that are left out bring none together."""
        return self.reader.apart(groups, column)

    def query(self, sql: str, tables: Mapping[str, ir.Table]) -> ir.Table:
        """Return the rows of a SELECT over tables that were read without the future."""
        return self.reader.query(sql, tables)


def cut(tables: Tables, day: date, what: Sequence[Cut] = ALL) -> Tables:
    """Return the tables as they would be if what came on ``day`` or later had never come.

    Parameters
    ----------
    what
        ``facts`` that happened on the day or later; deliveries after the day that are
        ``restated``: of a period, or of a whole table, that was there before; and the other
        ``late`` deliveries. An initial load, whose availability is assumed, stays with its facts
        before the day.
    """
    kept = [
        one
        for one in tables.deliveries
        if one.assumed_lag is not None
        or one.delivered_on <= day
        or ("restated" if _restates(one, tables.deliveries, day) else "late") not in what
    ]
    reader = tables.reader
    if "facts" in what:
        delivery_of = {path: one for one in tables.deliveries for path in one.paths}
        reader = WithoutFuture(reader, day, delivery_of)
    return Tables(reader, kept, tables.initial_state)


def _restates(delivery: Delivery, every: Sequence[Delivery], day: date) -> bool:
    """Tell whether a delivery brings anew what another had brought by the day.

    An appended file without a period in its name may hold anything: it counts as new.
    """
    before = [one for one in every if one.table == delivery.table and one.delivered_on <= day]
    if delivery.mode == "full":
        return bool(before)
    named = delivery.partition or delivery.mode == "partition"
    return bool(named) and any(one.partition == delivery.partition for one in before)


def _before(rows: ir.Table, table: Table, day: date) -> ir.Table:
    unfilled = {
        column.name: ibis.cases(
            (rows[column.known_from] >= day, ibis.null(column.ibis_type)), else_=rows[column.name]
        )
        for column in table.columns
        if column.known_from
    }
    rows = rows.mutate(**unfilled) if unfilled else rows
    if table.occurs_on is None:
        return rows
    occurred = rows[table.occurs_on]
    closed = month_start(day) if table.occurs_at_month_end else day
    return rows.filter((occurred < closed) | occurred.isnull())


def _as_assumed(rows: ir.Table, load: Delivery) -> ir.Table:
    """Leave out what an initial load, extracted after the day, is not assumed to have shown."""
    table = TABLES[load.table]
    if table.named_by:
        return rows.filter(~rows[table.named_by].isin(load.current_state))
    hidden = {name: ibis.null(table[name].ibis_type) for name in load.current_state}
    return rows.mutate(**hidden) if hidden else rows
