"""The list as CSV and Parquet: machine names, no wording, the same bytes every time."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from churn.report.columns import Kind, ListColumn

_ROWS = 50_000  # whose cells are held as text at once
# Full-width signs start a formula in East Asian spreadsheets too.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_ARROW: dict[Kind, pa.DataType] = {
    "text": pa.string(),
    "code": pa.string(),
    "codes": pa.string(),
    "input": pa.string(),
    "count": pa.int64(),
    "chance": pa.float64(),
    "share": pa.float64(),
    "mean": pa.float64(),
    "amount": pa.float64(),
    "money": pa.float64(),
    "flag": pa.bool_(),
    "date": pa.date32(),
}
_FRACTIONS = frozenset({"chance", "share", "mean", "amount", "money"})


def harmless(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would take for a formula.

    Examples
    --------
    >>> harmless("=1+1"), harmless(" @x"), harmless("a=1")
    ("'=1+1", "' @x", 'a=1')
    """
    begins = text.startswith(_FORMULA_STARTS) or text.lstrip(" \u3000").startswith(_FORMULA_STARTS)
    return f"'{text}" if begins else text


def to_csv(frame: pd.DataFrame, columns: Sequence[ListColumn]) -> bytes:
    """Return the list as UTF-8 CSV with BOM, which spreadsheets open right.

    Chances have six decimals, amounts two; what is not known is empty.
    """
    return csv_bytes([column.name for column in columns], _rows(frame, columns), "utf-8-sig")


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]], encoding: str) -> bytes:
    """Return rows of cells as CSV, encoded as they come: a base's rows never lie there as text."""
    out = io.BytesIO()
    text = io.TextIOWrapper(out, encoding=encoding, newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    text.flush()
    return out.getvalue()


def _rows(frame: pd.DataFrame, columns: Sequence[ListColumn]) -> Iterator[tuple[str, ...]]:
    """Yield the cells row by row, worded some rows after the other."""
    for start in range(0, len(frame), _ROWS):
        part = frame.iloc[start : start + _ROWS]
        yield from zip(*(_cells(part[column.name], column.kind) for column in columns), strict=True)


def _cells(values: pd.Series, kind: Kind) -> list[str]:
    """Word a column's cells; what stands in many of them is worded once."""
    if kind in _FRACTIONS:  # hardly any twice, and -0.0 is not 0.0
        return [_cell(value, kind) for value in values]
    places, found = pd.factorize(values, use_na_sentinel=False)
    cells = [_cell(value, kind) for value in found]
    return [cells[at] for at in places.tolist()]


def to_parquet(frame: pd.DataFrame, columns: Sequence[ListColumn]) -> bytes:
    """Return the list as Parquet, one type per column whatever the rows."""
    schema = pa.schema([(column.name, _ARROW[column.kind]) for column in columns])
    arrays = [pa.array(frame[field.name], field.type, from_pandas=True) for field in schema]
    table = pa.Table.from_arrays(arrays, schema=schema)
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd")
    return out.getvalue()


def _cell(value: object, kind: Kind) -> str:
    if pd.isna(value):
        return ""
    if kind == "chance":
        return f"{value:.6f}"
    if kind == "money":
        return f"{value:.2f}"
    if kind == "count":  # beside rows without one pandas makes it a fraction
        return f"{value:.0f}"
    if kind == "flag":
        return "true" if value else "false"
    return harmless(str(value)) if _ARROW[kind] == pa.string() else str(value)
