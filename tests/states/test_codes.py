"""Codes and settings: what is unknown is named, not guessed."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from churn.errors import ExtractError
from churn.states import StateSettings, require_known_codes, unknown_codes
from churn.states.recognition import state_of


def test_unknown_codes_are_counted(rows_as_tables, engine):
    """Each code without a meaning is named with the rows that carry it; known ones are not."""
    rows = [
        {"subscriber_id": str(n), "effective_at": "2025-01-01", "status": status}
        for n, status in enumerate(["在用", "X9", "X9", "半停", "X1"])
    ]
    events = rows_as_tables({"status_events": rows}).known_at(date(2025, 2, 1)).status_events
    strange = unknown_codes(events, StateSettings(codes={"X1": "left"}))
    assert engine.to_arrow(strange, order_by=["status"]).to_pylist() == [
        {"status": "X9", "rows": 2},
        {"status": "半停", "rows": 1},
    ]


def test_unknown_codes_are_refused_by_name():
    """The error names every code, its rows and the setting that gives it a meaning."""
    with pytest.raises(ExtractError) as caught:
        require_known_codes({"X9": 4112, "半停": 1})
    assert caught.value.exit_code == 11
    assert str(caught.value) == (
        "2 status codes have no meaning: X9 (4,112 rows), 半停 (1 row)\n"
        "  where  status_events\n"
        "  do     give each a state under states.codes in the settings"
    )


def test_what_looks_like_somebodys_number_is_counted_and_not_named():
    """A status mapped from the wrong header would otherwise print the subscribers' numbers."""
    with pytest.raises(ExtractError) as caught:
        require_known_codes({"13800138000": 1, "13800138001": 1, "X9": 2})
    assert caught.value.what == (
        "3 status codes have no meaning: X9 (2 rows), and 2 that look like somebody's number or"
        " name"
    )


def test_of_many_codes_the_most_frequent_are_named():
    """A line that can be read says more than a thousand codes."""
    with pytest.raises(ExtractError) as caught:
        require_known_codes({f"X{n}": n for n in range(1, 16)})
    assert "X6 (6 rows)" in caught.value.what
    assert "X5 (5 rows)" not in caught.value.what
    assert caught.value.what.endswith(", and 5 more")


def test_known_codes_pass():
    """Nothing unknown, nothing said."""
    require_known_codes({})


def test_a_state_that_does_not_exist_is_refused_in_domain_words():
    """The settings name the states there are."""
    with pytest.raises(
        ValidationError, match="there is no state gone_fishing; the states are prer"
    ):
        StateSettings(codes={"A": "gone_fishing"})


def test_settings_refuse_unknown_keys_and_do_not_change():
    """Frozen, and strict about names."""
    with pytest.raises(ValidationError, match="code_map"):
        StateSettings(code_map={})
    with pytest.raises(ValidationError, match="frozen"):
        StateSettings().removal_after_hold = 9


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("MOROSIDAD", "suspended"),
        ("Baja por morosidad", "removed"),
        ("DEFUNCION", "deceased"),
        ("CESION", "transferred"),
        ("Zawieszony na życzenie klienta", "on_hold"),
        ("Numara Taşıma", "ported_out"),
        ("Berhenti berlangganan", "left"),
        ("Заблокирован", "suspended"),
    ],
)
def test_states_are_known_in_further_tongues(code, state):
    """With their accents and without."""
    assert state_of(code) == state
