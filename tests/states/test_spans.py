"""Status events become spans: a line from event to event, one state a day."""

from __future__ import annotations

import itertools
import random
from datetime import date, datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn.states import STATES, StateSettings, last_seen, spans, state_at
from churn.states.settings import SHIPPED_CODES
from churn.states.vocabulary import IN_SERVICE

DOMAIN = {  # operator's code -> (state, cause when it ends the service of a number in use)
    "在用": ("in_service", None),
    "正常": ("in_service", None),
    "单停": ("soft_suspended", None),
    "停机保号": ("on_hold", None),
    "欠费服务暂停": ("suspended", "passive"),
    "双停": ("suspended", "passive"),
    "预登录停机": ("preregistered", "passive"),
    "强拆销号": ("removed", "passive"),
    "锁定期": ("locked", "passive"),
    "退网停机": ("left", "active"),
    "携号转出": ("ported_out", "active"),
    "过户": ("transferred", "administrative"),
    "移机改号": ("moved", "administrative"),
    "产品迁移": ("migrated", "administrative"),
    "死亡": ("deceased", "administrative"),
    "欺诈": ("fraud", "administrative"),
    "实名关停": ("real_name_closed", "administrative"),
    "合同到期未续": ("contract_lapsed", "passive"),
}


@pytest.fixture(scope="module")
def spans_of(rows_as_tables, engine):
    """Return the spans of ``(subscriber, moment, code)`` triples, in order."""

    def run(*events, codes=None):
        rows = [
            {"subscriber_id": who, "effective_at": at, "status": code} for who, at, code in events
        ]
        known = rows_as_tables({"status_events": rows}).known_at(date(2100, 1, 1))
        table = spans(known.status_events, StateSettings(codes=codes or {}))
        return engine.to_arrow(table, order_by=["subscriber_id", "start_on"]).to_pylist()

    return run


def _short(rows):
    """Write spans as ``(state, cause, start, end)`` with days as text."""
    return [
        (r["state"], r["cause"], str(r["start_on"]), r["end_on"] and str(r["end_on"])) for r in rows
    ]


@pytest.mark.parametrize("code", DOMAIN)
def test_every_shipped_code_has_the_state_and_cause_of_the_domain(spans_of, code):
    """Each code of the domain's table, after a year in service, gives its state and cause."""
    state, cause = DOMAIN[code]
    rows = spans_of(("a", "2024-01-01", "停机保号"), ("a", "2025-01-01", code))
    assert (rows[-1]["state"], rows[-1]["cause"]) == (state, cause)
    assert rows[-1]["cause_assumed"] == (state == "locked")
    assert SHIPPED_CODES[code] == state


def test_english_state_names_are_codes_too(spans_of):
    """An extract may carry the plain English names."""
    assert all(SHIPPED_CODES[name] == name for name in STATES)
    assert _short(spans_of(("a", "2025-01-01", "ported_out"))) == [
        ("ported_out", "active", "2025-01-01", None)
    ]


def test_a_span_ends_where_the_next_begins(spans_of):
    """Spans are half-open, do not overlap and leave no gap; the last is open."""
    rows = spans_of(
        ("a", "2025-01-01 08:00", "在用"),
        ("a", "2025-02-10 23:59", "双停"),
        ("a", "2025-03-01 00:00", "在用"),
        ("b", "2025-01-05", "在用"),
    )
    assert [(r["subscriber_id"], *s) for r, s in zip(rows, _short(rows), strict=True)] == [
        ("a", "in_service", None, "2025-01-01", "2025-02-10"),
        ("a", "suspended", "passive", "2025-02-10", "2025-03-01"),
        ("a", "in_service", None, "2025-03-01", None),
        ("b", "in_service", None, "2025-01-05", None),
    ]


def test_a_number_activated_on_the_day_of_its_pre_registration_is_in_service(spans_of):
    """In an extract that knows only days, pre-registration comes before activation."""
    rows = spans_of(("a", "2025-01-01", "在用"), ("a", "2025-01-01", "预登录停机"))
    assert _short(rows) == [("in_service", None, "2025-01-01", None)]


