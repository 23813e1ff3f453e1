"""Key accounts from deliveries to ``key_accounts.xlsx``, on a night that no model scores."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from tests.pipelines.tiny import sheet_rows, texts


def test_who_must_be_visited_is_told_with_dates(english: Path) -> None:
    """Since the last visit only; what must be visited first; whoever applied to port is left."""
    folder = english
    rows = sheet_rows(folder / "key_accounts.xlsx", "Key accounts")
    told = {row["customer_id"]: row for row in rows}
    assert [row["customer_id"] for row in rows] == [
        "BANK", "HOSPITAL", "QUIET", "PORTER", "FORMER",
    ]  # fmt: skip
    bank = told["BANK"]
    assert bank["triggers"] == (
        "lines lost: 1, last on 2025-02-20; escalated complaints: 2, last on 2025-03-01; "
        "faults: 2, last on 2025-03-03"
    )
    assert (bank["visit"], bank["tier"], bank["classes"]) == (
        "must be visited", "top key account", "high value; group",
    )  # fmt: skip
    assert (bank["lines"], bank["revenue"], bank["group_id"]) == (2, 4500, "G1")
    assert (bank["name"], bank["phone"], bank["revenue_at_risk"]) == ("行长", "010-85550001", "–")
    assert (bank["last_visit_on"], bank["next_visit_on"]) == (date(2025, 1, 15), date(2025, 4, 15))
    assert told["HOSPITAL"]["triggers"] == (
        "a tender, told on 2025-02-01; commitments that end: 1, the first on 2025-04-30"
    )
    assert (told["QUIET"]["visit"], told["QUIET"]["triggers"]) == ("as planned", "–")
    assert told["PORTER"]["visit"] == "leave alone for now"
    assert (told["FORMER"]["visit"], told["FORMER"]["lines"]) == ("lost: no line left", 0)
    assert told["PORTER"]["plan_note"] is None, "left blank for the manager"


def test_potential_accounts_tell_what_is_missing(english: Path) -> None:
    """Near the bound, or marked; a small customer without a class is none."""
    folder = english
    rows = sheet_rows(folder / "key_accounts.xlsx", "Potential")
    assert {row["customer_id"]: (row["missing"], row["visit"]) for row in rows} == {
        "NEARLY": (500, "visit due"),
        "MARKED": (3000, "visit due"),
    }


def test_managers_regions_and_the_year_s_loss_add_up(english: Path) -> None:
    """Sums are those of the accounts; a sheet per manager; the line lost this year is told."""
    path = english / "key_accounts.xlsx"
    rows = sheet_rows(path, "By manager")
    assert [(row["account_manager"], row["accounts"], row["must"]) for row in rows] == [
        ("王经理", 3, 1), ("李经理", 2, 1),
    ]  # fmt: skip
    assert [(row["due"], row["contacts"], row["to_do"]) for row in rows] == [(0, 0, 1), (0, 0, 1)]
    assert [row["load"] for row in rows] == [1, 1], "over the mean of the managers"
    (region,) = sheet_rows(path, "By region")
    assert (region["accounts"], region["revenue"], region["lost"]) == (5, 6900, 1)
    assert [row["customer_id"] for row in sheet_rows(path, "李经理")] == [
        "HOSPITAL", "FORMER",
    ]  # fmt: skip
    lines = sheet_rows(path, "Lines")
    lost = next(row for row in lines if row["subscriber_id"] == "b3")
    assert (lost["left_on"], lost["cause"]) == (date(2025, 2, 20), "active")
    about = texts(path, "About")
    assert "the lines that left took 500.00 a month of 7,400.00" in about
    assert "6.8 %; the target is under 1 % a year" in about
    assert "G1: faults at 2 lines, 2025-03-01 to 2025-03-03" in about
    counts = json.loads((path.parent / "manifest.json").read_text("utf-8"))["counts"]
    assert counts["key_accounts"] == {
        "accounts": 7, "top_key": 1, "key": 4, "potential": 2,
        "must": 2, "due": 2, "planned": 1, "leave_alone": 1, "lost": 1,
    }  # fmt: skip


def test_key_accounts_speak_chinese(chinese: Path) -> None:
    """Triggers, classes and totals in Chinese."""
    path = chinese / "key_accounts.xlsx"
    rows = {row["customer_id"]: row for row in sheet_rows(path, "大客户")}
    assert rows["HOSPITAL"]["triggers"] == "2025-02-01走访获知将招标；1份合约将到期，最早2025-04-30"
    assert (rows["BANK"]["visit"], rows["BANK"]["classes"]) == ("必须走访", "高值；集团")
    about = texts(path, "说明")
    assert "大客户5户（特级1户），潜在大客户2户；必须走访2户，走访到期2户，" in about
    assert "已流失（无在网线路）1户。" in about
