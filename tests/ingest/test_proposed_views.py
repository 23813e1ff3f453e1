"""Rows that are parts, or name lines by a number: the proposed view makes them the table's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
import pytest

from pipelines import ingest
from pipelines.identities import own_ids
from pipelines.run import open_run
from pipelines.suggestion import suggestion
from tests.ingest.layouts import write

LINES = 60


def _lines(folder: Path, phones: dict[int, int] | None = None) -> None:
    phones = phones or {}
    lines: list[list[object]] = [["line id", "phone", "activated", "ended on"]]
    lines += [
        [1000 + n, phones.get(n, 34600000 + n), f"2023-05-{n % 28 + 1:02}", ""]
        for n in range(LINES)
    ]
    lines += [[2000, 34600000, "2021-03-05", "2022-06-30"]] if phones else []
    write(folder / "lines_20240601.csv", lines, ",", "utf-8")
    states = [["line id", "date", "status"]]
    states += [[1000 + n, f"2024-05-{n % 28 + 1:02}", "suspended"] for n in range(LINES)]
    write(folder / "states_20240601.csv", states, ",", "utf-8")


def _read(folder: Path, table: str) -> tuple[str, list[dict[str, Any]]]:
    """Ingest what is suggested; return the settings and the table's rows with their own ids."""
    text = suggestion([folder], None, "en")
    path = folder.parent / "churn.yaml"
    path.write_text(text.replace(f"folder: {folder.name}", f"folder: {folder}"), encoding="utf-8")
    path.write_text(_with_folder(path.read_text(encoding="utf-8"), folder), encoding="utf-8")
    with open_run(path) as run:
        ingest.ingest(run)
        ids = own_ids(run)
    rows = ds.dataset(folder.parent / "workspace" / "tables" / table).to_table().to_pylist()
    mine = [name for name in ("subscriber_id", "peer_id") if rows and name in rows[0]]
    return text, [{**row, **{name: ids.get(row[name], row[name]) for name in mine}} for row in rows]


def _with_folder(text: str, folder: Path) -> str:
    lines = text.splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("  folder:"))
    lines[at] = f"  folder: {folder}"
    return "\n".join(lines) + "\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return where the operator's files lie."""
    place = tmp_path / "in"
    place.mkdir()
    return place


def test_the_items_of_a_bill_are_added_up(folder):
    """Money adds up, what all items agree about stays, and what they do not is left out."""
    _lines(folder)
    bills = [["line id", "bill month", "item", "amount due", "due date", "paid date"]]
    for n in range(LINES):
        bills += [
            [1000 + n, "2024-05", "rent", f"{20 + n},50", "2024-06-11", f"2024-06-{n % 9 + 11}"],
            [1000 + n, "2024-05", "discount", "-5,25", "2024-06-11", "2024-06-20"],
        ]
    write(folder / "bills_202405_20240602.csv", bills, ";", "utf-8")
    text, rows = _read(folder, "bills")
    assert "several rows have the same subscriber_id, bill_month: are they parts" in text
    assert len(rows) == LINES
    assert {row["subscriber_id"]: float(row["amount_due"]) for row in rows} == {
        str(1000 + n): 15.25 + n for n in range(LINES)
    }
    assert {str(row["due_on"]) for row in rows} == {"2024-06-11"}
    assert {row["paid_on"] for row in rows} == {None}


def test_the_open_invoices_of_a_debt_are_added_up_and_counted(folder):
    """The oldest one's days are the debt's."""
    _lines(folder)
    debts = [["line id", "as of", "invoice", "amount overdue", "days overdue"]]
    debts += [
        [1000 + n, "2024-05-31", k, 7 + n, 30 * k + 9] for n in range(LINES) for k in (0, 1, 2)
    ]
    write(folder / "arrears_20240601.csv", debts, ",", "utf-8")
    _, rows = _read(folder, "arrears")
    told = ("amount_overdue", "days_overdue", "bills_overdue")
    assert {row["subscriber_id"]: tuple(float(row[name]) for name in told) for row in rows} == {
        str(1000 + n): (3.0 * (7 + n), 69, 3) for n in range(LINES)
    }


def test_calls_by_telephone_number_are_those_of_its_lines(folder):
    """Both sides get the ids of the books; who is not on them keeps the number."""
    _lines(folder)
    calls = [["calling number", "called number", "start time", "duration"]]
    calls += [
        [34600000 + n, 34600001 + n, f"2024-05-{n % 28 + 1:02} 10:00:00", 60 + n]
        for n in range(LINES)
    ]
    write(folder / "calls_202405_20240602.csv", calls, ",", "utf-8")
    text, rows = _read(folder, "calls")
    assert "its rows name lines by phone: the id on the books takes its place" in text
    assert {row["subscriber_id"]: row["seconds"] for row in rows} == {
        str(1000 + n): 60 + n for n in range(LINES)
    }
    peers = {row["subscriber_id"]: row["peer_id"] for row in rows}
    assert peers["1000"] == "1001"
    assert peers[str(999 + LINES)] not in {str(1000 + n) for n in range(LINES)}


def test_a_number_that_two_lines_had_in_turn_is_that_of_the_one_then(folder):
    """Who had it before has ended, and nothing of today is his."""
    _lines(folder, {0: 34600000})
    bills = [["phone", "bill month", "item", "amount due", "issued"]]
    bills += [
        [34600000 + n, "2024-05", item, 20 + n, "2024-06-01"] for n in range(LINES) for item in "ab"
    ]
    write(folder / "bills_202405_20240602.csv", bills, ",", "utf-8")
    write(folder / "use_202405_20240602.csv",
          [["phone", "month", "voice out minutes", "data mb"],
           *([34600000 + n, "2024-05", 7, 9] for n in range(LINES))], ",", "utf-8")  # fmt: skip
    _, rows = _read(folder, "bills")
    got = {row["subscriber_id"]: float(row["amount_due"]) for row in rows}
    assert got == {str(1000 + n): 2.0 * (20 + n) for n in range(LINES)}


def test_use_of_days_by_telephone_number_is_added_up_for_its_line(folder):
    """One view does both."""
    _lines(folder)
    for day in range(1, 10):
        use = [["phone", "date", "voice out minutes", "data mb"]]
        use += [[34600000 + n, f"2024-05-0{day}", n, 3] for n in range(LINES)]
        write(folder / f"use_2024050{day}.csv", use, ",", "utf-8")
    _, rows = _read(folder, "usage_monthly")
    assert {row["subscriber_id"]: float(row["voice_out_minutes"]) for row in rows} == {
        str(1000 + n): 9.0 * n for n in range(LINES)
    }