def test_equal_states_in_a_row_are_one_span(spans_of):
    """Two codes of one state, one after the other, change nothing."""
    rows = spans_of(
        ("a", "2025-01-01", "在用"),
        ("a", "2025-01-09", "正常"),
        ("a", "2025-02-01", "双停"),
        ("a", "2025-02-09", "欠费服务暂停"),
    )
    assert _short(rows) == [
        ("in_service", None, "2025-01-01", "2025-02-01"),
        ("suspended", "passive", "2025-02-01", None),
    ]


def test_the_last_event_of_a_day_is_its_state(spans_of):
    """A service cut and restored within a day was not cut."""
    rows = spans_of(
        ("a", "2025-01-01", "在用"),
        ("a", "2025-02-01 15:00", "在用"),
        ("a", "2025-02-01 09:00", "双停"),
    )
    assert _short(rows) == [("in_service", None, "2025-01-01", None)]


def test_of_events_at_one_moment_the_order_of_states_decides(spans_of):
    """In an extract that knows only days, an end is not lost to the state it ended."""
    rows = spans_of(
        ("a", "2025-01-01", "强拆销号"),
        ("a", "2025-01-01", "在用"),
        ("b", "2025-01-01", "携号转出"),
        ("b", "2025-01-01", "强拆销号"),
        ("c", "2025-01-01", "锁定期"),
        ("c", "2025-01-01", "退网停机"),
    )
    assert [(r["state"], r["cause"]) for r in rows] == [
        ("removed", "passive"),
        ("ported_out", "active"),
        ("locked", "active"),
    ]


@pytest.mark.parametrize(
    ("before", "cause", "assumed"),
    [
        (["退网停机"], "active", False),
        (["携号转出"], "active", False),
        (["强拆销号"], "passive", False),
        (["死亡"], "administrative", False),
        (["双停"], "passive", False),
        ([], "passive", True),
        (["在用"], "passive", True),
        (["退网停机", "在用"], "passive", True),
        (["退网停机", "锁定期"], "active", False),
        (["退网停机", "锁定期", "在用", "强拆销号"], "passive", False),
        (["双停", "退网停机"], "active", False),
    ],
)
def test_a_locked_number_inherits_the_cause_of_its_removal(spans_of, before, cause, assumed):
    """The removal just before decides; a return wipes it off; without one it is passive."""
    events = [("a", f"2025-01-0{day}", code) for day, code in enumerate(before, 1)]
    row = spans_of(*events, ("a", "2025-02-01", "锁定期"))[-1]
    assert (row["state"], row["cause"], row["cause_assumed"]) == ("locked", cause, assumed)


def test_locked_anew_for_another_cause_is_another_span(spans_of):
    """Locked after leaving, then removed and locked again within one day: the cause changed."""
    rows = spans_of(
        ("a", "2025-01-01 10:00", "退网停机"),
        ("a", "2025-01-01 11:00", "锁定期"),
        ("a", "2025-02-01 10:00", "强拆销号"),
        ("a", "2025-02-01 11:00", "锁定期"),
    )
    assert _short(rows) == [
        ("locked", "active", "2025-01-01", "2025-02-01"),
        ("locked", "passive", "2025-02-01", None),
    ]


def test_pre_registration_has_a_cause_only_once_used(spans_of):
    """A number that was never used did not churn; one that was in use did."""
    rows = spans_of(
        ("new", "2025-01-01", "预登录停机"),
        ("reissued", "2024-01-01", "锁定期"),
        ("reissued", "2025-01-01", "预登录停机"),
        ("used", "2024-01-01", "在用"),
        ("used", "2025-01-01", "预登录停机"),
    )
    causes = {r["subscriber_id"]: r["cause"] for r in rows if r["state"] == "preregistered"}
    assert causes == {"new": None, "reissued": None, "used": "passive"}


def test_an_operators_own_codes_join_the_shipped_ones(spans_of):
    """A code given in the settings is read, and wins over a shipped one."""
    rows = spans_of(
        ("a", "2025-01-01", "A1"),
        ("a", "2025-02-01", "正常"),
        ("a", "2025-03-01", "在用"),
        codes={"A1": "in_service", "正常": "on_hold"},
    )
    assert [r["state"] for r in rows] == ["in_service", "on_hold", "in_service"]


