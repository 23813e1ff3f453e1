"""`churn quarantine` on little extracts: listed, shown, corrected, read again."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
import yaml

from pipelines.init import init
from tests.commands import churn

SUBSCRIBERS = "subscriber_id,product,activated_on\nA1,mobile,2020-01-01\nA2,cell,2020-01-01\n"
STATUS = "subscriber_id,effective_at,status\nA1,2020-01-01 00:00:00,在用\nA2,soon,在用\n"


@pytest.fixture
def company(tmp_path: Path) -> Path:
    """Return a deployment of which one record of each table is set aside."""
    folder = tmp_path / "company"
    init(folder)
    _change(folder, max_rejected=0.5)
    extracts = folder / "extracts"
    for name, text in (("subscribers", SUBSCRIBERS), ("status_events", STATUS)):
        (extracts / f"{name}_202501_20250201.csv").write_text(text, encoding="utf-8")
    assert _run(folder, "ingest")[0] == 0
    return folder


def _change(folder: Path, **options: object) -> None:
    path = folder / "churn.yaml"
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    for mapping in settings["ingest"]["tables"].values():
        mapping.update(options)
    path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")


def _run(folder: Path, *words: str) -> tuple[int, str]:
    done = churn(*words, "--settings", folder / "churn.yaml")
    return done.returncode, done.stdout + (done.stderr if done.returncode else "")


def test_list_counts_by_table_delivery_and_rule(company):
    """Each row says what would hold for a good record; a table without any is a usage error."""
    code, text = _run(company, "quarantine", "list")
    heads, *rows = text.splitlines()
    assert (code, heads.split("  ")[0]) == (0, "table")
    cells = [[cell for cell in row.split("  ") if cell] for row in rows]
    assert [(row[0], row[1].strip(), row[4].strip()) for row in cells] == [
        ("status_events", "202501-20250201", "1"),
        ("subscribers", "202501-20250201", "1"),
    ]
    code, text = _run(company, "quarantine", "list", "--table", "bills")
    assert (code, "no such record is set aside" in text) == (2, True)


def test_show_prints_records_and_says_how_many_more(company):
    """The record stands as it was delivered, below its place and rule."""
    code, text = _run(company, "quarantine", "show", "--limit", "1")
    place, record, more = text.splitlines()
    assert code == 0
    assert place.startswith("status_events 202501-20250201  status_events_202501_20250201.csv:3")
    assert record == "  A2,soon,在用"
    assert more.startswith("… and 1 more")


def test_records_corrected_are_taken_in_once(company, tmp_path):
    """A file of records, edited, makes their deliveries anew; the ledger tells; again, nothing."""
    aside = tmp_path / "aside.jsonl"
    assert _run(company, "quarantine", "show", "--out", str(aside))[0] == 0
    assert stat.S_IMODE(aside.stat().st_mode) == 0o600
    rows = [json.loads(line) for line in aside.read_text(encoding="utf-8").splitlines()]
    rows[0]["record"] = rows[0]["record"].replace("soon", "2020-01-01 00:00:00")
    aside.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    code, text = _run(company, "quarantine", "replay", "--corrected", str(aside))
    assert code == 0, text
    assert text.startswith(
        "1 records corrected; 2 rows of deliveries made again; of 2 set aside, 1"
    )
    again = _run(company, "quarantine", "replay", "--corrected", str(aside))[1]
    assert again.startswith("0 records corrected; 0 rows of deliveries made again; of 1 set aside")
    ledger = [line for line in _run(company, "status")[1].splitlines() if "replay" in line]
    assert [line.split()[3] for line in ledger] == ["done", "skipped"]


def test_a_corrected_mapping_is_replayed_for_what_it_concerns(company):
    """What the settings now read is no longer set aside; of the other table all stays."""
    path = company / "churn.yaml"
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    (source,) = settings["ingest"]["tables"]["subscribers"]["sources"]
    codes = {"cell": "mobile", "mobile": "mobile"}
    source.setdefault("columns", {})["product"] = {"from": "product", "codes": codes}
    path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    code, text = _run(company, "quarantine", "replay", "--table", "subscribers")
    assert code == 0, text
    assert text.startswith(
        "0 records corrected; 2 rows of deliveries made again; of 1 set aside, 0"
    )
    assert "status_events" in _run(company, "quarantine", "list")[1]
