"""How each column was read: from which header, in which way, with an example of that way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq

from churn.errors import tellable
from churn.ingest.columns import ColumnMapping
from churn.ingest.figures import CLOCKS
from churn.ingest.heads import Head
from churn.ingest.moments import COUNTS, SERIAL
from churn.ingest.registry import Entry
from churn.ingest.rules import by_code
from churn.ingest.settings import TableMapping
from churn.ingest.sources import SourceMapping
from churn.ingest.units import factor_into
from churn.language import Text
from churn.tables import TABLES, Column, Table

_DAY = datetime(2024, 12, 31, 15, 4, 5)  # noqa: DTZ001 - local and without zone, as all times
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - moments have no zone here
_SERIAL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - nor here
SHOWN = 2  # codes that stand for all of a column


@dataclass(frozen=True)
class Interpretation:
    """One column of a source, and how its rows were read.

    Attributes
    ----------
    how
        The way in words, with an example that is made up: never a value of the file but codes.
    filled
        Share of the rows taken that have a value, 0 to 1.
    unread
        Rows set aside because of this column.
    """

    table: str
    column: str
    header: str
    how: Text
    filled: float
    unread: int

    @property
    def line(self) -> Text:
        """All of it in one line."""
        place = f"{self.table}.{self.column} <- {self.header}"
        unread = Text("", "")
        if self.unread:
            unread = Text(f", {self.unread:,} unread", f"，{self.unread:,}行无法读取")
        filled = Text(f"; {self.filled:.1%} filled", f"；{self.filled:.1%}有值")
        return Text(f"{place}: ", f"{place}：") + self.how + filled + unread


def interpretations(table: Table, source: SourceMapping, head: Head) -> Iterator[Interpretation]:
    """Tell, for each column that a source fills, how the head of its newest file was read."""
    rows = max(1, head.rows.num_rows)
    filled = {
        name: (head.rows.num_rows - head.rows[name].null_count) / rows
        for name in head.rows.column_names
    }
    return _of_source(table, source, filled, _unread(head.broken))


def of_deliveries(
    mappings: Mapping[str, TableMapping], entries: Iterable[Entry], root: Path
) -> tuple[Interpretation, ...]:
    """Tell how each column of the tables was read, by the mapping and the ledger of ingest.

    What is filled is told of a table's newest delivery, by the footers of its files alone; what
    was set aside because of a column of all of them.

    Parameters
    ----------
    entries
        The deliveries that are told of.
    root
        The workspace, in which their files lie.
    """
    by_table: dict[str, list[Entry]] = {}
    for entry in entries:
        by_table.setdefault(entry.table, []).append(entry)
    found: list[Interpretation] = []
    for name, mapping in mappings.items():
        known = by_table.get(name)
        if not known:
            continue
        broken: Counter[str] = Counter()
        for entry in known:
            broken.update(entry.rules)
        filled = _filled(max(known, key=lambda entry: entry.delivered_on), TABLES[name], root)
        numbers = {file.source for entry in known for file in entry.files if file.role == "rows"}
        for number, source in enumerate(mapping.sources):
            if number in numbers:
                found += _of_source(TABLES[name], source, filled, _unread(broken))
    return tuple(found)


def _filled(entry: Entry, table: Table, root: Path) -> dict[str, float]:
    """Return the share of a delivery's rows that have a value in each column, 0 to 1."""
    rows, nulls = 0, Counter[str]()
    for path in entry.delivery(root).paths:
        footer = pq.read_metadata(path)
        rows += footer.num_rows
        for group in range(footer.num_row_groups):
            for at in range(footer.num_columns):
                column = footer.row_group(group).column(at)
                known = column.statistics
                nulls[column.path_in_schema] += known.null_count if known is not None else 0
    return {name: 1 - nulls[name] / max(1, rows) if rows else 0.0 for name in table.names}


def _unread(broken: Mapping[str, int]) -> dict[str, int]:
    """Return how many rows were set aside because of each column."""
    known = by_code()
    unread: Counter[str] = Counter()
    for code, rows in broken.items():
        if code in known:  # a workspace may hold codes of an older version
            unread[known[code].column] += rows
    return unread


