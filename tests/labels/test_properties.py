"""What holds of every history, and a slow reading of the rules that agrees with the fast one."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn.labels import outcomes
from churn.states import STATES, StateSettings
from churn.states.settings import SHIPPED_CODES
from churn.states.vocabulary import IN_SERVICE
from churn.windows import TimeSettings

SNAPSHOT = date(2025, 3, 1)
TIME = TimeSettings()
FINAL = ("subscriber_id", "outcome", "event_on", "cured", "detail")
RANK = {name: rank for rank, name in enumerate(STATES)}

CODES = st.sampled_from(
    (
        *("在用",) * 4,
        *("双停",) * 3,
        *("单停", "停机保号", "强拆销号", "锁定期", "退网停机", "携号转出"),
        *("过户", "死亡", "实名关停", "预登录停机"),
    )
)


def _histories(first, last):
    """Draw events of eight subscribers whose hours are few, so that days and moments collide."""
    span = (last - first).days - 1
    moment = st.builds(
        lambda day, hour: (
            datetime.combine(first, datetime.min.time()) + timedelta(days=day, hours=hour * 12)
        ),
        st.integers(0, span),
        st.integers(0, 1),
    )
    return st.lists(st.tuples(st.sampled_from("abcdefgh"), moment, CODES), max_size=60)


HISTORIES = _histories(date(2025, 1, 15), date(2025, 7, 1))


@pytest.fixture(scope="module")
def outcomes_of(rows_as_tables, engine):
    """Return the outcome rows of ``(subscriber, moment, code)`` triples."""

    def run(events, snapshot=SNAPSHOT, columns=FINAL):
        rows = [
            {"subscriber_id": who, "effective_at": at, "status": code} for who, at, code in events
        ]
        known = rows_as_tables({"status_events": rows}).known_at(snapshot + timedelta(days=365))
        table = outcomes(known, snapshot, TIME, StateSettings()).select(*columns)
        return engine.to_arrow(table, order_by=["subscriber_id"]).to_pylist()

    return run


def _years_later(moment):
    return moment.replace(year=moment.year + 28)


@settings(max_examples=10, deadline=None)
@given(events=HISTORIES)
def test_shifting_the_calendar_shifts_the_outcomes(outcomes_of, events):
    """Twenty-eight years later every weekday and month is as long: all dates move, no more."""
    later = [(who, _years_later(at), code) for who, at, code in events]
    shifted = [
        {**row, "event_on": row["event_on"] and _years_later(row["event_on"])}
        for row in outcomes_of(events)
    ]
    assert outcomes_of(later, _years_later(SNAPSHOT)) == shifted


@settings(max_examples=10, deadline=None)
@given(events=HISTORIES, seed=st.integers(0, 99))
def test_the_order_of_rows_changes_nothing(outcomes_of, events, seed):
    """Shuffled, and with rows delivered twice, the outcomes are the same."""
    shuffled = [*events, *events[::3]]
    random.Random(seed).shuffle(shuffled)  # noqa: S311 - no secret
    assert outcomes_of(shuffled) == outcomes_of(events)


@settings(max_examples=10, deadline=None)
@given(events=HISTORIES, later=_histories(TIME.mature_on(SNAPSHOT), date(2025, 9, 1)))
def test_what_happens_after_maturity_changes_no_outcome(outcomes_of, events, later):
    """Once the label is final, new facts add late cures and returns, never another outcome."""
    closed = [event for event in events if event[1].date() < TIME.mature_on(SNAPSHOT)]
    seen = {who for who, _, _ in closed}
    more = [event for event in later if event[0] in seen]
    assert outcomes_of([*closed, *more]) == outcomes_of(closed)


@settings(max_examples=25, deadline=None)
@given(events=HISTORIES)
def test_a_slow_reading_of_the_rules_agrees(outcomes_of, events):
    """Walking each history day by day gives the same outcome, date and flags."""
    columns = ("subscriber_id", "outcome", "event_on", "cured", "cured_late", "returned_late")
    found = outcomes_of(events, columns=columns)
    whos = sorted({who for who, _, _ in events})
    assert found == [
        dict(zip(columns, (who, *_walk([e for e in events if e[0] == who])), strict=True))
        for who in whos
    ]


def _walk(events):
    """Decide one history by going through its runs out of service."""
    opens, closes = SNAPSHOT + timedelta(days=15), SNAPSHOT + timedelta(days=45)
    cured, won_back_on, decided = False, None, None
    for left_on, state, cause, back_on in _runs(events):
        if left_on >= closes or (back_on and back_on < SNAPSHOT):
            continue
        suspended = state == "suspended"
        if back_on and (back_on - left_on).days <= 30:
            cured = cured or suspended
            won_back_on = won_back_on or (None if suspended else left_on)
        elif not decided:
            churn = cause != "administrative"
            late = churn and back_on is not None
            outcome = "gone" if churn and left_on < opens else cause
            decided = (outcome, left_on, late and suspended, late and not suspended)
    if not decided:
        decided = ("administrative" if won_back_on else "none", won_back_on, False, False)
    return (*decided[:2], cured, *decided[2:])


def _runs(events):
    """Cut a history into its runs out of service: first day, first state, its cause, day back."""
    ordered = sorted((at, RANK[SHIPPED_CODES[code]]) for _, at, code in events)
    days, cause, used = {}, None, False
    for at, rank in ordered:
        state = list(STATES)[rank]
        used = used or state in {*IN_SERVICE, "suspended"}
        if state == "locked":
            cause = cause or "passive"
        elif state == "preregistered":
            cause = "passive" if used else None
        else:
            cause = STATES[state].cause
        days[at.date()] = (state, cause)
    runs = []
    for day, (state, cause) in sorted(days.items()):
        if state in IN_SERVICE:
            if runs and runs[-1][3] is None:
                runs[-1] = (*runs[-1][:3], day)
        elif cause and (not runs or runs[-1][3] is not None):
            runs.append((day, state, cause, None))
    return runs
