"""Every worked history of ``histories.md`` gets the outcome written beside it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from churn.labels import OUTCOMES, outcomes
from churn.states import STATES, StateSettings
from churn.windows import TimeSettings

SNAPSHOT = date(2025, 3, 1)
AS_OF = date(2026, 1, 1)
FLAGS = ("cured", "cured_late", "returned_late")


def _histories():
    text = Path(__file__).with_name("histories.md").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in rows if row[0] != "rule"]


HISTORIES = _histories()


def _events(history, subscriber_id):
    """Read ``2025-03-20 09:00 双停 · …`` as rows."""
    moments = [event.rsplit(" ", 1) for event in history.split(" · ")]
    return [
        {"subscriber_id": subscriber_id, "effective_at": at, "status": status}
        for at, status in moments
    ]


@pytest.fixture(scope="module")
def found(rows_as_tables, engine):
    """Return the outcomes of all histories, each subscriber named by its rule."""
    rows = [row for rule, history, *_ in HISTORIES for row in _events(history, rule)]
    known = rows_as_tables({"status_events": rows}).known_at(AS_OF)
    labels = outcomes(known, SNAPSHOT, TimeSettings(), StateSettings())
    return {row["subscriber_id"]: row for row in engine.to_arrow(labels).to_pylist()}


@pytest.mark.parametrize(
    ("rule", "outcome", "event_on", "detail", "notes"),
    [(rule, *expected) for rule, _, *expected in HISTORIES],
    ids=[rule for rule, *_ in HISTORIES],
)
def test_history(found, rule, outcome, event_on, detail, notes):
    """A history ends as the rule says, on the day and for the reason it says."""
    row = found[rule]
    assert row["outcome"] == outcome
    assert row["event_on"] == (date.fromisoformat(event_on) if event_on else None)
    assert row["detail"] == detail
    assert [flag for flag in FLAGS if row[flag]] == [note for note in notes.split(", ") if note]


def test_every_subscriber_has_one_outcome(found):
    """Each subscriber with a state on record appears once, whatever became of it."""
    assert set(found) == {rule for rule, *_ in HISTORIES}


def test_histories_show_every_shipped_code_and_every_outcome():
    """No code of the shipped table and no outcome is without a worked history."""
    shown = {
        event.rsplit(" ", 1)[1] for _, history, *_ in HISTORIES for event in history.split(" · ")
    }
    chinese = {state.codes[0] for state in STATES.values()} | {"正常", "双停"}
    assert chinese <= shown
    assert {outcome for _, _, outcome, *_ in HISTORIES} == set(OUTCOMES) - {"won_back"}
