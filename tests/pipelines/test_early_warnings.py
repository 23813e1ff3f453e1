"""Early warnings from deliveries to ``expiring.xlsx``, on a night that no model scores."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from tests.pipelines.tiny import changed, deliver, hand_over, sheet_rows, texts

NIGHT = date(2025, 3, 10)
LINE = {"product": "mobile", "region": "城东", "activated_on": "2020-01-01"}
BEFORE = [
    {"subscriber_id": "013800000001", "customer_id": "+86C1", "contract_ends_on": "2025-03-31"},
    {"subscriber_id": "013800000002", "customer_id": "C2", "contract_ends_on": "2025-03-31"},
    {"subscriber_id": "013800000003", "customer_id": "C3", "contract_ends_on": "2025-05-01"},
    {"subscriber_id": "013800000004", "customer_id": "C4"},
]
RENEWED = {"013800000002": "2027-03-31"}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an operator of four lines: two that end this month, one renewed, one silent."""
    books = [{**row, **LINE} for row in BEFORE]
    now = [
        {**row, "contract_ends_on": RENEWED.get(row["subscriber_id"], row.get("contract_ends_on"))}
        for row in books
    ]
    return deliver(
        tmp_path_factory.mktemp("warnings"),
        {
            "subscribers": {"2025-01-05": books, "2025-03-09": now},
            "status_events": {
                "2025-03-09": [
                    {
                        "subscriber_id": row["subscriber_id"],
                        "effective_at": "2020-01-01 00:00:00",
                        "status": "在用",
                    }
                    for row in books
                ]
            },
            "bills": {
                "2025-03-09": [
                    {
                        "subscriber_id": row["subscriber_id"],
                        "bill_month": "2025-01-01",
                        "amount_due": amount,
                    }
                    for row, amount in zip(books, ("50.00", "60.00", "70.00", "80.00"), strict=True)
                ]
            },
            "usage_monthly": {
                "2025-03-09": [
                    {
                        "subscriber_id": row["subscriber_id"],
                        "month": f"{month}-01",
                        "megabytes": 0 if (row is books[3] and month == "2025-02") else 5,
                    }
                    for row in books
                    for month in ("2024-11", "2024-12", "2025-01", "2025-02")
                ]
            },
            "port_queries": {
                "2025-03-09": [
                    {"subscriber_id": "013800000003", "on": "2025-03-05", "kind": "applied"}
                ]
            },
            "contact_details": {
                "2025-03-09": [
                    {"subscriber_id": "013800000001", "name": "王芳", "phone": "013800000001"}
                ]
            },
        },
    )


def test_warnings_are_told_without_a_model(settings: Path) -> None:
    """Open first, then what came in; ids stay text, names and phones are masked; counts agree."""
    folder = hand_over(settings, NIGHT)
    rows = sheet_rows(folder / "expiring.xlsx", "Commitments")
    assert [
        (row["subscriber_id"], row["months_left"], row["commitment"], row["renewed_until"])
        for row in rows
    ] == [
        ("013800000001", 1, "not renewed yet", "–"),
        ("013800000003", 2, "not renewed yet", "–"),
        ("013800000002", 1, "renewed", date(2027, 3, 31)),
    ]
    first = rows[0]
    assert (first["customer_id"], first["contract_ends_on"]) == ("+86C1", date(2025, 3, 31))
    assert (first["name"], first["phone"], first["average_bill"]) == ("王**", "013****0001", 50)
    assert (first["tonight"], first["p_active"]) == ("–", "–")
    silent = sheet_rows(folder / "expiring.xlsx", "Silent")
    assert [(row["subscriber_id"], row["silent_months"]) for row in silent] == [("013800000004", 1)]
    (asked,) = sheet_rows(folder / "expiring.xlsx", "Port-out queries")
    assert (asked["subscriber_id"], asked["applied_on"]) == ("013800000003", date(2025, 3, 5))
    about = texts(folder / "expiring.xlsx", "About")
    assert (
        "3 commitments end within 3 months, 2 of them not renewed yet; 1 lines have gone silent; "
        "0 asked about porting out, 1 have applied."
    ) in about
    assert "No target list tonight." not in about
    counts = json.loads((folder / "manifest.json").read_text("utf-8"))["counts"]
    assert counts["early_warnings"] == {
        "expiring": 3,
        "expiring_by_commitment": {"open": 2, "renewed": 1},
        "silent": 1,
        "port_queries": 1,
    }


def test_warnings_speak_chinese(settings: Path) -> None:
    """The same rows under Chinese names."""
    with changed(settings, language="zh"):
        folder = hand_over(settings, NIGHT)
    rows = sheet_rows(folder / "expiring.xlsx", "合约到期")
    assert [row["commitment"] for row in rows] == ["尚未续约", "尚未续约", "已续约"]
    assert [row["product"] for row in rows] == ["移动"] * 3
    assert "3个月内到期合约3份，其中2份尚未续约；沉默用户1户" in texts(
        folder / "expiring.xlsx", "说明"
    )


def test_what_cannot_be_gathered_keeps_no_last_notice_back(
    settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Warnings that fail are missing, and the last notices are there."""
    monkeypatch.setattr("pipelines.handout.early_warnings", None)
    with changed(settings, max_age=44):
        folder = hand_over(settings, NIGHT)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert "last_notices.xlsx" in manifest["files"]
    assert "expiring.xlsx" not in manifest["files"]
    assert "early_warnings" not in manifest["counts"]
