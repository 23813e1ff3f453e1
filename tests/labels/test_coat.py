"""The active churner in a passive coat: silent while free to use, before the arrears began."""

from __future__ import annotations

import re

import pytest

SUSPENDED = [("2024-01-01", "在用"), ("2025-03-20", "双停")]
HELD = [
    ("2022-05-01", "在用"),
    ("2024-07-25", "停机保号"),
    ("2025-03-25", "强拆销号"),
    ("2025-03-26", "锁定期"),
]


def _tables(events, used, due, who="a", **bill):
    """Return one subscriber's events, days of use and unpaid bill, besides a busy other one."""
    rows = [{"subscriber_id": who, "effective_at": at, "status": code} for at, code in events]
    calls = [("b", "2022-01-01"), *((who, day) for day in used)]
    return {
        "status_events": rows,
        "calls": [
            {"subscriber_id": who, "started_at": day, "direction": "out", "kind": "voice"}
            for who, day in calls
        ],
        "bills": [
            {"subscriber_id": who, "bill_month": due[:8] + "01", "amount_due": 50, "due_on": due,
             **bill},
        ],
    }  # fmt: skip


def _together(*worlds):
    """Put the tables of several subscribers together: one question for all."""
    return {name: [row for world in worlds for row in world[name]] for name in worlds[0]}


COAT = {"default": {"coat": {"enabled": True}}}


SILENCES = {
    "silent for months, then unpaid": (SUSPENDED, ["2024-10-01"], "2025-01-15", "active"),
    "sixty days are enough": (SUSPENDED, ["2024-11-16"], "2025-01-15", "active"),
    "fifty-nine are not": (SUSPENDED, ["2024-11-17"], "2025-01-15", "passive"),
    "used on the day before the arrears": (
        SUSPENDED,
        ["2024-10-01", "2025-01-15"],
        "2025-01-15",
        "passive",
    ),
    "use after the arrears began tells nothing": (
        SUSPENDED,
        ["2024-10-01", "2025-01-16"],
        "2025-01-15",
        "active",
    ),
    "removed without a suspension": (
        [SUSPENDED[0], ("2025-03-20", "强拆销号")],
        ["2024-10-01"],
        "2025-01-15",
        "active",
    ),
    "a contract that ran out is no coat": (
        [SUSPENDED[0], ("2025-03-20", "合同到期未续")],
        ["2024-10-01"],
        "2025-01-15",
        "passive",
    ),
    "never used, but too short in service": (
        [("2024-12-01", "在用"), SUSPENDED[1]],
        [],
        "2025-01-15",
        "passive",
    ),
    "never used for sixty days in service": (
        [("2024-11-15", "在用"), SUSPENDED[1]],
        [],
        "2025-01-15",
        "active",
    ),
    "blocked days are no silence": (
        [SUSPENDED[0], ("2024-10-10", "单停"), ("2024-12-20", "在用"), SUSPENDED[1]],
        ["2024-10-01"],
        "2025-01-15",
        "passive",
    ),
    "the held number: on hold is no silence": (HELD, ["2024-07-20"], "2024-11-20", "passive"),
    "silent before the hold already": (HELD, ["2024-05-20"], "2024-11-20", "active"),
    "active stays active": (
        [SUSPENDED[0], ("2025-03-20", "携号转出")],
        ["2024-10-01"],
        "2025-01-15",
        "active",
    ),
    "gone stays gone": (
        [SUSPENDED[0], ("2025-03-10", "双停")],
        ["2024-10-01"],
        "2025-01-15",
        "gone",
    ),
}


def test_silence_before_the_arrears_makes_a_passive_departure_active(decided):
    """Sixty days in service without use, before the day the unpaid bill became overdue."""
    worlds = [_tables(*case[:3], who=who) for who, case in SILENCES.items()]
    found = decided(_together(*worlds), **COAT)
    ends = {who: found[who]["outcome"] for who in SILENCES}
    assert ends == {who: case[3] for who, case in SILENCES.items()}


def test_the_rule_is_off_by_default(decided):
    """Without it a suspension is passive, whatever was used, and no other table is needed."""
    tables = _tables(SUSPENDED, ["2024-10-01"], "2025-01-15")
    assert decided(tables)["a"]["outcome"] == "passive"
    assert decided({"status_events": tables["status_events"]})["a"]["outcome"] == "passive"


def test_received_calls_are_no_use(decided):
    """Somebody called; the subscriber did not answer for its leaving. Data is use either way."""
    tables = _tables(SUSPENDED, ["2024-10-01"], "2025-01-15")
    rung = {"subscriber_id": "a", "started_at": "2025-01-10", "direction": "in", "kind": "voice"}
    tables["calls"].append(rung)
    assert decided(tables, **COAT)["a"]["outcome"] == "active"
    tables["calls"].append({**rung, "direction": None, "kind": "data"})
    assert decided(tables, **COAT)["a"]["outcome"] == "passive"


