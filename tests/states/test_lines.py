"""A line goes on under another subscriber after a transfer, a new number or a new product."""

from __future__ import annotations

import random
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn.states import StateSettings, lines, links


@pytest.fixture(scope="module")
def known_of(rows_as_tables):
    """Return what is known of ``(subscriber, moment, code, successor)`` and of the books."""

    def run(events, books=(), day=date(2026, 1, 1)):
        columns = ("subscriber_id", "effective_at", "status", "successor_id")
        held = ("subscriber_id", "customer_id", "activated_on")
        return rows_as_tables(
            {
                "status_events": [dict(zip(columns, event, strict=False)) for event in events],
                "subscribers": [dict(zip(held, row, strict=True)) for row in books],
            }
        ).known_at(day)

    return run


@pytest.fixture(scope="module")
def lines_of(known_of, engine):
    """Return subscriber -> line, of those whose line is not their own."""

    def run(*arguments, day=date(2026, 1, 1), **options):
        known = known_of(*arguments, day=day)
        found = lines(known.status_events, known.subscribers, StateSettings(**options))
        rows = engine.to_arrow(found).to_pylist()
        told = {row["subscriber_id"]: row["line_id"] for row in rows}
        assert len(told) == len(rows)
        return {who: line for who, line in told.items() if who != line}

    return run


@pytest.mark.parametrize("code", ["过户", "移机改号", "产品迁移"])
def test_a_successor_on_record_continues_the_line(lines_of, code):
    """Transferred, moved or migrated: the new subscriber is the old line."""
    assert lines_of([("a", "2024-01-01", "在用"), ("a", "2024-02-01", code, "b")]) == {"b": "a"}


def test_a_chain_leads_back_to_its_first_subscriber(lines_of):
    """Ten moves one after the other are one line."""
    events = [(f"s{n}", f"2024-02-{n + 1:02}", "移机改号", f"s{n + 1}") for n in range(10)]
    assert lines_of(events) == {f"s{n}": "s0" for n in range(1, 11)}


def test_a_line_that_comes_back_is_the_line_it_was(lines_of):
    """Passed on and passed back: no circle, and the first id names both."""
    events = [("a", "2024-02-01", "过户", "b"), ("b", "2024-03-01", "过户", "a")]
    assert lines_of(events) == {"b": "a"}


def test_two_that_pass_to_each_other_at_one_moment_are_not_linked(lines_of):
    """Which came first cannot be told, so neither continues the other."""
    assert lines_of([("a", "2024-02-01", "过户", "b"), ("b", "2024-02-01", "过户", "a")]) == {}


def test_a_circle_of_one_moment_takes_nothing_with_it(lines_of):
    """Three in a circle are not linked, whatever leads into it or happens later."""
    at, later = "2024-02-01", "2024-03-01"
    circle = [("a", at, "过户", "b"), ("b", at, "过户", "c"), ("c", at, "过户", "a")]
    assert lines_of([*circle, ("x", at, "过户", "y")]) == {"y": "x"}
    assert lines_of([*circle[:2], ("c", later, "过户", "a")]) == {"b": "a", "c": "a"}


@pytest.mark.parametrize("turned", [False, True])
def test_two_links_of_one_day_are_a_chain(lines_of, turned):
    """Passed on and given a new number on one day, in an extract that knows only days."""
    events = [("a", "2024-02-01", "过户", "b"), ("b", "2024-02-01", "移机改号", "c")]
    more = [("c", "2024-03-01", "过户", "d"), ("d", "2024-03-01", "过户", "e")]
    given = [*events, *more]
    assert lines_of(given[::-1] if turned else given) == dict.fromkeys("bcde", "a")


@pytest.mark.parametrize("hours", [("09:00", "15:00"), ("15:00", "09:00")])
def test_a_link_on_record_and_an_inferred_one_of_its_day_are_a_chain(lines_of, hours):
    """What is inferred knows only its day: the hours tell nothing of which came first."""
    first, second = (f"2024-02-01 {hour}" for hour in hours)
    old, new = "2020-01-01", "2024-02-01"
    books = [("a", "x", old), ("b", "x", old), ("c", "x", new)]
    events = [("a", first, "移机改号", "b"), ("b", second, "移机改号", None)]
    assert lines_of(events, books) == {"b": "a", "c": "a"}
    books = [("a", "x", old), ("b", "x", new), ("c", "y", new)]
    events = [("a", first, "移机改号", None), ("b", second, "移机改号", "c")]
    assert lines_of(events, books) == {"b": "a", "c": "a"}


def test_a_circle_through_an_inferred_link_is_none(lines_of):
    """On record from b by c to a, inferred from a to b, all in a day: nobody came first."""
    books = [("a", "x", "2020-01-01"), ("b", "x", "2024-02-01")]
    passed = [("b", "2024-02-01 08:00", "过户", "c"), ("c", "2024-02-01 10:00", "过户", "a")]
    assert lines_of([*passed, ("a", "2024-02-01 09:00", "移机改号", None)], books) == {}


def test_of_two_successors_the_latest_counts(lines_of):
    """A correction made later wins; at one moment the smaller id does."""
    events = [("a", "2024-02-01", "过户", "b"), ("a", "2024-02-02", "过户", "c")]
    assert lines_of(events) == {"c": "a"}
    events = [("a", "2024-02-01", "过户", "c"), ("a", "2024-02-01", "移机改号", "b")]
    assert lines_of(events) == {"b": "a"}


