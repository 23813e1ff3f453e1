"""LEAK107: a column declared constant that a later delivery changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from churn.audit.finding import Code, Finding
from churn.language import Text
from churn.tables import TABLES, Tables

CODE = Code(
    "LEAK107",
    Text(
        "is read as if it had never changed, and a later delivery changes it",
        "按从未变化读取，而其后的交付改变了它",
    ),
    Text("list it under `current_state:` of the initial load", "列入首次加载的 `current_state:`"),
)
#: Corrections happen: only a share of changes that shows in features is a state.
CHANGING, FEW_ROWS = 0.01, 10
LOADED = ("subscribers", "attributes")


def changes(tables: Tables, name: str, day: date) -> ir.Table | None:
    """Compare the values of an initial load with those known on a later day.

    Parameters
    ----------
    name
        ``subscribers`` or ``attributes``: tables of one row per subscriber, or per name.

    Returns
    -------
    Table
        One row per column with ``column``, ``compared``, ``differing``. None where there is no
        initial load, or nothing was delivered after it.
    """
    own = [one for one in tables.deliveries if one.table == name and one.delivered_on <= day]
    loads = [one for one in own if one.assumed_lag is not None]
    if not loads or all(one.delivered_on <= loads[0].delivered_on for one in own):
        return None
    table = TABLES[name]
    first = tables.reader.read_parquet([p for one in loads for p in one.paths], table.schema)
    now = tables.known_at(day).table(name)
    both = first.inner_join(now, list(table.key), rname="{name}_later")
    hidden = {column for one in loads for column in one.current_state}
    if table.named_by:
        named = both.filter(~both[table.named_by].isin(hidden))
        return named.group_by(column=named[table.named_by]).aggregate(
            compared=_.count().cast("int64"),
            differing=_.count(where=_unlike(_, "number") | _unlike(_, "text")).cast("int64"),
        )
    declared = [
        column.name
        for column in table.columns
        if column.name not in {*table.key, "delivered_on", *hidden} and not column.identifier
    ]
    counted = [
        both.aggregate(
            compared=both.count(where=both[name].notnull()).cast("int64"),
            differing=both.count(where=both[name].notnull() & _unlike(both, name)).cast("int64"),
        ).select("compared", "differing", column=ibis.literal(name))
        for name in declared
    ]
    return ibis.union(*counted)


def _unlike(both: Any, name: str) -> Any:
    """Tell where a value and its later one differ; a blank is a value."""
    return ~both[name].identical_to(both[f"{name}_later"])


def find(counted: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """Judge the counts of :func:`changes`."""
    found = []
    for row in counted:
        compared, differing = row["compared"], row["differing"]
        if differing >= FEW_ROWS and differing >= CHANGING * compared:
            share = differing / compared
            found.append(
                CODE.found(row["column"], differing=differing, compared=compared, share=share)
            )
    return found
