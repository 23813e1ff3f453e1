"""A definition reads the tables it declares, and nothing later than its labels' last day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from churn.errors import LeakError
from churn.labels import DEFAULT, outcomes
from churn.labels.deciding import first_decides, judged
from churn.labels.evidence import DeclaredTables
from churn.states import StateSettings, departures
from churn.windows import TimeSettings

SNAPSHOT = date(2025, 3, 1)
HORIZON = date(2025, 5, 15)
TIME = TimeSettings()
EVENTS = [{"subscriber_id": "a", "effective_at": "2024-01-01", "status": "在用"}]


@pytest.fixture
def known(rows_as_tables):
    """Return what a later day knows: facts up to the horizon and after it."""
    listed = {"subscriber_id": "a", "activated_on": "2024-01-01"}
    return rows_as_tables(
        {
            "status_events": EVENTS,
            "subscribers": [
                ("2025-03-01", "2025-02-28", [{**listed, "plan": "old"}]),
                ("2025-06-01", "2025-05-31", [{**listed, "plan": "new"}]),
            ],
            "calls": [
                {"subscriber_id": "a", "started_at": at}
                for at in ("2025-05-15 23:59:59", "2025-05-16 00:00:00")
            ],
            "bills": [
                {"subscriber_id": "a", "bill_month": month, "amount_due": 1}
                for month in ("2025-04-01", "2025-05-01")
            ],
        }
    ).known_at(date(2025, 7, 1))


def test_a_table_that_is_not_declared_cannot_be_read(known):
    """The error names the definition and the table."""

    def peep(evidence):
        return first_decides(
            evidence,
            judged(departures(evidence.spans, evidence.states), SNAPSHOT, TIME).semi_join(
                evidence.known.calls, "subscriber_id"
            ),
        )

    peeping = replace(DEFAULT, name="peeping", judge=None, settle=peep)
    with pytest.raises(LeakError) as caught:
        outcomes(known, SNAPSHOT, TIME, StateSettings(), peeping)
    assert str(caught.value) == (
        "definition peeping reads calls, which it does not declare\n"
        "  where  churn/labels\n"
        "  do     name calls among the tables that the definition reads"
    )
    declaring = replace(peeping, reads=("status_events", "calls"))
    assert outcomes(known, SNAPSHOT, TIME, StateSettings(), declaring).columns


def test_nothing_after_the_horizon_is_seen(known, engine):
    """Days end with it, months are whole, and a whole table is read as that day knew it."""
    tables = DeclaredTables(known, ("calls", "bills", "subscribers"), HORIZON, definition="any")
    seen = {name: engine.to_arrow(tables.table(name)).to_pylist() for name in ("calls", "bills")}
    assert [row["started_at"].date() for row in seen["calls"]] == [HORIZON]
    assert [row["bill_month"] for row in seen["bills"]] == [date(2025, 4, 1)]
    assert engine.to_arrow(tables.subscribers)["plan"].to_pylist() == ["old"]


def test_the_snapshots_own_knowledge_is_as_restricted(known):
    """What the snapshot knew can be asked for, of the declared tables alone."""
    then = DeclaredTables(known, ("subscribers",), HORIZON, definition="any").at(SNAPSHOT)
    assert then.horizon == SNAPSHOT
    assert then.has("subscribers")
    with pytest.raises(LeakError, match="any reads bills"):
        then.has("bills")
    with pytest.raises(AttributeError):
        _ = then.ledgers


def test_an_earlier_day_cannot_tell_a_later_one(known):
    """What is known on a day does not tell what was known after it."""
    with pytest.raises(ValueError, match="does not tell"):
        known.at(date(2025, 7, 2))


@pytest.mark.parametrize(("named", "outcome"), [(False, "administrative"), (True, "won_back")])
def test_a_win_back_can_be_an_outcome_of_its_own(decided, named, outcome):
    """Undone within the win-back period; other administrative ends keep their name."""
    events = [
        *EVENTS,
        {"subscriber_id": "a", "effective_at": "2025-03-20", "status": "退网停机"},
        {"subscriber_id": "a", "effective_at": "2025-03-28", "status": "在用"},
        {"subscriber_id": "b", "effective_at": "2024-01-01", "status": "在用"},
        {"subscriber_id": "b", "effective_at": "2025-03-20", "status": "死亡"},
    ]
    found = decided({"status_events": events}, win_back_outcome=named)
    assert {who: row["outcome"] for who, row in found.items()} == {
        "a": outcome,
        "b": "administrative",
    }


def test_a_number_issued_anew_is_no_return(decided):
    """In service after the lock is another holder's; before it, churn that came back."""
    events = [
        {"subscriber_id": who, "effective_at": at, "status": code}
        for who, back in (("same", "2025-09-19"), ("other", "2025-09-20"))
        for at, code in (("2024-01-01", "在用"), ("2025-03-20", "强拆销号"), (back, "在用"))
    ]
    found = decided({"status_events": events})
    assert {who: (row["outcome"], row["returned_late"]) for who, row in found.items()} == {
        "same": ("passive", True),
        "other": ("passive", False),
    }