def test_of_two_that_name_one_successor_the_first_keeps_it(lines_of):
    """Two lines merged into one: the earlier goes on, the other has ended."""
    events = [("a", "2024-02-03", "产品迁移", "c"), ("b", "2024-02-01", "产品迁移", "c")]
    assert lines_of(events) == {"c": "b"}


def test_other_ends_and_oneself_have_no_successor(lines_of):
    """A successor on a departure is passed over, and so is oneself."""
    events = [("a", "2024-02-01", "退网停机", "b"), ("c", "2024-02-01", "移机改号", "c")]
    assert lines_of(events) == {}


BOOKS = [("a", "x", "2020-01-01"), ("b", "x", "2024-02-04"), ("z", "y", "2024-02-01")]


@pytest.mark.parametrize(
    ("code", "books", "found"),
    [
        ("移机改号", BOOKS, {"b": "a"}),
        ("产品迁移", BOOKS, {"b": "a"}),
        ("过户", BOOKS, {}),
        ("退网停机", BOOKS, {}),
        ("移机改号", [BOOKS[0], ("b", "y", "2024-02-04")], {}),
        ("移机改号", [BOOKS[0], ("b", "x", "2024-02-09")], {}),
        ("移机改号", [BOOKS[0], ("b", "x", "2024-02-08")], {"b": "a"}),
        ("移机改号", [BOOKS[0], ("b", "x", "2024-01-25")], {"b": "a"}),
        ("移机改号", [*BOOKS, ("c", "x", "2024-02-02")], {}),
        ("移机改号", [("a", None, "2020-01-01"), ("b", None, "2024-02-04")], {}),
    ],
    ids=[
        "moved", "migrated", "never a transfer", "never a departure", "of another customer",
        "too late", "on the last day", "begun just before", "two began", "no customer known",
    ],
)  # fmt: skip
def test_without_a_record_one_end_and_one_beginning_are_linked(lines_of, code, books, found):
    """Moved or migrated, same customer, within the days of the setting, one of each."""
    assert lines_of([("a", "2020-01-01", "在用"), ("a", "2024-02-01", code)], books) == found


def test_two_that_ended_leave_open_which_goes_on(lines_of):
    """Two lines of a customer moved and one began: neither is linked."""
    books = [*BOOKS, ("c", "x", "2020-01-01")]
    events = [("a", "2024-02-01", "移机改号"), ("c", "2024-02-02", "移机改号")]
    assert lines_of(events, books) == {}


def test_a_record_leaves_the_rest_to_inference(lines_of):
    """A successor on record is no candidate for another line."""
    books = [*BOOKS, ("c", "x", "2020-01-01"), ("d", "x", "2024-02-03")]
    events = [("a", "2024-02-01", "移机改号", "d"), ("c", "2024-02-02", "移机改号")]
    assert lines_of(events, books) == {"d": "a", "b": "c"}


def test_whoever_kept_its_number_was_not_replaced(lines_of):
    """Moved and back in service under its own id: the new line is another one."""
    events = [("a", "2024-02-01 08:00", "移机改号"), ("a", "2024-02-02", "在用")]
    assert lines_of(events, BOOKS) == {}


def test_only_links_known_on_the_day_count(lines_of):
    """A move of the day itself, or later, is the future."""
    events = [("a", "2020-01-01", "在用"), ("a", "2024-02-01", "移机改号", "b")]
    assert lines_of(events, BOOKS, day=date(2024, 2, 1)) == {}
    assert lines_of(events, BOOKS, day=date(2024, 2, 2)) == {"b": "a"}


HOURS = st.datetimes(datetime(2024, 1, 1), datetime(2024, 1, 4)).map(
    lambda at: at.replace(minute=0, second=0, microsecond=0, hour=at.hour // 12 * 12)
)
PASSED = st.lists(
    st.tuples(
        st.sampled_from("abcde"), HOURS, st.sampled_from(["过户", "移机改号"]),
        st.sampled_from([*"abcde", None]),
    ),
    max_size=12,
)  # fmt: skip


@settings(max_examples=8)
@given(
    events=PASSED, seed=st.integers(0, 99), holders=st.text("xyz", min_size=5, max_size=5),
    begun=st.lists(st.integers(1, 12), min_size=5, max_size=5),
)  # fmt: skip
def test_lines_are_chains_whatever_the_order(known_of, engine, events, seed, holders, begun):
    """On record or inferred, forks and circles come apart the same way in any order.

    Every chain has one beginning.
    """
    held = zip("abcde", holders, begun, strict=True)
    books = [(who, holder, f"2024-01-{day:02}") for who, holder, day in held]
    shuffled = [*events, *events[:4]]
    random.Random(seed).shuffle(shuffled)  # noqa: S311 - no secret
    told = []
    for rows in (events, shuffled):
        known = known_of(rows, books)
        given = (known.status_events, known.subscribers, StateSettings())
        line = engine.to_arrow(lines(*given), order_by=["subscriber_id"])
        told.append({row["subscriber_id"]: row["line_id"] for row in line.to_pylist()})
        pairs = engine.to_arrow(links(*given)).to_pylist()
        onward = {row["subscriber_id"]: row["successor_id"] for row in pairs}
        assert len(set(onward.values())) == len(onward) == len(pairs)
        beginnings = set(told[-1]) - set(onward.values())
        assert set(told[-1].values()) == beginnings
        for before, after in onward.items():
            assert told[-1][before] == told[-1][after]
    assert told[0] == told[1]