def test_a_code_without_a_meaning_is_passed_over(spans_of):
    """Spans guess nothing; refusing the code is the recipe's duty."""
    rows = spans_of(("a", "2025-01-01", "在用"), ("a", "2025-02-01", "?"))
    assert _short(rows) == [("in_service", None, "2025-01-01", None)]


def test_the_state_at_a_day_is_the_one_the_day_begins_in(rows_as_tables, engine):
    """An event of the day itself is the future; one of the day before counts."""
    rows = [
        {"subscriber_id": "a", "effective_at": "2025-01-01", "status": "在用"},
        {"subscriber_id": "a", "effective_at": "2025-02-01", "status": "双停"},
    ]
    known = rows_as_tables({"status_events": rows}).known_at(date(2025, 6, 1))
    table = spans(known.status_events, StateSettings())
    seen = {
        day: engine.to_arrow(state_at(table, day)).to_pylist()
        for day in (date(2025, 1, 1), date(2025, 1, 2), date(2025, 2, 1), date(2025, 2, 2))
    }
    served = {
        "subscriber_id": "a",
        "state": "in_service",
        "cause": None,
        "since": date(2025, 1, 1),
    }
    cut = {
        "subscriber_id": "a",
        "state": "suspended",
        "cause": "passive",
        "since": date(2025, 2, 1),
    }
    assert list(seen.values()) == [[], [served], [served], [cut]]


MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2025, 1, 20)).map(
    lambda at: at.replace(minute=0, second=0, microsecond=0, hour=at.hour // 8 * 8)
)
EVENTS = st.lists(
    st.tuples(st.sampled_from("ab"), MOMENTS, st.sampled_from(sorted(DOMAIN))), max_size=14
)


@settings(max_examples=25, deadline=None)
@given(events=EVENTS, seed=st.integers(0, 99))
def test_rows_in_any_order_and_twice_give_the_same_spans(spans_of, events, seed):
    """The order of rows, and rows delivered twice, change nothing."""
    shuffled = [*events, *events[:3]]
    random.Random(seed).shuffle(shuffled)  # noqa: S311 - no secret
    assert spans_of(*events) == spans_of(*shuffled)


@settings(max_examples=25, deadline=None)
@given(events=EVENTS)
def test_spans_tell_each_days_last_event(spans_of, events):
    """Read day by day, spans give the last event up to that day; what is equal is merged."""
    found = spans_of(*events)
    order = {name: rank for rank, name in enumerate(STATES)}
    for who in "ab":
        own = [row for row in found if row["subscriber_id"] == who]
        past = sorted((at, order[SHIPPED_CODES[code]]) for name, at, code in events if name == who)
        for day in (date(2025, 1, 1) + timedelta(days=n) for n in range(22)):
            before = [rank for at, rank in past if at.date() <= day]
            covering = [
                row
                for row in own
                if row["start_on"] <= day and (row["end_on"] is None or day < row["end_on"])
            ]
            assert [order[row["state"]] for row in covering] == before[-1:]
        for one, following in itertools.pairwise(own):
            assert (one["state"], one["cause"]) != (following["state"], following["cause"])
        assert all((row["cause"] is None) or row["state"] not in IN_SERVICE for row in own)


def test_a_line_is_as_the_newest_books_that_list_it_tell(engine):
    """Tonight's books come first; who is gone is as last seen, and nobody is lost or told twice."""
    tonight, spring, winter = (
        engine.from_arrow(pa.table({"subscriber_id": list(ids), "plan": [plan] * len(ids)}))
        for ids, plan in (("AB", "now"), ("BC", "spring"), ("ABCD", "winter"))
    )
    seen = engine.to_arrow(last_seen([tonight, spring, winter]), order_by=["subscriber_id"])
    assert list(zip(*seen.to_pydict().values(), strict=True)) == [
        ("A", "now"), ("B", "now"), ("C", "spring"), ("D", "winter"),
    ]  # fmt: skip
    alone = engine.to_arrow(last_seen([tonight]), order_by=["subscriber_id"])
    assert alone["subscriber_id"].to_pylist() == ["A", "B"]
