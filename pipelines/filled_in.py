"""Files that people filled in, a CSV or a workbook: contact ids and answers, by sheet and line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import fastexcel
import pandas as pd

from churn.errors import ExtractError
from churn.ingest.readers.excel import Excel
from churn.language import LANGUAGES
from churn.report.targets import WORKED

HEADERS: Mapping[str, tuple[str, ...]] = {
    "contact_id": ("contact_id", "联系编号"),
    "answer": ("answer", "结果"),
}
_WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
_LABELS = {
    column.label.of(language)
    for column in WORKED
    for language in LANGUAGES
    if column.name == "contact_id"
}
Lines = Sequence[Sequence[str]]


def read(file: Path) -> pd.DataFrame:
    """Return ``contact_id, answer, sheet, line`` of a CSV in UTF-8 or GB18030, or of a workbook.

    Of a workbook every sheet counts that has both columns, such as the list and its parts by
    manager: who filled in one of them need not fill in the other.

    Raises
    ------
    ExtractError
        If the file cannot be read, or has not both columns.
    """
    book = file.suffix.lower() in _WORKBOOKS
    sheets = list(_sheets(file)) if book else [("", _lines(file))]
    found = [(name, lines, places) for name, lines in sheets if (places := _places(lines))]
    if not found:
        header = {cell.strip() for _, lines in sheets for cell in (lines[0] if lines else ())}
        missing = [names for names in HEADERS.values() if header.isdisjoint(names)]
        lacks = " or ".join(missing[0]) if missing else "answer beside one contact_id"
        raise ExtractError(
            f"the feedback has no column {lacks}",
            where=file.name,
            do="keep contact_id as handed over, and fill in a column answer",
        )
    rows = [row for name, lines, places in found for row in _rows(name, lines, places)]
    return pd.DataFrame(rows, columns=[*HEADERS, "sheet", "line"])


def _places(lines: Lines) -> dict[str, int]:
    """Return where the columns stand; nothing if one is not there."""
    header = [name.strip() for name in lines[0]] if lines else []
    places = {
        column: header.index(name)
        for column, names in HEADERS.items()
        for name in names
        if name in header
    }
    return places if len(places) == len(HEADERS) else {}


def _rows(sheet: str, lines: Lines, places: Mapping[str, int]) -> Iterator[dict[str, str | int]]:
    for number, row in enumerate(lines[1:], start=2):
        cells = {name: row[at].strip() if at < len(row) else "" for name, at in places.items()}
        if any(cell.strip() for cell in row) and cells["contact_id"] not in _LABELS:
            yield {**cells, "sheet": sheet, "line": number}


def _sheets(file: Path) -> Iterator[tuple[str, Lines]]:
    try:
        names = fastexcel.read_excel(file).sheet_names
    except (fastexcel.FastExcelError, OSError) as error:
        raise ExtractError(
            "the feedback cannot be read",
            where=file.name,
            do="name a CSV file or workbook that is there, without a password",
        ) from error
    for name in names:
        columns = [column.to_pylist() for column in Excel(file, name, 0, None).cells.columns]
        yield name, [[cell or "" for cell in row] for row in zip(*columns, strict=True)]


def _lines(file: Path) -> Lines:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ExtractError(
            "the feedback cannot be read",
            where=file.name,
            do="name a CSV file or workbook that is there",
        ) from error
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return list(csv.reader(io.StringIO(text, newline="")))
    raise ExtractError(
        "the feedback is neither UTF-8 nor GB18030 text",
        where=file.name,
        do="save it as a workbook, or as CSV in one of these encodings",
    )
