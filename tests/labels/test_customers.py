"""Households and key accounts: which lines count, and when the event has happened."""

from __future__ import annotations

import pytest

from churn.errors import LeakError


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


FATES = {
    "none lost": ("any_line", (STAYS, STAYS), ("none", None)),
    "the first decides": ("any_line", (LATER, SUSPENDED), ("passive", "2025-03-25")),
    "lost before the window": ("any_line", (LATER, EARLY), ("gone", "2025-03-05")),
    "one of two is not all": ("all_lines", (LEAVES, STAYS), ("none", None)),
    "the last decides": ("all_lines", (LEAVES, LATER), ("active", "2025-04-10")),
    "by its own cause": ("all_lines", (LEAVES, SUSPENDED), ("passive", "2025-03-25")),
    "one gone, the last in the window": (
        "all_lines", (EARLY, SUSPENDED), ("passive", "2025-03-25"),
    ),
    "who died counts no more": ("all_lines", (LEAVES, DIES), ("active", "2025-03-20")),
    "nobody left who could churn": ("all_lines", (DIES, DIES), ("administrative", "2025-03-20")),
    "a death is no loss": ("any_line", (DIES, STAYS), ("none", None)),
}  # fmt: skip


@pytest.mark.parametrize("event", ["any_line", "all_lines"])
def test_a_household_is_lost_with_the_line_that_the_event_needs(decided, event):
    """One outcome for both lines: that of the line with which the event happens, on its day."""
    cases = {home: case for home, case in FATES.items() if case[0] == event}
    lines = [
        (f"{home}: {who}", home, None, None, fate)
        for home, (_, fates, _) in cases.items()
        for who, fate in zip("ab", fates, strict=True)
    ]
    found = decided(_world(*lines), definition="household", household={"event": event})
    ends = {
        home: {
            (row["outcome"], row["event_on"] and str(row["event_on"]))
            for row in (found[f"{home}: a"], found[f"{home}: b"])
        }
        for home in cases
    }
    assert ends == {home: {outcome} for home, (_, _, outcome) in cases.items()}


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


BACK_BEFORE = [
    ("a", "2025-01-05", "产品迁移", "b"), ("b", "2025-01-05", "在用", None),
    ("b", "2025-01-20", "产品迁移", "a"), ("a", "2025-01-20", "在用", None),
]  # fmt: skip
BACK_AFTER = [
    ("a", "2025-03-03", "移机改号", "b"), ("b", "2025-03-03", "在用", None),
    ("b", "2025-03-08", "退网停机", None), ("a", "2025-03-08", "在用", None),
]  # fmt: skip
UNDONE_AT_ONCE = [
    ("a", "2025-03-03 10:00", "移机改号", "b"), ("a", "2025-03-03 12:00", "在用", None),
    ("b", "2025-03-03", "在用", None), ("b", "2025-03-08", "退网停机", None),
]  # fmt: skip
PASSED_ON = [("a", "2025-03-03", "过户", "b"), ("b", "2025-03-03", "在用", None)]
MOVED_TWICE = [
    ("a", "2025-03-03", "移机改号", "b"), ("b", "2025-03-03", "在用", None),
    ("b", "2025-03-18", "产品迁移", "c"), ("c", "2025-03-18", "在用", None),
]  # fmt: skip
MOVED_AND_PASSED_ON = [*MOVED_TWICE[:2], ("b", "2025-03-18", "过户", "c"), MOVED_TWICE[3]]
MOVED_TWICE_IN_A_DAY = [
    ("a", "2025-03-18", "移机改号", "b"), ("b", "2025-03-18", "在用", None),
    ("b", "2025-03-18", "产品迁移", "c"), ("c", "2025-03-18", "在用", None),
]  # fmt: skip
ISSUED_ANEW = [*MOVED_TWICE[:2], ("a", "2025-11-01", "在用", None)]


