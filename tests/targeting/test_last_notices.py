"""Whose removal is near, from states and arrears alone."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from churn.states import StateSettings, spans
from churn.targeting import last_notices, with_contacts
from churn.targeting.settings import LastNoticeSettings, RemovalRule

NIGHT = date(2025, 3, 1)
SUBSCRIBERS = [
    {"subscriber_id": one, "customer_id": holder, "region": "north"}
    for one, holder in [("s1", "c1"), ("s2", "c1"), ("s3", "c3"), ("s4", "c4"), ("s5", "c5")]
]


def event(subscriber: str, day: str, status: str) -> dict[str, str]:
    """Return one status event."""
    return {"subscriber_id": subscriber, "effective_at": f"{day} 08:00:00", "status": status}


def owing(subscriber: str, amount: int, days: int, as_of: str = "2025-02-28") -> dict[str, object]:
    """Return one balance."""
    return {
        "subscriber_id": subscriber,
        "as_of": as_of,
        "amount_overdue": amount,
        "days_overdue": days,
    }


def listed(engine, table) -> list[dict[str, object]]:
    """Run the list and return its rows by subscriber."""
    return engine.to_arrow(table, order_by=["subscriber_id"]).to_pylist()


def run(engine, rows_as_tables, tables, **settings):
    """Return the list of the night for a small world."""
    known = rows_as_tables({"subscribers": SUBSCRIBERS, **tables}).known_at(NIGHT)
    return listed(engine, noticed(known, LastNoticeSettings(**settings)))


def noticed(known, settings=None):
    """Return the list of what is known, by the shipped states."""
    states = StateSettings()
    history = spans(known.status_events, states)
    return last_notices(known, history, states, settings or LastNoticeSettings())


def test_removal_is_sixty_days_after_the_suspension(engine, rows_as_tables):
    """Suspended on 10 January, removed on 11 March; who was suspended later is not near yet."""
    events = [
        event("s1", "2024-01-01", "在用"),
        event("s1", "2025-01-10", "双停"),
        event("s3", "2025-02-20", "双停"),
        event("s4", "2025-01-10", "双停"),
        event("s4", "2025-01-20", "在用"),
        event("s5", "2024-12-20", "欠费服务暂停"),
    ]
    rows = run(engine, rows_as_tables, {"status_events": events, "arrears": [owing("s1", 88, 70)]})
    assert [(r["subscriber_id"], r["removal_on"], r["days_left"]) for r in rows] == [
        ("s1", date(2025, 3, 11), 10),
        ("s5", date(2025, 2, 18), -11),
    ]
    assert [float(r["amount_owed"]) for r in rows] == [88.0, 0.0]


def test_a_hold_is_removed_after_eight_months_of_arrears(engine, rows_as_tables):
    """The count runs from the oldest overdue bill, not from the hold; no arrears, no removal."""
    events = [event(one, "2024-03-01", "停机保号") for one in ("s1", "s3", "s4", "s5")]
    balances = [
        owing("s1", 240, 231),  # due 12 July 2024: removal on 12 March 2025
        owing("s3", 50, 60),
        owing("s4", 60, 240, as_of="2024-12-01"),  # no longer reported: paid since
    ]
    rows = run(engine, rows_as_tables, {"status_events": events, "arrears": balances})
    assert [(r["subscriber_id"], r["removal_on"]) for r in rows] == [("s1", date(2025, 3, 12))]


@pytest.mark.parametrize(
    ("due_days_ago", "removal"),
    [(242, date(2025, 2, 28)), (241, date(2025, 3, 1))],  # due 30 June and 1 July 2024
)
def test_eight_months_end_on_the_last_day_a_month_has(
    engine, rows_as_tables, due_days_ago, removal
):
    """Eight months after 30 June is the end of February."""
    tables = {
        "status_events": [event("s1", "2024-03-01", "停机保号")],
        "arrears": [owing("s1", 240, due_days_ago, as_of="2025-02-27")],
    }
    assert [r["removal_on"] for r in run(engine, rows_as_tables, tables)] == [removal]


def test_the_operators_own_rule_replaces_the_shipped_one(engine, rows_as_tables):
    """With ninety days of suspension nobody is near yet; with thirty the day has passed."""
    tables = {"status_events": [event("s1", "2025-01-10", "双停")]}
    ninety = [RemovalRule(state="suspended", days=90)]
    thirty = [RemovalRule(state="suspended", days=30)]
    assert run(engine, rows_as_tables, tables, own_rules=ninety) == []
    (row,) = run(engine, rows_as_tables, tables, own_rules=thirty)
    assert row["days_left"] == -20


def test_only_a_notice_of_this_removal_counts_as_notice(engine, rows_as_tables):
    """A reminder, and a last notice from an earlier suspension, do not count; the latest does."""
    tables = {
        "status_events": [event(one, "2025-01-10", "双停") for one in ("s1", "s3", "s4")],
        "notices": [
            {"subscriber_id": "s1", "notified_on": "2025-02-01", "kind": "last_notice"},
            {
                "subscriber_id": "s1",
                "notified_on": "2025-02-20",
                "kind": "last_notice",
                "channel": "letter",
            },
            {"subscriber_id": "s3", "notified_on": "2025-02-01", "kind": "reminder"},
            {"subscriber_id": "s4", "notified_on": "2024-06-01", "kind": "last_notice"},
        ],
    }
    rows = run(engine, rows_as_tables, tables)
    assert [(r["subscriber_id"], r["notified"], r["notified_on"]) for r in rows] == [
        ("s1", True, date(2025, 2, 20)),
        ("s3", False, None),
        ("s4", False, None),
    ]
    assert rows[0]["notice_channel"] == "letter"


def test_without_notices_and_arrears_the_list_is_still_written(engine, rows_as_tables):
    """Whether notice was given, and what is owed, is then unknown, not no and nothing."""
    (row,) = run(engine, rows_as_tables, {"status_events": [event("s1", "2025-01-10", "双停")]})
    assert (row["notified"], row["amount_owed"], row["customer_id"]) == (None, None, "c1")


def test_the_phone_is_never_the_silent_number(engine, rows_as_tables):
    """The other number on file first, then a served line of the customer, else nothing."""
    known = rows_as_tables(
        {
            "subscribers": SUBSCRIBERS,
            "status_events": [event(one, "2025-01-10", "双停") for one in ("s1", "s3", "s4", "s5")],
            "contact_details": [
                {"subscriber_id": "s1", "name": "甲", "phone": "13800000001"},
                {"subscriber_id": "s2", "name": "甲", "phone": "13800000002"},
                {"subscriber_id": "s3", "phone": "13800000003", "alternate_phone": "01085550003"},
                {"subscriber_id": "s4", "phone": "13800000004", "alternate_phone": "13800000004"},
            ],
        }
    ).known_at(NIGHT)
    rows = noticed(known)
    found = listed(engine, with_contacts(rows, known, spans(known.status_events, StateSettings())))
    assert [(r["subscriber_id"], r["phone"], r["contact"]) for r in found] == [
        ("s1", "13800000002", "other_line"),
        ("s3", "01085550003", "alternate"),
        ("s4", None, None),
        ("s5", None, None),
    ]
    assert found[0]["name"] == "甲"


def test_a_line_that_is_itself_cut_off_is_no_contact(engine, rows_as_tables):
    """The customer's other line is suspended too: nobody would answer there."""
    known = rows_as_tables(
        {
            "subscribers": SUBSCRIBERS,
            "status_events": [event(one, "2025-01-10", "双停") for one in ("s1", "s2")],
            "contact_details": [
                {"subscriber_id": "s1", "phone": "13800000001"},
                {"subscriber_id": "s2", "phone": "13800000002"},
            ],
        }
    ).known_at(NIGHT)
    rows = noticed(known)
    found = listed(engine, with_contacts(rows, known, spans(known.status_events, StateSettings())))
    assert [r["phone"] for r in found] == [None, None]


def test_a_rule_without_a_length_is_refused():
    """A rule that removes at once would list everybody."""
    with pytest.raises(ValidationError, match="neither days nor months"):
        RemovalRule(state="suspended")
