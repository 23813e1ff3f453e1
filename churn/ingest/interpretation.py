"""How each column was read: from which header, in which way, with an example of that way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from churn.errors import tellable
from churn.ingest.columns import ColumnMapping
from churn.ingest.figures import CLOCKS
from churn.ingest.heads import Head
from churn.ingest.moments import COUNTS, SERIAL
from churn.ingest.rules import by_code
from churn.ingest.sources import SourceMapping
from churn.ingest.units import factor_into
from churn.language import Text
from churn.tables import Column, Table

_DAY = datetime(2024, 12, 31, 15, 4, 5)  # noqa: DTZ001 - local and without zone, as all times
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - moments have no zone here
_SERIAL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - nor here
SHOWN = 2  # codes that stand for all of a column


@dataclass(frozen=True)
class Interpretation:
    """One column of a source, and how the first rows of its newest file were read.

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
    """Tell, for each column that a source fills, how it was read."""
    mapped = dict(source.columns)
    for join in source.join:
        mapped |= join.columns
    for group in source.unpivot:
        mapped |= group.columns
    known = by_code()
    unread: dict[str, int] = {}
    for code, rows in head.broken.items():
        name = known[code].column
        unread[name] = unread.get(name, 0) + rows
    for column in table.columns:
        if column.name == "delivered_on":
            continue
        how = mapped.get(column.name)
        values = head.rows[column.name]
        there = len(values) - values.null_count
        if how is None and (column.name in mapped or not there):
            continue  # left out, or no header of its name
        yield Interpretation(
            table.name,
            column.name,
            _header(column, how),
            _way(column, how or ColumnMapping.model_validate({"from": column.name}), source),
            there / max(1, len(values)),
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
    return _parts(how) + _words(column)


def _parts(how: ColumnMapping) -> Text:
    sign = how.separator
    return Text(f"parted at {sign}, ", f"以 {sign} 分隔，") if sign else Text("", "")


def _words(column: Column) -> Text:
    if column.type == "boolean":
        return Text("yes -> true, 否 -> false", "是 -> true，no -> false")
    if column.identifier:
        return Text("an id, hashed", "编号，散列后保存")
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
    written = f"1{thousands}234{decimal}5"
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