FOLLOWED = {
    "back before the snapshot, then left": (BACK_BEFORE, "a", "active"),
    "back before the snapshot, and stayed": (BACK_BEFORE, None, "none"),
    "back after it, then left": (BACK_AFTER, "a", "active"),
    "moved and not moved in a day, then left": (UNDONE_AT_ONCE, "a", "active"),
    "moved and not moved in a day, and stayed": (UNDONE_AT_ONCE, None, "none"),
    "the new owner leaves": (PASSED_ON, "b", "administrative"),
    "moved twice, then left": (MOVED_TWICE, "c", "active"),
    "moved twice, and stayed": (MOVED_TWICE, None, "none"),
    "moved twice in a day, then left": (MOVED_TWICE_IN_A_DAY, "c", "active"),
    "moved twice in a day, and stayed": (MOVED_TWICE_IN_A_DAY, None, "none"),
    "moved, passed on, and the new owner leaves": (MOVED_AND_PASSED_ON, "c", "administrative"),
    "its old number has another holder": (ISSUED_ANEW, "b", "active"),
}


def test_a_line_is_followed_as_long_as_it_is_the_customers(decided):
    """Not to a new owner, and not away from a subscriber that came back to be served."""
    events = [
        {
            "subscriber_id": f"{home}: {who}",
            "effective_at": at,
            "status": code,
            "successor_id": successor and f"{home}: {successor}",
        }
        for home, (moves, leaver, _) in FOLLOWED.items()
        for who, at, code, successor in (
            ("a", "2024-01-01", "在用", None),
            *moves,
            *([(leaver, "2025-04-05", "退网停机", None)] if leaver else []),
        )
    ]
    listed = [
        {"subscriber_id": f"{home}: a", "customer_id": home, "activated_on": "2020-01-01"}
        for home in FOLLOWED
    ]
    world = {"status_events": events, "subscribers": listed}
    found = decided(world, definition="household")
    ends = {home: found[f"{home}: a"]["outcome"] for home in FOLLOWED}
    assert ends == {home: outcome for home, (_, _, outcome) in FOLLOWED.items()}


@pytest.mark.parametrize(
    ("definition", "column"),
    [
        ("household", "customer_id"),
        ("key_account", "group_id"),
        ("key_account", "key_account_classes"),
        ("contract_lapse", "contract_ends_on"),
    ],
)
def test_a_column_that_the_snapshot_did_not_know_is_no_blank(decided, told, definition, column):
    """Extracted after the snapshot as a current state: labels are refused, not guessed."""
    events = [{"subscriber_id": "a", "effective_at": "2024-01-01", "status": "在用"}]
    load = {
        "delivered_on": "2025-06-01",
        "covers_until": "2025-05-31",
        "assumed_lag": 0,
        "current_state": (column,),
        "rows": [{"subscriber_id": "a", "activated_on": "2024-01-01"}],
    }
    tables = {"status_events": events, "subscribers": [load], "bills": []}
    labels = {"definition": definition}
    with pytest.raises(LeakError, match=rf"needs subscribers\.{column}"):
        decided(tables, **labels)
    with pytest.raises(LeakError, match=rf"needs subscribers\.{column}"):
        told(tables, "a", **labels)
    assert decided({**tables, "subscribers": [{**load, "constant": (column,)}]}, **labels)
    assert decided(tables)  # the default definition needs none of them


REVENUE = {"definition": "household", "household": {"event": "revenue"}}


@pytest.mark.parametrize("labels", [{"definition": "key_account"}, REVENUE], ids=["key", "home"])
def test_revenue_without_bills_is_an_error_that_names_them(decided, labels):
    """Nobody is kept for want of bills: never delivered, or not before the snapshot."""
    world = _world(("a", "home", None, "important", LEAVES), bills=[("a", "2025-02-01", 9, 9)])
    bills = world.pop("bills")
    with pytest.raises(LeakError, match="bills was never delivered"):
        decided(world, **labels)
    later = {**world, "bills": [("2025-03-02", "2025-12-31", bills)]}
    with pytest.raises(
        LeakError, match=r"needs bills\.amount_due, .* no delivery of bills had come by then"
    ):
        decided(later, **labels)
    in_time = {**world, "bills": [("2025-02-28", "2025-12-31", bills)]}
    assert decided(in_time, **labels)["a"]["outcome"] == "active"
    name = labels["definition"]
    anyway = {"definition": name, name: {"event": "any_line"}}
    assert decided(world, **anyway)["a"]["outcome"] == "active"
