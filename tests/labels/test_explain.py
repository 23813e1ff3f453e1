"""An outcome in words, in both languages, with the dates behind it."""

from __future__ import annotations

import re
from datetime import date

import pytest

from churn.labels import explain
from churn.states import StateSettings
from churn.windows import TimeSettings

SNAPSHOT = date(2025, 3, 1)
EVENTS = [
    {"subscriber_id": "a", "effective_at": at, "status": code}
    for at, code in (
        ("2024-01-01", "在用"),
        ("2025-03-05", "双停"),
        ("2025-03-12", "在用"),
        ("2025-03-20 10:00", "携号转出"),
        ("2025-06-01", "在用"),
    )
]


@pytest.fixture
def story(rows_as_tables, engine):
    """Tell the story of a subscriber as of a day."""

    def run(who="a", as_of=date(2025, 9, 1), **options):
        known = rows_as_tables({"status_events": EVENTS}).known_at(as_of)
        return explain(
            known,
            who,
            SNAPSHOT,
            TimeSettings(),
            StateSettings(),
            to_arrow=engine.to_arrow,
            **{"language": "en", **options},
        )

    return run


def test_the_story_tells_states_windows_and_why(story):
    """History, what fell where, what it counts as, and the outcome."""
    told = story(left_out="")
    assert told.outcome == "active"
    assert str(told).splitlines() == [
        (
            "Snapshot 2025-03-01; churn counts from 2025-03-16 to 2025-04-14; "
            "final once observed through 2025-05-15; observed through 2025-09-01."
        ),
        "Service states:",
        "  from 2024-01-01 to 2025-03-04: in service",
        "  from 2025-03-05 to 2025-03-11: suspended for arrears (passive)",
        "  from 2025-03-12 to 2025-03-19: in service",
        "  from 2025-03-20 to 2025-05-31: ported out (active)",
        "  since 2025-06-01: in service",
        "At the snapshot the subscriber was in the population.",
        (
            "Out of service on 2025-03-05 (before the outcome window): suspended for arrears; "
            "back on 2025-03-12, after 7 days: cured within the grace of 30 days, passed over."
        ),
        (
            "Out of service on 2025-03-20 (in the outcome window): ported out; "
            "back on 2025-06-01, after 73 days: active churn."
        ),
        "Outcome: active churn, by what happened on 2025-03-20.",
    ]


def test_the_chinese_story_has_the_same_lines(story):
    """Both languages say the same, line for line, with the same dates."""
    english, chinese = story(), story(language="zh")
    assert len(english.lines) == len(chinese.lines)
    assert chinese.lines[-1] == "结果：主动流失，依据2025-03-20的事件。"
    assert "双停" not in str(chinese)
    assert "  2025-03-05至2025-03-11：欠费停机（被动）" in chinese.lines
    assert not re.search("[,;:()]", str(chinese))


def test_an_open_label_says_what_it_waits_for(story):
    """Before maturity there is no outcome, only what is known so far."""
    told = story(as_of=date(2025, 4, 1))
    assert told.outcome is None
    assert told.lines[-1] == (
        "The outcome is not final: observed through 2025-04-01, needed 2025-05-15."
    )
    nothing_yet = str(story(as_of=date(2025, 3, 3)))
    assert "As far as has been observed it was not out of service" in nothing_yet
    assert "end of the outcome window" not in nothing_yet


def test_whoever_was_left_out_is_told_why(story):
    """The reason the panel gives stands in the story."""
    assert (
        "At the snapshot the subscriber was not in the population: tenure below 60 days."
        in story(left_out="tenure below 60 days").lines
    )


def test_a_subscriber_without_any_state_has_no_story(story):
    """Nothing on record, nothing guessed."""
    told = story(who="nobody")
    assert told.outcome is None
    assert told.lines[-1] == "No service state of this subscriber is on record."


@pytest.mark.parametrize("first", ["2025-03-01 08:00", "2025-03-02"])
def test_whoever_came_later_has_no_outcome(rows_as_tables, engine, first):
    """A subscriber that began after the snapshot neither stayed nor left."""
    events = [
        {"subscriber_id": "a", "effective_at": at, "status": code}
        for at, code in ((first, "在用"), ("2025-03-20", "携号转出"))
    ]
    known = rows_as_tables({"status_events": events}).known_at(date(2025, 9, 1))
    told = {
        language: explain(
            known, "a", SNAPSHOT, TimeSettings(), StateSettings(),
            language=language, to_arrow=engine.to_arrow, left_out="no service state on record",
        )
        for language in ("en", "zh")
    }  # fmt: skip
    assert told["en"].outcome is None
    assert told["en"].lines[-1] == (
        "At the snapshot the subscriber was not yet in service "
        f"(first state on record {first[:10]})."
    )
    assert told["zh"].lines[-1] == f"观察日该用户尚未入网（首个状态记录始于{first[:10]}）。"


def test_whoever_stayed_is_said_to_have_stayed(rows_as_tables, engine):
    """No outcome is an outcome too, and its code is nobody's word for it."""
    events = [{"subscriber_id": "a", "effective_at": "2024-01-01", "status": "在用"}]
    known = rows_as_tables({"status_events": events}).known_at(date(2025, 9, 1))
    told = explain(
        known, "a", SNAPSHOT, TimeSettings(), StateSettings(),
        language="en", to_arrow=engine.to_arrow,
    )  # fmt: skip
    assert told.lines[-1] == "Outcome: stayed."
