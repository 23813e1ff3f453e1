"""`churn profile`: a delivery on one page, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipelines.init import init
from tests.commands import churn

PLANS = ("A", "A", "B", "13800138000")
EVENTS = "subscriber_id,effective_at,status\n"


@pytest.fixture
def company(tmp_path: Path) -> Path:
    """Return a deployment with two deliveries of subscribers, and states of some months."""
    folder = tmp_path / "company"
    init(folder)
    for month, day, fee in (("202501", "20250201", 30), ("202502", "20250301", 3000)):
        rows = [
            f"U{i},mobile,{PLANS[i % 4] if month == '202501' else 'C'},2020-01-01,{fee + i % 7}\n"
            for i in range(120)
        ]
        _deliver(folder, f"subscribers_{month}_{day}", "subscriber_id,product,plan,activated_on,"
                 "plan_fee\n" + "".join(rows))  # fmt: skip
    _deliver(folder, "status_events_202501_20250201",
             EVENTS + "".join(f"U{i},2020-0{1 + i % 5}-01 00:00:00,在用\n" for i in range(120))
             + "U1,soon,在用\n")  # fmt: skip
    _deliver(folder, "status_events_202502_20250301", EVENTS)
    path = folder / "churn.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + "\n", encoding="utf-8")
    return folder


def _deliver(folder: Path, name: str, text: str) -> None:
    (folder / "extracts" / f"{name}.csv").write_text(text, encoding="utf-8")


def _run(folder: Path, *words: str):
    return churn(*words, "--settings", folder / "churn.yaml")


def _words(page: Path) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.read_text(encoding="utf-8")))


def test_the_newest_delivery_of_each_table_on_a_page(company):
    """Counts, gaps, codes and the change against the delivery before; nobody's number in it."""
    _run(company, "ingest")
    done = _run(company, "profile")
    assert done.returncode == 0, done.stderr
    pages = {Path(line).name: Path(line) for line in done.stdout.splitlines()}
    assert sorted(pages) == [
        "status_events-202502-20250301.html", "subscribers-202502-20250301.html"
    ]  # fmt: skip
    words = _words(pages["subscribers-202502-20250301.html"])
    assert "subscribers 202502, delivered on 2025-03-01" in words
    assert "Delivered 120 the delivery of 2025-02-01: 120" in words
    assert "FIT302 subscribers.plan" in words
    assert "1 codes not seen before in 120 of 120 rows: C" in words
    again = _run(company, "profile", "--out", str(company / "again"))
    assert again.returncode == 0
    for name, page in pages.items():
        assert (company / "again" / name).read_bytes() == page.read_bytes()


def test_one_delivery_in_chinese(company):
    """A delivery is named by period or day; what may be a number is shown by its shape."""
    _run(company, "ingest")
    asked = ("--table", "subscribers", "--delivery", "202501", "--language", "zh")
    done = _run(company, "profile", *asked)
    (page,) = map(Path, done.stdout.splitlines())
    words = _words(page)
    assert "本次交付" in words
    assert "13800138000" not in words
    assert "99999999999" in words
    done = _run(company, "profile", "--delivery", "202412")
    assert done.returncode == 2
    assert "no such delivery was ingested" in done.stderr


def test_what_was_set_aside_and_when_rows_occurred(company):
    """The page of events draws their months, and counts the record set aside by its rule."""
    path = company / "churn.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("status_events:\n", "status_events:\n      max_rejected: 1\n"),
                    encoding="utf-8")  # fmt: skip
    _run(company, "ingest")
    done = _run(company, "profile", "--table", "status_events", "--delivery", "202501")
    words = _words(Path(done.stdout.strip()))
    assert "STAT003" in words
    assert "Coverage in time" in words
    assert "From 2020-01 to 2020-05; 0 months between have no row." in words
