"""Early warnings from deliveries to ``expiring.xlsx``, on a night that no model scores."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from tests.pipelines.lists.world import NIGHT
from tests.pipelines.tiny import changed, hand_over, sheet_rows, texts


def test_warnings_are_told_without_a_model(english: Path) -> None:
    """Open first, then what came in; ids stay text, names and phones are masked; counts agree."""
    folder = english
    rows = sheet_rows(folder / "expiring.xlsx", "Commitments")
    assert [
        (row["subscriber_id"], row["months_left"], row["commitment"], row["renewed_until"])
        for row in rows
    ] == [
        ("013800000001", 1, "not renewed yet", "–"),
        ("h1", 2, "not renewed yet", "–"),
        ("013800000003", 2, "not renewed yet", "–"),
        ("013800000002", 1, "renewed", date(2027, 3, 31)),
    ]
    first = rows[0]
    assert (first["customer_id"], first["contract_ends_on"]) == ("+86C1", date(2025, 3, 31))
    assert (first["name"], first["phone"], first["average_bill"]) == ("王**", "013****0001", 50)
    assert (first["tonight"], first["p_active"]) == ("–", "–")
    silent = sheet_rows(folder / "expiring.xlsx", "Silent")
    assert [(row["subscriber_id"], row["silent_months"]) for row in silent] == [("013800000004", 1)]
    firm, asked = sheet_rows(folder / "expiring.xlsx", "Port-out queries")
    assert (asked["subscriber_id"], asked["applied_on"]) == ("013800000003", date(2025, 3, 5))
    assert (firm["subscriber_id"], firm["applied_on"]) == ("p1", date(2025, 3, 1))
    (down,) = sheet_rows(folder / "expiring.xlsx", "Downgrades")
    assert (down["subscriber_id"], down["fee_lost"]) == ("013800000001", 60)
    assert (down["downgraded_on"], down["reason"]) == (date(2025, 2, 10), "asked for")
    about = texts(folder / "expiring.xlsx", "About")
    assert (
        "4 commitments end within 3 months, 3 of them not renewed yet; 1 lines have gone silent; "
        "0 asked about porting out, 2 have applied; 1 moved to a cheaper plan, 60.00 a month."
    ) in about
    assert "No target list tonight." not in about
    counts = json.loads((folder / "manifest.json").read_text("utf-8"))["counts"]
    assert counts["early_warnings"] == {
        "expiring": 4,
        "expiring_by_commitment": {"open": 3, "renewed": 1},
        "silent": 1,
        "port_queries": 2,
        "downgrades": 1,
    }


def test_warnings_speak_chinese(chinese: Path) -> None:
    """The same rows under Chinese names."""
    folder = chinese
    rows = sheet_rows(folder / "expiring.xlsx", "合约到期")
    assert [row["commitment"] for row in rows] == ["尚未续约", "尚未续约", "尚未续约", "已续约"]
    assert [row["product"] for row in rows] == ["移动", "专线", "移动", "移动"]
    (down,) = sheet_rows(folder / "expiring.xlsx", "降档用户")
    assert (down["reason"], down["fee_lost"]) == ("客户要求", 60)
    assert "3个月内到期合约4份，其中3份尚未续约；沉默用户1户" in texts(
        folder / "expiring.xlsx", "说明"
    )


def test_what_cannot_be_gathered_keeps_no_last_notice_back(
    settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Warnings that fail are missing, and the last notices are there."""
    for part in ("early_warnings", "accounts", "indicators", "service"):
        monkeypatch.setattr(f"pipelines.handout.{part}", None)
    with changed(settings, max_age=44):
        folder = hand_over(settings, NIGHT)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert "last_notices.xlsx" in manifest["files"]
    assert "expiring.xlsx" not in manifest["files"]
    assert "early_warnings" not in manifest["counts"]
