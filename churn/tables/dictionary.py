"""The canonical tables as a page: what ``docs/canonical.md`` holds."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from churn.tables.canonical import TABLES
from churn.tables.schema import Column, Mode, Table

HEAD = """\
# Canonical tables

What every extract is mapped to: a settings file names these tables and columns, and says where each
comes from ([extracts.md](extracts.md)). A table that no source fills is left out, with the features
that need it; a column that none fills is null in every row. Required are *subscribers* and
*status_events*, and in every table the columns that are never null: a record without one is set
aside.

Every table also holds `delivered_on`, the day on which a row was available. Identifiers (*hashed*)
are replaced by keyed hashes when they are read. Amounts are fixed decimals in your currency; times
are local and have no zone; a month may be written as any of its days. A text without a list of
values is kept as it stands in the extract, or as `codes:` translate it.

A day knows the rows that occurred before it and had been delivered by it. What *fills late* is a
value that a row gets after it occurred: until then it is null for whoever reads the tables as of
that day. `mode:` in the settings may say otherwise than the table's own, which is told below.

Written from the declarations in `churn/tables/canonical/`: change those, then
`python -m churn.tables.dictionary > docs/canonical.md`.
"""

_DELIVERED: Mapping[Mode, str] = MappingProxyType(
    {
        "append": "*append*: each delivery adds rows",
        "full": "*full*: each delivery is the whole table, and a row it lacks has gone",
        "partition": "*partition*: a period delivered anew replaces that period",
    }
)


def describe(tables: Iterable[Table] = TABLES.values()) -> str:
    """Render the tables as Markdown."""
    every = list(tables)
    contents = ["| table | | what it holds |", "|---|---|---|"]
    contents += [
        f"| [{table.name}](#{table.name}) | {table.label.zh} | {table.meaning} |" for table in every
    ]
    return "\n".join([HEAD, *contents, "", *(_section(table) for table in every)])


def _section(table: Table) -> str:
    lines = [
        f"## {table.name}",
        "",
        f"{table.label.en} · {table.label.zh}: {table.meaning}.",
        "",
        *(f"- {fact}." for fact in _facts(table)),
        "",
        "| column | type | unit | values | null means | meaning |",
        "|---|---|---|---|---|---|",
        *(_row(column) for column in table.columns),
    ]
    return "\n".join([*lines, ""])


def _facts(table: Table) -> list[str]:
    if table.named_by:
        facts = ["Not mapped itself: `extra:` columns of subscribers fill it"]
    else:
        facts = ["Required" if table.required else "Optional"]
    if table.key:
        again = "" if table.mode == "full" else "; of one delivered again, the latest row counts"
        facts.append(f"Key: {_names(table.key)}{again}")
    else:
        facts.append("No key: equal rows stand for as many facts; only a period is restated")
    facts.append(_occurrence(table))
    facts.append(f"Delivered {_DELIVERED[table.mode]}")
    facts += _late(table)
    if table.personal:
        facts.append("Personal: stored apart, in a folder closed to other users")
    facts.append(f"Codes of its rules begin with `{table.prefix}`")
    return facts


def _occurrence(table: Table) -> str:
    if table.occurs_on is None:
        return "Occurs on no day: a row counts from its delivery"
    end = "the last day of the month " if table.occurs_at_month_end else ""
    undated = "" if table[table.occurs_on].required else "; a row without it counts from delivery"
    return f"Occurs on {end}`{table.occurs_on}`{undated}"


def _late(table: Table) -> list[str]:
    """Tell what fills late, and from when on it is known."""
    dates = dict.fromkeys(c.known_from for c in table.columns if c.known_from)
    facts = []
    for day in dates:
        filled = [column.name for column in table.columns if column.known_from == day]
        facts.append(f"Fills late: {_names(filled)}, known from the day after `{day}`")
    undated = [column.name for column in table.columns if column.filled_later]
    if undated:
        facts.append(
            f"Fills late, and no date tells when: {_names(undated)}, as the delivery has it; of an"
            " initial load known only from its extraction on, unless listed under `constant:`"
        )
    return facts


def _row(column: Column) -> str:
    unit = "id, hashed" if column.identifier else column.unit
    least = "" if column.minimum is None else f"at least {column.minimum}"
    values = ", ".join(f"`{value}`" for value in column.allowed) or least
    values = f"any of {values}" if column.several else values
    null = "never" if column.required else column.null_means
    meaning = f"{column.meaning}; {column.note}" if column.note else column.meaning
    cells = (f"`{column.name}`", column.reads_as, unit, values, null, meaning)
    return f"| {' | '.join(cells)} |"


def _names(columns: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in columns)


if __name__ == "__main__":
    sys.stdout.write(describe())