def _of_source(
    table: Table, source: SourceMapping, filled: Mapping[str, float], unread: Mapping[str, int]
) -> Iterator[Interpretation]:
    mapped = dict(source.columns)
    for join in source.join:
        mapped |= join.columns
    for group in source.unpivot:
        mapped |= group.columns
    for column in table.columns:
        if column.name == "delivered_on":
            continue
        how = mapped.get(column.name)
        if how is None and (column.name in mapped or not filled[column.name]):
            continue  # left out, or no header of its name
        yield Interpretation(
            table.name,
            column.name,
            _header(column, how),
            _way(column, how or ColumnMapping.model_validate({"from": column.name}), source),
            filled[column.name],
            unread.get(column.name, 0),
        )


def _header(column: Column, how: ColumnMapping | None) -> str:
    if how is None:
        return column.name
    return how.from_ if how.from_ is not None else "-"


def _way(column: Column, how: ColumnMapping, source: SourceMapping) -> Text:
    if how.constant is not None:
        return Text(f"always {how.constant}", f"恒为{how.constant}")
    if how.codes:
        pairs = [(code, text) for code, text in how.codes.items() if tellable(code)][:SHOWN]
        some = ", ".join(f"{code} -> {text or '-'}" for code, text in pairs)
        rest = len(how.codes) - len(pairs)
        more = Text(f" and {rest} more", f"等{len(how.codes)}个") if rest else Text("", "")
        return _parts(how) + Text(f"codes {some}", f"代码 {some}") + more
    if column.type in {"date", "timestamp"}:
        return _moments(column, how)
    if column.type == "int64" or column.type.startswith("decimal"):
        return _numbers(column, how, source)
    return _parts(how) + _words(column, how)


def _parts(how: ColumnMapping) -> Text:
    sign = how.separator
    return Text(f"parted at {sign}, ", f"以 {sign} 分隔，") if sign else Text("", "")


def _words(column: Column, how: ColumnMapping) -> Text:
    if column.type == "boolean":
        return Text("yes -> true, 否 -> false", "是 -> true，no -> false")
    if column.identifier:
        told = Text("an id, hashed", "编号，散列后保存")
        before = Text(f", without {how.prefix} before it", f"，去掉前缀{how.prefix}")
        return told + before if how.prefix else told
    return Text("text as it stands", "原样文本")


def _moments(column: Column, how: ColumnMapping) -> Text:
    whole = column.type == "timestamp"
    if not how.format:
        shown = f"{_DAY:%Y-%m-%d %H:%M:%S}" if whole else f"{_DAY:%Y-%m-%d}"
        return Text(f"as {shown}", f"形如 {shown}")
    ways = " or ".join(f"{text} ({_written(text)} -> {_read(text, whole)})" for text in how.format)
    return Text(f"as {ways}", f"按 {ways}")


def _read(text: str, whole: bool) -> str:  # noqa: FBT001 - of one caller
    """Write what a moment in a format is read as, whole or its day alone."""
    hour = "%H" in text or "%I" in text or text in {*COUNTS, SERIAL}
    read = _DAY if hour else _DAY.replace(hour=0, minute=0)
    read = read if "%S" in text or text in COUNTS else read.replace(second=0)
    read = read if "%d" in text or text in {*COUNTS, SERIAL} else read.replace(day=1)
    return f"{read:%Y-%m-%d %H:%M:%S}" if whole else f"{read:%Y-%m-%d}"


def _written(text: str) -> str:
    """Write a moment in a format."""
    if text in COUNTS:
        seconds = int((_DAY - _EPOCH).total_seconds())
        return str(seconds * {"s": 1, "ms": 1000}[COUNTS[text]])
    if text == SERIAL:
        return f"{(_DAY - _SERIAL_EPOCH) / timedelta(days=1):.5f}"
    return _DAY.strftime(text)


def _numbers(column: Column, how: ColumnMapping, source: SourceMapping) -> Text:
    decimal = how.decimal or source.decimal or "."
    thousands = how.thousands or source.thousands or ""
    written = f"1{thousands}234{decimal}5{' ' if how.affix else ''}{how.affix or ''}"
    if how.unit in CLOCKS:
        return Text(f"as {how.unit}, in seconds", f"按 {how.unit}，换算为秒")
    factor = factor_into(column, how.unit, how.scale)
    if factor is None:
        return Text(f"as {written} -> 1234.5", f"形如 {written} -> 1234.5")
    product = (factor * Decimal("1234.5")).normalize()
    return Text(
        f"as {written} {how.unit or ''} -> {product:f} {column.unit}",
        f"形如 {written} {how.unit or ''} -> {product:f} {column.unit}",
    )
