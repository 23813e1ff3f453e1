"""Outcomes while more may come: what is seen by now, and what is not said before it is seen."""

from __future__ import annotations

from datetime import date

import pytest

from churn.errors import LeakError
from churn.labels import LabelSettings, outcomes, so_far
from churn.states import StateSettings
from churn.windows import TimeSettings

SNAPSHOT = date(2025, 3, 1)
EVENTS = (
    ("left", "2025-03-20", "退网停机"),
    ("late", "2025-04-10", "退网停机"),
    ("paid", "2025-03-18", "双停"),
    ("paid", "2025-04-02", "在用"),
)


@pytest.fixture
def seen(rows_as_tables, engine):
    """Return outcomes so far by subscriber, as a day knew them; monthly deliveries."""
    months = (("2025-01-01", "2025-02-28"), ("2025-03-01", "2025-03-31"),
              ("2025-04-01", "2025-04-30"), ("2025-05-01", "2025-05-31"),
              ("2025-06-01", "2025-06-30"))  # fmt: skip
    first = [(who, "2024-01-01", "在用") for who in ("left", "late", "paid", "stays")]
    deliveries = []
    for begins, ends in months:
        rows = [
            {"subscriber_id": who, "effective_at": at, "status": code}
            for who, at, code in (*first, *EVENTS)
            if (at <= ends and (at >= begins or begins == "2025-01-01"))
        ]
        day = date.fromisoformat(ends)
        deliveries.append((date(day.year, day.month + 1, 1), ends, rows or []))
    tables = rows_as_tables({"status_events": deliveries}, mode="append")

    def run(day, **labels):
        rows = so_far(
            tables.known_at(day), SNAPSHOT, TimeSettings(), StateSettings(),
            LabelSettings(**labels).chosen,
        )  # fmt: skip
        return {row["subscriber_id"]: row["outcome"] for row in engine.to_arrow(rows).to_pylist()}

    return run, tables


def test_outcomes_come_with_their_deliveries(seen):
    """A departure counts once it is delivered; a suspension counts until its payment is."""
    run, _ = seen
    assert run(date(2025, 3, 31))["left"] == "none"
    april = run(date(2025, 4, 1))
    assert (april["left"], april["late"], april["paid"]) == ("active", "none", "passive")
    may = run(date(2025, 5, 1))
    assert (may["left"], may["late"], may["paid"], may["stays"]) == (
        "active", "active", "none", "none",
    )  # fmt: skip


def test_in_the_end_they_are_the_outcomes(seen, engine):
    """Once all is observed, both say the same; before, the outcomes themselves are refused."""
    run, tables = seen
    known = tables.known_at(date(2025, 7, 1))
    final = engine.to_arrow(outcomes(known, SNAPSHOT, TimeSettings(), StateSettings()))
    assert run(date(2025, 7, 1)) == {
        row["subscriber_id"]: row["outcome"] for row in final.to_pylist()
    }
    with pytest.raises(LeakError, match="are not final"):
        outcomes(tables.known_at(date(2025, 4, 1)), SNAPSHOT, TimeSettings(), StateSettings())


def test_a_table_that_never_came(seen):
    """Silence cannot be seen where nothing tells of use."""
    run, _ = seen
    with pytest.raises(LeakError, match="usage_monthly was never delivered"):
        run(date(2025, 4, 1), definition="inactivity")


def test_a_silence_still_to_come_is_none(rows_as_tables, engine):
    """Silent since January, 90 days reached in April: not said in March, although it is likely."""
    rows = [{"subscriber_id": "quiet", "effective_at": "2024-01-01", "status": "在用"}]
    used = [{"subscriber_id": "quiet", "month": "2024-12-01", "voice_out_minutes": 5}]
    for ends, outcome in (("2025-03-20", "none"), ("2025-04-20", "active")):
        tables = rows_as_tables(
            {
                "status_events": [("2025-01-01", ends, rows)],
                "usage_monthly": [("2025-01-01", ends, used)],
            }
        )
        found = so_far(
            tables.known_at(date(2025, 4, 25)), SNAPSHOT, TimeSettings(), StateSettings(),
            LabelSettings(definition="inactivity").chosen,
        )  # fmt: skip
        (row,) = engine.to_arrow(found).to_pylist()
        assert row["outcome"] == outcome
