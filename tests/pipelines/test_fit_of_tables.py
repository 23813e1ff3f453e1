"""A month that is missing stops the night by name, and last notices are written all the same."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from pipelines.init import init
from tests.commands import churn

MONTHS = ("2024-09", "2024-10", "2024-12", "2025-01")
LINES = 60


@pytest.fixture
def company(tmp_path: Path) -> Path:
    """Return a deployment of which no bills of November were delivered."""
    folder = tmp_path / "company"
    init(folder)
    lines = range(LINES)
    _deliver(folder, "subscribers_202501_20250201", "subscriber_id,product,activated_on",
             [f"U{i},mobile,2020-01-01" for i in lines])  # fmt: skip
    _deliver(folder, "status_events_202501_20250201", "subscriber_id,effective_at,status",
             [f"U{i},2020-01-01 00:00:00,在用" for i in lines]
             + [f"U{i},2024-12-15 00:00:00,双停" for i in range(5)])  # fmt: skip
    for month in MONTHS:
        _deliver(folder, f"bills_{month.replace('-', '')}_20250201",
                 "subscriber_id,bill_month,amount_due",
                 [f"U{i},{month}-01,{20 + i}" for i in lines])  # fmt: skip
    _change(folder, lambda ingest: ingest["tables"].setdefault("bills", {"sources": [
        {"files": "bills_*.csv", "name": "bills_{period}_{delivered_on}.csv"}]}))  # fmt: skip
    return folder


def _deliver(folder: Path, name: str, header: str, rows: list[str]) -> None:
    text = "\n".join([header, *rows]) + "\n"
    (folder / "extracts" / f"{name}.csv").write_text(text, encoding="utf-8")


def _change(folder: Path, change) -> None:
    path = folder / "churn.yaml"
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(settings["ingest"])
    path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")


def _run(folder: Path, *words: str):
    return churn(*words, "--settings", folder / "churn.yaml")


def test_the_night_stops_and_notices_are_written(company):
    """Check tells of the file; ingest and the night end with 11; notices and page are there."""
    assert "bills: no file of 1 months between others (2024-11)" in _run(company, "check").stdout
    done = _run(company, "nightly")
    assert done.returncode == 11, done.stderr
    assert "FIT201 bills 2024-11: no row in 2024-11" in done.stderr
    (night,) = (company / "workspace" / "exports").iterdir()
    assert (night / "last_notices.xlsx").exists()
    assert "FIT201 bills 2024-11" in (night / "report.html").read_text(encoding="utf-8")
    assert _run(company, "ingest").returncode == 11
    assert "FIT201 bills 2024-11" in _run(company, "status").stdout


def test_an_acceptance_lets_it_pass(company):
    """By code and subject, and it is told as accepted."""
    accepted = {"code": "FIT201", "subject": "bills 2024-11", "reason": "billed in December"}
    _change(company, lambda ingest: ingest.update(fit={"accept": [accepted]}))
    done = _run(company, "ingest")
    assert done.returncode == 0, done.stderr
    assert "FIT201 bills 2024-11: no row in 2024-11" in done.stdout
    assert "(accepted)" in done.stdout


def test_what_was_found_is_not_looked_for_again(company, monkeypatch):
    """Every later command of the night is told from what is kept, until something is delivered."""
    first = _run(company, "ingest")
    assert first.returncode == 11
    with monkeypatch.context() as forbidden:
        forbidden.setattr("pipelines.run.matches", None)
        forbidden.setattr("pipelines.run.fit", None)
        again = _run(company, "ingest")
        assert again.returncode == 11
        assert again.stderr.rpartition("error: ")[2] == first.stderr.rpartition("error: ")[2]
        assert "FIT201 bills 2024-11" in _run(company, "status").stdout
    _deliver(company, "bills_202411_20250201", "subscriber_id,bill_month,amount_due",
             [f"U{i},2024-11-01,{20 + i}" for i in range(LINES)])  # fmt: skip
    done = _run(company, "ingest")
    assert done.returncode == 0, done.stderr
    assert "FIT201" not in done.stdout
