"""Every workbook explains itself: each column of each sheet stands in its dictionary."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

BOOKS = ("last_notices", "expiring", "key_accounts", "kpis", "service", "loyalty")


@pytest.mark.parametrize("book", BOOKS)
def test_every_column_is_explained(english: Path, book: str) -> None:
    """By its machine name, on the last sheet, once for each thing it is called."""
    *lists, about = openpyxl.load_workbook(english / f"{book}.xlsx").worksheets
    rows = list(about.iter_rows(values_only=True))
    start = next(at for at, row in enumerate(rows) if row[0] == "Columns") + 1
    explained = [(row[1], row[0]) for row in rows[start:]]
    assert len(set(explained)) == len(explained)
    assert all(row[2] for row in rows[start:])
    for sheet in lists:
        names = {cell.value for cell in sheet[1]}
        assert names <= {name for name, _ in explained}, sheet.title
