"""What a source may fill: columns that exist, each once, with what they can hold."""

from __future__ import annotations

from churn.ingest.columns import ColumnMapping, nearest
from churn.ingest.sources import InitialLoad, SourceMapping
from churn.ingest.units import factor_into
from churn.tables import TABLES, Mode, Table
from churn.tables.attributes import NAME


def listed_under(table: str) -> str:
    """Return where the settings list what fills a table."""
    return f"ingest.tables.{'subscribers' if TABLES[table].named_by else table}"


def check_targets(name: str, mode: Mode, source: SourceMapping) -> None:
    """Refuse a source that fills columns that are not there, or with what they cannot hold."""
    for row in source.rows():
        _check_row(name, row)
    _check_keys_differ(name, source)
    _check_extras(name, source)
    has_period = source.period is not None or (source.name and "period" in source.name.fields)
    if mode == "partition" and not has_period:
        raise ValueError(f"table {name} is delivered by partition: its sources need a period")
    if source.initial_load:
        _check_load(name, mode, source, source.initial_load)


def _mapped(source: SourceMapping) -> list[tuple[str, ColumnMapping | None]]:
    blocks = [source.columns, *(join.columns for join in source.join)]
    return [pair for block in blocks for pair in block.items()]


def _check_row(name: str, source: SourceMapping) -> None:
    table = TABLES[name]
    mapped = _mapped(source)
    columns = [target for target, _ in mapped]
    for target, how in mapped:
        _check_exists(table, target)
        if target == "delivered_on":
            raise ValueError(f"{name}.delivered_on is the day of the delivery and cannot be mapped")
        if columns.count(target) > 1:
            raise ValueError(f"{name}.{target} is mapped twice in one source")
        if how and how.codes and table[target].identifier:
            raise ValueError(f"{name}.{target} identifies somebody: it cannot have `codes:`")
        if how and how.prefix is not None and not table[target].identifier:
            raise ValueError(f"{name}.{target} identifies nobody: it cannot have `prefix:`")
        if how and how.separator is not None and not table[target].several:
            several = ", ".join(column.name for column in table.columns if column.several)
            raise ValueError(
                f"{name}.{target} takes one value: `separator:` is for columns that take several"
                + (f" ({several})" if several else "")
            )
        if how:
            factor_into(table[target], how.unit, how.scale)


def _check_exists(table: Table, target: str) -> None:
    if target not in table:
        near = nearest(target, table.names)
        raise ValueError(
            f"table {table.name} has no column {target}{near}: docs/canonical.md lists them"
        )


def _check_keys_differ(name: str, source: SourceMapping) -> None:
    """Refuse rows of one record that can only have the same key: all but one would be lost."""
    if not TABLES[name].key:
        return
    keys = [
        {part: how for part in TABLES[name].key if (how := row.columns.get(part))}
        for row in source.rows()
    ]
    for number, key in enumerate(keys):
        selected = [source.unpivot[i].only for i in range(number + 1)] if source.unpivot else []
        for other in range(number):
            if keys[other] == key and selected[other] == selected[number]:
                raise ValueError(
                    f"rows {other + 1} and {number + 1} under `unpivot:` have the same"
                    f" {' and '.join(TABLES[name].key)}: give each its own, such as its month"
                )


def _check_extras(name: str, source: SourceMapping) -> None:
    if source.extra and name != "subscribers":
        raise ValueError(f"`extra:` columns are attributes of subscribers: {name} has none")
    if source.extra and source.unpivot:
        raise ValueError("a source of subscribers has `extra:` or `unpivot:`, not both")
    for extra in source.extra:
        if not NAME.fullmatch(extra):
            raise ValueError(
                f"extra column {extra!r} is not lower case with underscores, as features are"
            )
        if extra in TABLES[name]:
            raise ValueError(f"{extra} is a column of {name}: map it under `columns:`")


def _check_load(name: str, mode: Mode, source: SourceMapping, load: InitialLoad) -> None:
    """Refuse an attribute of an initial load that nobody has called constant or current state.

    A column of the key tells which row it is: hidden, rows would be taken for one.
    """
    table = TABLES[name]
    keys = [target for target in load.current_state if target in table.key]
    if keys:
        raise ValueError(
            f"{name}.{keys[0]} is part of the key of {name} and cannot be current state"
        )
    for target in (*load.current_state, *load.constant):
        if target not in source.extra:
            _check_exists(table, target)
    if mode != "full":
        return
    both = set(load.constant) & set(load.current_state)
    if both:
        raise ValueError(f"{name}.{min(both)} is declared constant and current state")
    dated = {*table.key, table.occurs_on, *load.constant, *load.current_state}
    columns = dict.fromkeys(target for row in source.rows() for target, _ in _mapped(row))
    silent = [c for c in columns if c not in dated and not table[c].known_from]
    silent += [extra for extra in source.extra if extra not in dated]
    if silent:
        raise ValueError(
            f"{name}.{silent[0]} comes from an initial load: list it under `constant:`, or under"
            " `current_state:`, which hides it on every day before the extraction"
        )
