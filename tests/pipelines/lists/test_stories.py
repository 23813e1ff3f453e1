"""Stories of the field as rows, from deliveries to what is handed out, in both languages.

No model scores this night: none of it waits for one. The known case, a number on hold that was
removed untold, is told in ``test_last_notices.py``.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.pipelines.lists.world import BOOKS, DELIVERIES, FIRMS, GONE, NIGHT, QUIET, RENEWED
from tests.pipelines.tiny import sheet_rows

Told = tuple[str, dict[str, Any]]
"""A sheet, and what its row tells, by machine names."""
STORIES: dict[str, tuple[str, str, str, Told, Told]] = {
    # A bank lost one of its lines and complained to a higher level since its last visit.
    "key account": (
        "key_accounts.xlsx", "customer_id", "BANK",
        ("Key accounts", {"visit": "must be visited", "tier": "top key account"}),
        ("大客户", {"visit": "必须走访", "tier": "特级大客户"}),
    ),
    # A household asked for a cheaper plan.
    "downgrade": (
        "expiring.xlsx", "subscriber_id", "013800000001",
        ("Downgrades", {"fee_lost": 60, "reason": "asked for"}),
        ("降档用户", {"fee_lost": 60, "reason": "客户要求"}),
    ),
    # A household applied to port its number out.
    "porting": (
        "expiring.xlsx", "subscriber_id", "013800000003",
        ("Port-out queries", {"applied_on": date(2025, 3, 5)}),
        ("携转查询", {"applied_on": date(2025, 3, 5)}),
    ),
    # A commitment ends this month and nobody has renewed it.
    "expiry": (
        "expiring.xlsx", "subscriber_id", "013800000001",
        ("Commitments", {"commitment": "not renewed yet", "months_left": 1}),
        ("合约到期", {"commitment": "尚未续约", "months_left": 1}),
    ),
    # A complaint has been open for twelve weeks past its time, and went up.
    "complaint": (
        "service.xlsx", "job_id", "k0",
        ("Overdue", {"kind": "complaint", "days": 84, "flag": "yes"}),
        ("超期清单", {"kind": "投诉", "days": 84, "flag": "是"}),
    ),
}  # fmt: skip


@pytest.mark.parametrize("story", sorted(STORIES))
def test_a_story_is_told_in_both_languages(story: str, english: Path, chinese: Path) -> None:
    """The row stands on its sheet, in the words of the language."""
    file, column, key, *sheets = STORIES[story]
    for folder, (sheet, expected) in zip((english, chinese), sheets, strict=True):
        rows = {row[column]: row for row in sheet_rows(folder / file, sheet)}
        assert {name: rows[key][name] for name in expected} == expected


def test_every_commitment_that_ends_is_listed_with_what_became_of_it(english: Path) -> None:
    """Of every line on any books, whatever its end turned out to be later."""
    last = f"{NIGHT.replace(month=6)}"
    ends = {
        row["subscriber_id"]
        for books in DELIVERIES["subscribers"].values()
        for row in books
        if f"{NIGHT}" <= row.get("contract_ends_on", "") <= last
    }
    rows = sheet_rows(english / "expiring.xlsx", "Commitments")
    assert {row["subscriber_id"] for row in rows} == ends
    assert RENEWED in ends
    assert len(ends) == 4
    silent = {row["subscriber_id"] for row in sheet_rows(english / "expiring.xlsx", "Silent")}
    assert silent == {QUIET}


def test_every_key_account_is_to_be_visited_or_counted_as_why_not(english: Path) -> None:
    """Must, due, planned, left alone and lost are all of them; who is no key account is on none."""
    rows = [
        row
        for sheet in ("Key accounts", "Potential")
        for row in sheet_rows(english / "key_accounts.xlsx", sheet)
    ]
    firms = {row["customer_id"] for row in FIRMS}
    assert {row["customer_id"] for row in rows} == firms - {"SMALL"}
    counts = json.loads((english / "manifest.json").read_text("utf-8"))["counts"]["key_accounts"]
    told = ("must", "due", "planned", "leave_alone", "lost")
    assert sum(counts[name] for name in told) == counts["accounts"] == len(rows)
    lines = {row["subscriber_id"] for row in sheet_rows(english / "key_accounts.xlsx", "Lines")}
    held = {row["subscriber_id"] for row in BOOKS if row["customer_id"] in firms - {"SMALL"}}
    assert lines | GONE >= held
