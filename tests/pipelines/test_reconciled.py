"""Every file of a night tells the same totals, and the manifest tells them too."""

from __future__ import annotations

import csv
import io
import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

from churn.report.words import CODES
from churn.windows import add_months
from tests.pipelines.conftest import Deployment
from tests.pipelines.tiny import sheet_rows

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def night(finished: Deployment) -> Path:
    """Return the folder of the finished night."""
    (folder,) = (finished.workspace / "exports").iterdir()
    return folder


def counts_of(night: Path) -> dict[str, Any]:
    """Return what the manifest counts."""
    content: dict[str, Any] = json.loads((night / "manifest.json").read_text("utf-8"))
    return content["counts"]


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return a CSV as rows."""
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


def test_the_list_is_one_list_in_every_form(night: Path) -> None:
    """Workbook, csv, parquet, its parts by manager and region, dialler, inbound, and the page."""
    assert _reconciled_list(night) > 0


def test_what_needs_no_model_is_counted_as_it_is_listed(night: Path) -> None:
    """Notices, warnings, key accounts, service and call-backs; who is listed is on the list."""
    _reconcile_standing(night)


def test_indicators_by_product_add_up_to_the_total(night: Path) -> None:
    """Lines, and lines lost, of the last whole month; the page tells the same."""
    _reconcile_indicators(night)


@pytest.mark.acceptance
def test_six_nights_in_turn_each_reconcile(copied: Deployment) -> None:
    """A month apart, each on what came since: lists, moves and cool-downs differ, totals agree."""
    (last,) = (copied.workspace / "exports").iterdir()
    for made in ("exports", "handed_over"):
        shutil.rmtree(copied.workspace / made)
    listed = []
    for months in range(-5, 1):
        night = add_months(date.fromisoformat(last.name), months).isoformat()
        done = copied.run("nightly", "--as-of", night)
        assert done.returncode == 0, done.stderr
        folder = copied.workspace / "exports" / night
        listed.append(_reconciled_list(folder))
        _reconcile_standing(folder)
        _reconcile_indicators(folder)
    assert min(listed) > 0
    assert len(set(listed)) > 1


def _reconciled_list(night: Path) -> int:
    """Hold the list of a night against itself in every form; return how long it is."""
    counts = counts_of(night)
    listed, totals = counts["targets"]["listed"], counts["targets"]
    sheet = sheet_rows(night / "targets.xlsx")
    table = pq.read_table(night / "targets.parquet")
    ids = [row["subscriber_id"] for row in sheet]
    assert ids == table["subscriber_id"].to_pylist()
    assert ids == [row["subscriber_id"] for row in rows_of(night / "targets.csv")]
    assert len(ids) == listed
    profit = sum(row["expected_profit"] for row in sheet)
    assert profit == pytest.approx(totals["expected_profit"], abs=0.005)
    book = openpyxl.load_workbook(night / "targets.xlsx", read_only=True)
    apart = {"Targets", "Left out", "Just missed", "Summary"}
    parts = [name for name in book.sheetnames if name not in apart]
    stand = [
        row["subscriber_id"] for part in parts for row in sheet_rows(night / "targets.xlsx", part)
    ]
    assert sorted(stand) == sorted(ids)
    left = sheet_rows(night / "targets.xlsx", "Left out")
    assert sum(row["subscribers"] for row in left) == totals["scored"] - totals["selected"]
    handed = {row["contact_id"] for row in rows_of(night / "handover.csv")}
    assert handed <= {row["contact_id"] for row in sheet}
    assert len(rows_of(night / "suppress.csv")) == totals["control"]
    inbound = rows_of(night / "inbound.csv")
    assert len(inbound) == counts["inbound"]["rows"] == totals["scored"]
    offered = sum(1 for row in inbound if row["action"])
    assert offered == counts["inbound"]["with_action"]
    page = (night / "report.html").read_text("utf-8")
    for shown in (listed, totals["control"], counts["last_notices"]["listed"]):
        assert f">{shown:,}<" in page
    return int(listed)


def _reconcile_standing(night: Path) -> None:
    counts = counts_of(night)
    assert len(sheet_rows(night / "last_notices.xlsx")) == counts["last_notices"]["listed"]
    warnings = counts["early_warnings"]
    expiring = sheet_rows(night / "expiring.xlsx", "Commitments")
    assert len(expiring) == warnings["expiring"] == sum(warnings["expiring_by_commitment"].values())
    silent = sheet_rows(night / "expiring.xlsx", "Silent")
    assert len(silent) == warnings["silent"]
    ids = {row["subscriber_id"] for row in sheet_rows(night / "targets.xlsx")}
    sheets = openpyxl.load_workbook(night / "expiring.xlsx", read_only=True).sheetnames
    every = [
        row
        for name in sheets
        if name != "About"
        for row in sheet_rows(night / "expiring.xlsx", name)
    ]
    on_list = {row["subscriber_id"] for row in every if row["tonight"] == CODES["contact"].en}
    assert on_list <= ids
    warned = {
        row["subscriber_id"] for row in sheet_rows(night / "targets.xlsx") if row["warnings"] != "–"
    }
    assert warned <= {row["subscriber_id"] for row in every}
    key = sheet_rows(night / "key_accounts.xlsx", "Key accounts")
    potential = sheet_rows(night / "key_accounts.xlsx", "Potential")
    told = counts["key_accounts"]
    assert len(key) == told["key"] + told["top_key"]
    assert (len(potential), len(key) + len(potential)) == (told["potential"], told["accounts"])
    for visit in ("must", "due", "planned", "leave_alone", "lost"):
        shown = sum(1 for row in (*key, *potential) if row["visit"] == CODES[visit].en)
        assert shown == told[visit]
    assert len(sheet_rows(night / "service.xlsx", "Overdue")) == counts["service"]["overdue"]
    assert len(rows_of(night / "callbacks.csv")) == counts["service"]["callbacks"]


def _reconcile_indicators(night: Path) -> None:
    months = sheet_rows(night / "kpis.xlsx", "By month")
    last = max(row["period"] for row in months if "(" not in row["period"])
    for name in ("lines", "lines lost"):
        (total,) = (
            row["amount"] for row in months if (row["period"], row["indicator"]) == (last, name)
        )
        parts = [
            row["amount"]
            for row in sheet_rows(night / "kpis.xlsx", "By product")
            if row["indicator"] == name
        ]
        assert sum(parts) == total > 0
        assert f">{total:,.0f}<" in (night / "report.html").read_text("utf-8")
