"""An operator of a few lines: deliveries as rows, a night without a model, its files as rows."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import yaml

from pipelines import ingest
from pipelines.export import export_notices
from pipelines.run import open_run

Rows = Sequence[Mapping[str, Any]]


def deliver(folder: Path, deliveries: Mapping[str, Mapping[str, Rows]]) -> Path:
    """Write ``{table: {day delivered: rows}}`` as CSV files and settings; return the settings.

    Each delivery covers everything through its eve.
    """
    extracts = folder / "extracts"
    extracts.mkdir(parents=True)
    for table, by_day in deliveries.items():
        for day, rows in by_day.items():
            names = list(dict.fromkeys(name for row in rows for name in row))
            eve = date.fromisoformat(day) - timedelta(days=1)
            path = extracts / f"{table}_{eve}_{day}.csv"
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, names, restval="")
                writer.writeheader()
                writer.writerows(rows)
    source = "{{files: '{0}_*.csv', name: '{0}_{{covers_until}}_{{delivered_on}}.csv'}}"
    settings = {
        "version": 1,
        "workspace": "workspace",
        "engine": {"threads": 1},
        "ingest": {
            "folder": "extracts",
            "id_key": "a-key-for-tests",
            "tables": {
                name: {"sources": [yaml.safe_load(source.format(name))]} for name in deliveries
            },
        },
    }
    path = folder / "churn.yaml"
    path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    return path


@contextmanager
def changed(settings: Path, **sections: Any) -> Iterator[None]:
    """Change sections of the settings file for the time of the block."""
    before = settings.read_text("utf-8")
    content = {**yaml.safe_load(before), **sections}
    settings.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    try:
        yield
    finally:
        settings.write_text(before, encoding="utf-8")


def hand_over(settings: Path, night: date) -> Path:
    """Ingest, and hand over what a night without a model hands over; return the folder."""
    with open_run(settings) as run:
        ingest.take_in(run)
        return export_notices(run, night).folder


def sheet_rows(path: Path, sheet: str | None = None) -> list[dict[str, Any]]:
    """Return a list of a workbook as rows by machine name; the first sheet by default."""
    return list(_rows(path, sheet))


def texts(path: Path, sheet: str) -> str:
    """Return all text of a sheet, a line per row."""
    rows = openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True)
    return "\n".join(" | ".join(str(cell) for cell in row if cell is not None) for row in rows)


def _rows(path: Path, sheet: str | None) -> Iterator[dict[str, Any]]:
    book = openpyxl.load_workbook(path)
    rows = book[sheet or book.sheetnames[0]].iter_rows(values_only=True)
    names = next(rows)
    next(rows)  # the labels
    for row in rows:
        yield {
            name: cell.date() if hasattr(cell, "date") else cell
            for name, cell in zip(names, row, strict=True)
        }
