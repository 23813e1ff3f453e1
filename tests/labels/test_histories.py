"""Every worked history of ``docs/histories.md`` gets, by each definition, the outcome beside it."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from churn.causes import OUTCOMES
from churn.labels.registry import DEFINITIONS
from churn.states import STATES

PAGE = Path(__file__).parents[2] / "docs" / "histories.md"
FLAGS = ("cured", "cured_late", "returned_late")
READINGS = {
    "default": {},
    "coat": {"default": {"coat": {"enabled": True}}},
    "five states": {"definition": "five_states"},
    "inactivity": {"definition": "inactivity", "inactivity": {"use": ["calls"]}},
    "contract lapse": {"definition": "contract_lapse"},
    "household": {"definition": "household"},
    "key account": {"definition": "key_account"},
}
COLUMNS = ("rule", "history", "facts", *READINGS, "on", "because", "notes")
OTHER = " (other line)"


def _histories():
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:2] == "| "]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows if row[0] != "rule"]


HISTORIES = _histories()


def _events(history, subscriber_id, separator=" · "):
    """Read ``2025-03-20 09:00 双停 · …`` as rows."""
    moments = [event.rsplit(" ", 1) for event in history.split(separator)]
    return [
        {"subscriber_id": subscriber_id, "effective_at": at, "status": status}
        for at, status in moments
    ]


def _weekly(until):
    """Return days of use, a week apart, the last on the day given."""
    days, day = [], until
    while day > date(2023, 12, 1):
        days.append(day)
        day -= timedelta(days=7)
    return days


def _line(who, holder, facts, prefix=""):
    """Return one line's rows: events aside, all that the facts tell of it."""

    def told(words):
        found = re.findall(rf"(?:^| · ){prefix}{words} (\S+)", facts)
        return found[-1] if found else None

    bill = {"subscriber_id": who, "amount_due": told("billed") or 100}
    bills = [{**bill, "bill_month": f"{month}-01"} for month in ("2024-12", "2025-01", "2025-02")]
    if told("unpaid since"):
        bills.append({**bill, "bill_month": "2024-10-01", "due_on": told("unpaid since")})
    used = _weekly(date.fromisoformat(told("used until") or "2025-05-30"))
    used += re.findall(rf"(?:^| · ){prefix}used (2\S+)", facts)
    calls = [
        {"subscriber_id": who, "started_at": day, "direction": "out", "kind": "voice"}
        for day in used
    ]
    listed = {
        "subscriber_id": who,
        "customer_id": holder,
        "activated_on": "2020-01-01",
        "key_account_classes": "important" if "key account" in facts else None,
    }
    first = {**listed, "contract_ends_on": told("contract to")}
    return (
        bills,
        calls,
        first,
        {**first, "contract_ends_on": told("renewed to") or told("contract to")},
    )


def _world():
    """Return the tables of all histories, each subscriber named by its rule."""
    events, bills, calls, before, after = [], [], [], [], []
    for row in HISTORIES:
        who, facts = row["rule"], row["facts"]
        own = _events(row["history"], who)
        if "goes on as the other line" in facts:
            own[-1]["successor_id"] = who + OTHER
        events += own
        lines = [(who, "")]
        other = re.search(r"other line: ([^·]*)", facts)
        if other:
            events += _events(other[1].strip(), who + OTHER, separator=", ")
            lines.append((who + OTHER, "other line "))
        for line, prefix in lines:
            owed, used, first, later = _line(line, who, facts, prefix)
            bills += owed
            calls += used
            before.append(first)
            after.append(later)
    return {
        "status_events": events,
        "bills": bills,
        "calls": calls,
        "subscribers": [("2025-02-28", "2025-02-27", before), ("2025-05-14", "2025-05-31", after)],
    }


@pytest.fixture(scope="module")
def found(decided):
    """Return reading -> subscriber -> outcome row, of all histories."""
    world = _world()
    return {reading: decided(world, **labels) for reading, labels in READINGS.items()}


@pytest.mark.parametrize("row", HISTORIES, ids=[row["rule"] for row in HISTORIES])
def test_history(found, row):
    """A history ends as each definition says, by default on the day and for the reason it says."""
    ends = {reading: found[reading][row["rule"]]["outcome"] for reading in READINGS}
    assert ends == {reading: row[reading] for reading in READINGS}
    default = found["default"][row["rule"]]
    assert default["event_on"] == (date.fromisoformat(row["on"]) if row["on"] else None)
    assert default["detail"] == row["because"]
    assert [flag for flag in FLAGS if default[flag]] == [n for n in row["notes"].split(", ") if n]


def test_every_subscriber_has_one_outcome(found):
    """Each subscriber with a state on record appears once, whatever became of it."""
    named = {row["rule"] for row in HISTORIES}
    for rows in found.values():
        assert {who.removesuffix(OTHER) for who in rows} == named


def test_there_are_enough_histories_and_every_definition_is_told_apart():
    """Fifty histories at least, no rule twice; each definition differs from the default in some."""
    assert len({row["rule"] for row in HISTORIES}) == len(HISTORIES) >= 50
    for reading in list(READINGS)[1:]:
        assert any(row[reading] != row["default"] for row in HISTORIES), reading
    chosen = {labels.get("definition", "default") for labels in READINGS.values()}
    assert chosen == set(DEFINITIONS)


def test_histories_show_every_shipped_code_and_every_outcome():
    """No code of the shipped table and no outcome is without a worked history."""
    shown = {event.rsplit(" ", 1)[1] for row in HISTORIES for event in row["history"].split(" · ")}
    chinese = {state.codes[0] for state in STATES.values()} | {"正常", "双停"}
    assert chinese <= shown
    # A win-back is named by itself only where the settings say so; off record is no history.
    assert {row["default"] for row in HISTORIES} == set(OUTCOMES) - {
        "won_back",
        "re_entered",
        "off_record",
    }
