"""The mess of real status events: each rule finds its own, counts it, and all adds up."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn.states import StateSettings, repairs, spans
from churn.states.repairs import REPAIRS
from churn.states.settings import SHIPPED_CODES

OF_EVENTS = ("unknown_code", "repeated", "same_moment", "same_day", "no_change")


@pytest.fixture(scope="module")
def counted(rows_as_tables, engine):
    """Return the rules that found something: rule -> rows."""

    def run(events, subscribers=(), *, deliveries=None):
        tables = {
            "status_events": deliveries or [_row(*event) for event in events],
            "subscribers": [
                dict(zip(("subscriber_id", "customer_id", "activated_on"), row, strict=False))
                for row in subscribers
            ],
        }
        known = rows_as_tables(tables).known_at(date(2026, 1, 1))
        rows = engine.to_arrow(repairs(known, StateSettings())).to_pylist()
        assert {row["rule"] for row in rows} == set(REPAIRS)
        return {row["rule"]: row["rows"] for row in rows if row["rows"]}

    return run


def _row(who, at, code, successor=None):
    return {"subscriber_id": who, "effective_at": at, "status": code, "successor_id": successor}


BOOKS = [("a", "x", "2024-01-01")]


@pytest.mark.parametrize(
    ("events", "found"),
    [
        ([("a", "2024-01-01", "在用"), ("a", "2024-02-01", "双停")], {}),
        ([("a", "2024-01-01", "在用"), ("a", "2024-02-01", "?")], {"unknown_code": 1}),
        (
            [("a", "2024-01-01", "在用"), *[("a", "2024-02-01 09:00", "双停")] * 3],
            {"repeated": 2},
        ),
        (
            [("a", "2024-01-01", "在用"), ("a", "2024-02-01", "强拆销号"),
             ("a", "2024-02-01", "锁定期")],
            {"same_moment": 1},
        ),
        (
            [("a", "2024-01-01", "在用"), ("a", "2024-02-01 09:00", "双停"),
             ("a", "2024-02-01 15:00", "在用")],
            {"same_day": 1, "no_change": 1},
        ),
        ([("a", "2024-01-01", "在用"), ("a", "2024-02-01", "正常")], {"no_change": 1}),
        (
            [("a", "2023-12-30", "在用"), ("a", "2024-02-01", "双停")],
            {"before_activation": 1},
        ),
        ([("a", "2023-12-30", "预登录停机"), ("a", "2024-01-01", "在用")], {}),
        ([("a", "2024-02-01", "双停")], {"no_first_state": 1}),
        ([], {"no_first_state": 1}),
        (
            [("a", "2024-01-01", "在用"), ("b", "2024-01-01", "在用"),
             ("c", "2024-01-01", "在用"), ("c", "2024-03-01", "退网停机")],
            {"no_final_state": 1},
        ),
        (
            [("a", "2024-01-01", "在用"), ("a", "2024-02-01 09:00", "强拆销号"),
             ("a", "2024-02-01 09:05", "锁定期"), ("a", "2024-07-31", "在用")],
            {"same_day": 1, "undone_within_lock": 1},
        ),
        (
            [("a", "2024-01-01", "在用"), ("a", "2024-02-01", "强拆销号"),
             ("a", "2024-08-01", "在用")],
            {"issued_anew": 1},
        ),
        (
            [("a", "2024-01-01", "在用"), ("a", "2024-02-01", "双停"),
             ("a", "2024-12-01", "在用")],
            {},
        ),
        (
            [("a", "2024-01-01", "在用"), ("a", "2024-02-01", "双停"),
             ("a", "2024-06-01", "强拆销号"), ("a", "2024-11-30", "在用")],
            {"undone_within_lock": 1},
        ),
    ],
    ids=[
        "a clean record", "a code without a meaning", "the same row three times",
        "two states at one moment", "off and on within a day", "another word for the same state",
        "an event before the activation", "pre-registration comes before activation",
        "no first state", "no event at all", "no final state", "undone on the lock's last day",
        "in service after the lock", "a long suspension locks nothing",
        "the lock runs from the removal",
    ],
)  # fmt: skip
def test_each_rule_finds_its_own(counted, events, found):
    """What is wrong with a record is counted under its rule and under no other."""
    assert counted(events, BOOKS) == found


def test_events_out_of_order_are_counted_by_their_deliveries(counted):
    """Late is what comes after a later event had come; the order inside a delivery is none."""
    first = [_row("a", "2024-05-01", "双停"), _row("a", "2024-01-01", "在用")]
    second = [_row("a", "2024-03-01", "单停"), _row("a", "2024-06-01", "在用")]
    found = counted(
        (),
        BOOKS,
        deliveries=[("2024-05-05", "2024-05-01", first), ("2024-06-05", "2024-06-01", second)],
    )
    assert found == {"out_of_order": 1}


@pytest.mark.parametrize(
    ("events", "found"),
    [
        ([("a", "2024-02-01", "过户", "b")], {"successor_on_record": 1}),
        ([("a", "2024-02-01", "移机改号", None)], {"successor_inferred": 1}),
        ([("a", "2024-02-01", "退网停机", "b")], {"successor_elsewhere": 1}),
        (
            [("a", "2024-02-01", "过户", "b"), ("a", "2024-02-02", "过户", "c")],
            {"no_change": 1, "successor_on_record": 1, "successor_contested": 1},
        ),
        (
            [("a", "2024-02-01", "过户", "b"), ("b", "2024-02-05", "过户", "a")],
            {"successor_on_record": 1, "successor_backwards": 1},
        ),
    ],
    ids=["on record", "inferred", "on another event", "contested", "backwards"],
)
def test_links_are_counted_by_where_they_come_from(counted, events, found):
    """Successors on record, those inferred, and those passed over."""
    books = [("a", "x", "2024-01-01"), ("b", "x", "2024-02-03"), ("c", "y", "2024-02-03")]
    begun = [(who, day, "在用") for who, _, day in books]
    assert counted([*begun, *events], books) == found


MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2025, 1, 12)).map(
    lambda at: at.replace(minute=0, second=0, microsecond=0, hour=at.hour // 8 * 8)
)
CODES = st.sampled_from([*sorted(SHIPPED_CODES)[:12], "在用", "双停", "强拆销号", "?"])


@settings(max_examples=8)
@given(events=st.lists(st.tuples(st.sampled_from("ab"), MOMENTS, CODES), max_size=14))
def test_events_and_spans_add_up(counted, rows_as_tables, engine, events):
    """Every event on record begins a span or is counted under one of the first five rules."""
    found = counted(events)
    rows = [_row(*event) for event in events]
    known = rows_as_tables({"status_events": rows}).known_at(date(2026, 1, 1))
    kept = engine.to_arrow(spans(known.status_events, StateSettings())).num_rows
    assert len(events) == kept + sum(found.get(rule, 0) for rule in OF_EVENTS)
