"""Prepaid inactivity by monthly sums: a month with any use is used throughout."""

from __future__ import annotations

from datetime import date

import pytest

EVENTS = [{"subscriber_id": "a", "effective_at": "2024-01-01", "status": "在用"}]


def _months(*months, **sums):
    used = {"sms": 1, **sums}
    return [
        {"subscriber_id": "b", "month": "2024-01-01", "sms": 1},
        *({"subscriber_id": "a", "month": f"{month}-01", **used} for month in months),
    ]


@pytest.mark.parametrize(
    ("months", "days", "outcome", "on"),
    [
        (["2024-12"], 90, "active", "2025-03-31"),
        (["2024-12", "2025-03"], 90, "none", None),
        (["2024-11"], 90, "gone", "2025-02-28"),
        (["2024-12"], 75, "active", "2025-03-16"),
        (["2024-12"], 74, "gone", "2025-03-15"),
        (["2024-12"], 104, "active", "2025-04-14"),
        (["2024-12"], 105, "none", None),
        (["2024-12", "2025-04"], 90, "administrative", "2025-03-31"),
        ([], 90, "gone", "2024-03-30"),
    ],
    ids=[
        "counted from the month's end", "the month of the ninetieth day was used",
        "silent for long", "the window's first day", "a day earlier", "its last day",
        "a day later", "used again in the next month", "never used since records begin",
    ],
)  # fmt: skip
def test_months_are_used_from_their_first_day_to_their_last(decided, months, days, outcome, on):
    """Silence runs from the month after the last use to the month of the next."""
    world = {"status_events": EVENTS, "usage_monthly": _months(*months)}
    labels = {"definition": "inactivity", "inactivity": {"days": days}}
    row = decided(world, **labels)["a"]
    assert (row["outcome"], row["event_on"]) == (outcome, on and date.fromisoformat(on))


@pytest.mark.parametrize(
    ("sums", "used"),
    [
        ({"sms": 0}, False),
        ({"sms": None}, False),
        ({"sms": 0, "voice_in_minutes": 9, "charge": 9}, False),
        ({"sms": 0, "voice_out_minutes": "0.5"}, True),
        ({"sms": 0, "megabytes": 1}, True),
        ({"sms": 0, "recharges": 1}, True),
        ({"sms": 0, "recharge_amount": 10}, True),
    ],
)
def test_sent_surfed_or_recharged_is_use(decided, sums, used):
    """What was received, or charged for nothing, is no use."""
    months = [*_months("2024-11"), *_months("2025-02", **sums)[1:]]
    world = {"status_events": EVENTS, "usage_monthly": months}
    assert decided(world, definition="inactivity")["a"]["outcome"] == ("none" if used else "gone")


def test_both_tables_together_tell_of_use(decided):
    """A call of February counts beside a month's sums; silence begins where both are on record."""
    world = {
        "status_events": EVENTS,
        "usage_monthly": _months("2024-11"),
        "calls": [{"subscriber_id": "a", "started_at": "2025-02-10", "direction": "out"}],
    }
    labels = {"definition": "inactivity", "inactivity": {"use": ["usage_monthly", "calls"]}}
    assert decided(world, **labels)["a"]["outcome"] == "none"
    world["calls"] = [{"subscriber_id": "b", "started_at": "2025-01-05", "direction": "out"}]
    row = decided(world, **labels)["a"]
    assert (row["outcome"], row["event_on"]) == ("active", date(2025, 4, 4))