PAYMENTS = {
    "unpaid": ({}, "active"),
    "paid later": ({"paid_on": "2025-03-25", "amount_paid": 50}, "active"),
    "paid on the day it fell": ({"paid_on": "2025-03-20", "amount_paid": 50}, "active"),
    "paid in part": ({"paid_on": "2025-02-01", "amount_paid": 20}, "active"),
    "paid": ({"paid_on": "2025-03-19", "amount_paid": 50}, "passive"),
}


def test_arrears_begin_with_the_oldest_bill_open_at_the_departure(decided):
    """Unpaid, paid later or in part: overdue since it was due; else since the departure."""
    used = ["2024-10-01", "2025-02-10"]
    worlds = [
        _tables(SUSPENDED, used, "2025-01-15", who=who, **paid)
        for who, (paid, _) in PAYMENTS.items()
    ]
    found = decided(_together(*worlds), **COAT)
    ends = {who: found[who]["outcome"] for who in PAYMENTS}
    assert ends == {who: outcome for who, (_, outcome) in PAYMENTS.items()}


def test_a_bill_paid_in_time_does_not_begin_the_arrears(decided):
    """What was paid by the departure is no arrears: use after its due date then counts."""
    tables = _tables(SUSPENDED, ["2024-10-01", "2025-03-01"], "2025-01-15")
    assert decided(tables, **COAT)["a"]["outcome"] == "active"
    tables["bills"][0] |= {"paid_on": "2025-02-01", "amount_paid": 50}
    assert decided(tables, **COAT)["a"]["outcome"] == "passive"


@pytest.mark.parametrize(("overdue", "outcome"), [(64, "active"), (10, "passive")])
def test_balances_can_tell_when_arrears_began(decided, overdue, outcome):
    """The age of the oldest overdue bill in the latest balance dates the arrears."""
    tables = _tables(SUSPENDED, ["2024-10-01", "2025-03-01"], "2025-01-15")
    tables["arrears"] = [
        {"subscriber_id": "a", "as_of": day, "amount_overdue": amount, "days_overdue": days}
        for day, amount, days in (("2025-03-19", 50, overdue), ("2025-02-28", 0, 99))
    ]
    coat = {"enabled": True, "owed": "arrears"}
    assert decided(tables, default={"coat": coat})["a"]["outcome"] == outcome


def test_monthly_sums_count_the_whole_month_as_used(decided):
    """Used in October: silent from November on. Used in November: not long enough."""
    for month, outcome in (("2024-10-01", "active"), ("2024-11-01", "passive")):
        tables = _tables(SUSPENDED, [], "2025-01-15")
        tables["usage_monthly"] = [
            {"subscriber_id": "a", "month": "2024-01-01", "sms": 1},
            {"subscriber_id": "a", "month": month, "megabytes": 1},
            {"subscriber_id": "a", "month": "2024-12-01", "voice_in_minutes": 9, "megabytes": 0},
        ]
        coat = {"enabled": True, "use": "usage_monthly"}
        assert decided(tables, default={"coat": coat})["a"]["outcome"] == outcome


def test_the_story_tells_the_silence(told):
    """Last use, start of the arrears and the days between, in both languages."""
    tables = _tables(SUSPENDED, ["2024-10-01"], "2025-01-15")
    english = told(tables, "a", **COAT)
    assert english[-4:] == (
        "Last used before its arrears began: 2024-10-01.",
        "Its arrears began on 2025-01-16.",
        (
            "Before them it was silent for 106 days in service; days on hold, blocked or suspended "
            "are no silence."
        ),
        "Outcome: active churn, by what happened on 2025-03-20.",
    )
    chinese = told(tables, "a", language="zh", **COAT)
    assert len(chinese) == len(english)
    assert not re.search("[,;:()]", "".join(chinese))


def test_a_bill_of_nothing_begins_no_arrears(decided):
    """Nobody pays a bill of zero or a credit: it is as old as it may be, and nothing is owed."""
    world = _tables(SUSPENDED, ["2024-06-05", "2024-10-01"], "2025-01-15")
    for month, amount in (("2024-05", 0), ("2024-04", -5)):
        world["bills"].append(
            {"subscriber_id": "a", "bill_month": f"{month}-01", "amount_due": amount,
             "due_on": f"{month}-15"}
        )  # fmt: skip
    assert decided(world, **COAT)["a"]["outcome"] == "active"


def test_without_any_record_of_use_nobody_was_silent(decided):
    """A table of calls that holds none tells nothing of anybody."""
    world = {**_tables(SUSPENDED, [], "2025-01-15"), "calls": []}
    assert decided(world, **COAT)["a"]["outcome"] == "passive"
