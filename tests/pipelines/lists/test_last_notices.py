"""Last notices from deliveries to ``last_notices.xlsx``: the known case of a number on hold."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.pipelines.lists.world import DAY, EARLIER, NIGHT, line
from tests.pipelines.tiny import changed, deliver, hand_over, sheet_rows, texts

BOOKS = [
    line("held", "C1"),
    line("held2", "C2"),
    line("blocked", "C3"),
    line("other", "C3"),
    line("vanished", "C4"),
]
EVENTS = [
    ("held", "2024-05-10", "停机保号"),
    ("held2", "2024-05-10", "停机保号"),
    ("blocked", "2025-01-20", "双停"),
    ("vanished", "2025-01-15", "双停"),
]
DELIVERIES: dict[str, dict[str, list[dict[str, Any]]]] = {
    "subscribers": {EARLIER: BOOKS, DAY: [row for row in BOOKS if row["customer_id"] != "C4"]},
    "status_events": {
        DAY: [
            {"subscriber_id": name, "effective_at": f"{day} 00:00:00", "status": status}
            for name, day, status in [
                *((row["subscriber_id"], "2019-01-01", "在用") for row in BOOKS),
                *EVENTS,
            ]
        ]
    },
    "arrears": {
        DAY: [
            {
                "subscriber_id": name,
                "as_of": "2025-03-08",
                "amount_overdue": owed,
                "days_overdue": days,
                "bills_overdue": 3,
            }
            for name, owed, days in (("held", 380, 235), ("blocked", 120, 78))
        ]
    },
    "notices": {
        DAY: [
            {
                "subscriber_id": "blocked",
                "notified_on": "2025-03-01",
                "kind": "last_notice",
                "channel": "call",
            }
        ]
    },
    "port_queries": {DAY: [{"subscriber_id": "other", "on": "2025-03-05", "kind": "asked"}]},
    "contact_details": {
        DAY: [
            {
                "subscriber_id": "held",
                "name": "王芳",
                "phone": "13800000001",
                "alternate_phone": "010-85550009",
            },
            {"subscriber_id": "other", "name": "赵强", "phone": "13800000003"},
        ]
    },
}


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """Return what the night hands over in English and in Chinese."""
    settings = deliver(tmp_path_factory.mktemp("last") / "operator", DELIVERIES)
    english = hand_over(settings, NIGHT)
    with changed(settings, language="zh"):
        yield english, hand_over(settings, NIGHT)


def test_a_number_on_hold_is_told_before_it_is_removed(nights: tuple[Path, Path]) -> None:
    """On hold, eight months of arrears, never told, another number on file: it is called there."""
    english, chinese = nights
    held, blocked = sheet_rows(english / "last_notices.xlsx")
    assert (held["subscriber_id"], held["removal_on"]) == ("held", date(2025, 3, 16))
    assert (held["days_left"], held["amount_owed"], held["notified"]) == (6, 380, "no")
    assert (held["phone"], held["contact"]) == ("010-85550009", "other number on file")
    assert (held["state"], held["name"]) == ("on hold, number kept", "王芳")
    assert (blocked["subscriber_id"], blocked["removal_on"]) == ("blocked", date(2025, 3, 21))
    assert (blocked["notified"], blocked["notified_on"]) == ("yes", date(2025, 3, 1))
    assert (blocked["phone"], blocked["contact"]) == ("13800000003", "another line")
    first, second = sheet_rows(chinese / "last_notices.xlsx")
    assert (first["state"], first["contact"], first["notified"]) == ("停机保号", "备用电话", "否")
    assert (second["contact"], second["notice_channel"]) == ("客户其他号码", "电话")


def test_who_is_near_removal_and_not_listed_is_counted_and_named(
    nights: tuple[Path, Path],
) -> None:
    """Without arrears a number may stay on hold; who has gone from the books stands as a count."""
    english, chinese = nights
    counts = json.loads((english / "manifest.json").read_text("utf-8"))["counts"]["last_notices"]
    assert counts == {"listed": 2, "notified": 1, "not_notified": 1, "unknown": 0, "off_books": 1}
    assert "Not listed: 1 whose state says that removal is near" in texts(
        english / "last_notices.xlsx", "About"
    )
    assert "未列入1户：按状态临近销号" in texts(chinese / "last_notices.xlsx", "说明")


def test_a_mere_query_about_porting_is_an_early_warning(nights: tuple[Path, Path]) -> None:
    """Asked, not applied: listed in both languages, to be served, and not told to leave alone."""
    english, chinese = nights
    (asked,) = sheet_rows(english / "expiring.xlsx", "Port-out queries")
    assert (asked["subscriber_id"], asked["applied_on"]) == ("other", "–")
    assert "1 asked about porting out, 0 have applied" in texts(english / "expiring.xlsx", "About")
    (asked,) = sheet_rows(chinese / "expiring.xlsx", "携转查询")
    assert asked["subscriber_id"] == "other"
