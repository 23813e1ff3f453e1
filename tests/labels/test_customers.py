"""Households and key accounts: which lines count, and when the event has happened."""

from __future__ import annotations

import pytest


def _world(*lines, bills=()):
    """Return the tables of ``(subscriber, customer, group, class, events)``."""
    return {
        "status_events": [
            {"subscriber_id": who, "effective_at": at, "status": code}
            for who, _, _, _, events in lines
            for at, code in (("2024-01-01", "在用"), *events)
        ],
        "subscribers": [
            {"subscriber_id": who, "customer_id": customer, "group_id": group,
             "key_account_classes": key, "activated_on": "2020-01-01"}
            for who, customer, group, key, _ in lines
        ],
        "bills": [
            {"subscriber_id": who, "bill_month": month, "amount_due": amount, "recurring": fixed}
            for who, month, amount, fixed in bills
        ],
    }  # fmt: skip


STAYS, LEAVES, LATER, SUSPENDED, EARLY, DIES = (
    (),
    (("2025-03-20", "退网停机"),),
    (("2025-04-10", "携号转出"),),
    (("2025-03-25", "双停"),),
    (("2025-03-05", "退网停机"),),
    (("2025-03-20", "死亡"),),
)


@pytest.mark.parametrize(
    ("event", "fates", "outcome"),
    [
        ("any_line", (STAYS, STAYS), ("none", None)),
        ("any_line", (LATER, SUSPENDED), ("passive", "2025-03-25")),
        ("any_line", (LATER, EARLY), ("gone", "2025-03-05")),
        ("all_lines", (LEAVES, STAYS), ("none", None)),
        ("all_lines", (LEAVES, LATER), ("active", "2025-04-10")),
        ("all_lines", (LEAVES, SUSPENDED), ("passive", "2025-03-25")),
        ("all_lines", (EARLY, SUSPENDED), ("passive", "2025-03-25")),
        ("all_lines", (LEAVES, DIES), ("active", "2025-03-20")),
        ("all_lines", (DIES, DIES), ("administrative", "2025-03-20")),
        ("any_line", (DIES, STAYS), ("none", None)),
    ],
    ids=[
        "none lost", "the first decides", "lost before the window", "one of two is not all",
        "the last decides", "by its own cause", "one gone, the last in the window",
        "who died counts no more", "nobody left who could churn", "a death is no loss",
    ],
)  # fmt: skip
def test_a_household_is_lost_with_the_line_that_the_event_needs(decided, event, fates, outcome):
    """One outcome for both lines: that of the line with which the event happens, on its day."""
    lines = [(who, "home", None, None, fate) for who, fate in zip("ab", fates, strict=True)]
    found = decided(_world(*lines), definition="household", household={"event": event})
    ends = {(row["outcome"], row["event_on"] and str(row["event_on"])) for row in found.values()}
    assert ends == {outcome}


def test_a_line_without_a_customer_is_its_own_household(decided):
    """Nobody is put together with somebody else for want of a customer."""
    world = _world(("a", None, None, None, STAYS), ("b", None, None, None, LEAVES))
    found = decided(world, definition="household")
    assert {who: row["outcome"] for who, row in found.items()} == {"a": "none", "b": "active"}


BILLS = [
    ("a", "2025-02-01", 60, 10),
    ("b", "2025-02-01", 40, 90),
    ("a", "2024-11-01", 900, 900),
]


@pytest.mark.parametrize(
    ("settings", "outcome"),
    [
        ({"revenue_percent": 40}, "active"),
        ({"revenue_percent": 41}, "none"),
        ({"revenue_percent": 90, "revenue_of": "recurring"}, "active"),
        ({"revenue_percent": 40, "revenue_months": 4}, "none"),
    ],
    ids=["just enough", "not enough", "fixed fees", "more months"],
)
def test_revenue_is_what_was_billed_before_the_snapshot(decided, settings, outcome):
    """The share lost is measured on the last months' bills known at the snapshot."""
    world = _world(
        ("a", "home", None, None, STAYS), ("b", "home", None, None, LEAVES),
        bills=[*BILLS, ("b", "2025-03-01", 9000, 9000)],
    )  # fmt: skip
    found = decided(world, definition="household", household={"event": "revenue", **settings})
    assert {row["outcome"] for row in found.values()} == {outcome}


def test_without_revenue_none_is_lost(decided):
    """A customer that was billed nothing loses nothing."""
    world = _world(("a", "home", None, None, LEAVES), bills=[("z", "2025-02-01", 5, 5)])
    found = decided(world, definition="household", household={"event": "revenue"})
    assert found["a"]["outcome"] == "none"


@pytest.mark.parametrize(("by_group", "outcome"), [(True, "none"), (False, "active")])
def test_the_firms_of_a_group_can_be_one_account(decided, by_group, outcome):
    """A small firm's line is a small part of the group, and all of the firm."""
    world = _world(
        ("a", "firm a", "group", "important", STAYS),
        ("b", "firm b", "group", "important", LEAVES),
        bills=[("a", "2025-02-01", 950, 0), ("b", "2025-02-01", 50, 0)],
    )
    found = decided(world, definition="key_account", key_account={"by_group": by_group})
    assert found["b"]["outcome"] == outcome


def test_one_line_with_a_class_makes_a_key_account(decided):
    """The other lines of the account are judged with it; who is no key account is judged alone."""
    world = _world(
        ("a", "firm", None, "strategic", STAYS), ("b", "firm", None, None, LEAVES),
        ("c", "home", None, None, STAYS), ("d", "home", None, "", LEAVES),
        bills=[(who, "2025-02-01", 50, 0) for who in "abcd"],
    )  # fmt: skip
    found = decided(world, definition="key_account")
    assert {who: row["outcome"] for who, row in found.items()} == {
        "a": "active",
        "b": "active",
        "c": "none",
        "d": "active",
    }


def test_a_mover_who_left_the_books_is_linked_by_what_the_snapshot_knew(decided):
    """Moved, off the books since, and one line of the customer began: it went on, and left."""
    listed = {"customer_id": "home", "activated_on": "2020-01-01"}
    world = {
        "status_events": [
            {"subscriber_id": who, "effective_at": at, "status": code}
            for who, at, code in (
                ("a", "2024-01-01", "在用"),
                ("a", "2025-03-18", "移机改号"),
                ("b", "2025-03-18", "在用"),
                ("b", "2025-04-05", "退网停机"),
            )
        ],
        "subscribers": [
            ("2025-02-28", "2025-02-27", [{"subscriber_id": "a", **listed}]),
            (
                "2025-05-01",
                "2025-05-31",
                [{"subscriber_id": "b", **listed, "activated_on": "2025-03-18"}],
            ),
        ],
    }
    assert decided(world)["a"]["outcome"] == "administrative"
    assert decided(world, definition="household")["a"]["outcome"] == "active"
