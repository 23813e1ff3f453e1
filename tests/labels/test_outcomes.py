"""Outcomes against what is known: late deliveries, restated events, vanished rows, own windows."""

from __future__ import annotations

from datetime import date

import pytest

from churn.labels import outcomes
from churn.states import StateSettings
from churn.windows import TimeSettings

SNAPSHOT = date(2025, 3, 1)


@pytest.fixture
def outcome_rows(engine):
    """Return outcomes by subscriber."""

    def run(known, time=None):
        table = outcomes(known, SNAPSHOT, time or TimeSettings(), StateSettings())
        return {row["subscriber_id"]: row for row in engine.to_arrow(table).to_pylist()}

    return run


def _event(who, at, status):
    return {"subscriber_id": who, "effective_at": at, "status": status}


def test_a_departure_learned_late_still_counts(rows_as_tables, outcome_rows):
    """Left before the snapshot, delivered months after it: gone, whenever that was learned."""
    tables = rows_as_tables(
        {
            "status_events": [
                ("2025-02-05", "2025-01-31", [_event("a", "2024-01-01", "在用")]),
                ("2025-06-05", "2025-05-31", [_event("a", "2025-02-10", "携号转出")]),
            ]
        }
    )
    row = outcome_rows(tables.known_at(date(2025, 6, 5)))["a"]
    assert (row["outcome"], row["event_on"]) == ("gone", date(2025, 2, 10))


def test_restated_events_count_as_last_delivered(rows_as_tables, outcome_rows):
    """A partition delivered anew replaces its events from then on."""
    march = {"partition": "202503", "mode": "partition"}
    tables = rows_as_tables(
        {
            "status_events": [
                {
                    "partition": "202401",
                    "mode": "partition",
                    "delivered_on": "2024-02-01",
                    "covers_until": "2024-01-31",
                    "rows": [_event("a", "2024-01-01", "在用")],
                },
                {
                    **march,
                    "delivered_on": "2025-04-05",
                    "covers_until": "2025-03-31",
                    "rows": [_event("a", "2025-03-20", "退网停机")],
                },
                {
                    **march,
                    "delivered_on": "2025-06-20",
                    "covers_until": "2025-03-31",
                    "rows": [_event("a", "2025-03-22", "过户")],
                },
                {
                    "partition": "202505",
                    "mode": "partition",
                    "delivered_on": "2025-06-05",
                    "covers_until": "2025-05-31",
                    "rows": [],
                },
            ]
        }
    )
    before = outcome_rows(tables.known_at(date(2025, 6, 19)))["a"]
    after = outcome_rows(tables.known_at(date(2025, 6, 20)))["a"]
    assert (before["outcome"], after["outcome"]) == ("active", "administrative")


def test_a_row_that_vanishes_without_an_event_is_counted_and_changes_nothing(
    rows_as_tables, outcome_rows
):
    """Gone from the full table of subscribers: the outcome stays by events, the flag is set."""
    listed = [{"subscriber_id": who, "activated_on": "2024-01-01"} for who in ("stays", "fades")]
    tables = rows_as_tables(
        {
            "subscribers": [
                ("2025-03-01", "2025-02-28", [*listed, {"subscriber_id": "leaves"}]),
                ("2025-06-01", "2025-05-31", listed[:1]),
            ],
            "status_events": [
                *(_event(who, "2024-01-01", "在用") for who in ("stays", "fades", "leaves")),
                _event("leaves", "2025-03-20", "退网停机"),
            ],
        }
    )
    found = outcome_rows(tables.known_at(date(2025, 6, 1)))
    assert {who: (row["outcome"], row["vanished"]) for who, row in found.items()} == {
        "stays": ("none", False),
        "fades": ("none", True),
        "leaves": ("active", False),
    }


def test_the_windows_are_the_settings(rows_as_tables, outcome_rows):
    """Lead, outcome, grace and win-back of other lengths move every border."""
    events = [
        _event(who, at, code)
        for who, code, left, back in (
            ("early", "退网停机", "2025-03-05", None),
            ("first", "退网停机", "2025-03-06", None),
            ("last", "退网停机", "2025-03-15", None),
            ("after", "退网停机", "2025-03-16", None),
            ("cured", "双停", "2025-03-10", "2025-03-17"),
            ("uncured", "双停", "2025-03-10", "2025-03-18"),
            ("won_back", "强拆销号", "2025-03-10", "2025-03-13"),
            ("lost", "强拆销号", "2025-03-10", "2025-03-14"),
        )
        for at, code in (("2024-01-01", "在用"), (left, code), (back, "在用"))
        if at
    ]
    known = rows_as_tables({"status_events": events}).known_at(date(2025, 5, 1))
    found = outcome_rows(known, TimeSettings(lead=5, outcome=10, grace=7, win_back=3))
    assert {who: row["outcome"] for who, row in found.items()} == {
        "early": "gone",
        "first": "active",
        "last": "active",
        "after": "none",
        "cured": "none",
        "uncured": "passive",
        "won_back": "administrative",
        "lost": "passive",
    }
