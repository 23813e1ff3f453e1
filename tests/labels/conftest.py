"""Outcomes and stories by any definition, from little tables."""

from __future__ import annotations

from datetime import date

import pytest

from churn.labels import LabelSettings, explain, outcomes
from churn.states import StateSettings
from churn.windows import TimeSettings

SNAPSHOT = date(2025, 3, 1)
AS_OF = date(2026, 1, 1)


@pytest.fixture(scope="session")
def decided(rows_as_tables, engine):
    """Return the outcome rows by subscriber, of tables and the settings of a definition."""

    def run(tables, *, snapshot=SNAPSHOT, as_of=AS_OF, **labels):
        known = rows_as_tables(tables).known_at(as_of)
        definition = LabelSettings(**labels).chosen
        rows = outcomes(known, snapshot, TimeSettings(), StateSettings(), definition)
        found = engine.to_arrow(rows).to_pylist()
        told = {row["subscriber_id"]: row for row in found}
        assert len(told) == len(found)
        return told

    return run


@pytest.fixture(scope="session")
def told(rows_as_tables, engine):
    """Return the lines of one subscriber's story."""

    def run(tables, who, *, language="en", snapshot=SNAPSHOT, as_of=AS_OF, **labels):
        known = rows_as_tables(tables).known_at(as_of)
        story = explain(
            known,
            who,
            snapshot,
            TimeSettings(),
            StateSettings(),
            language=language,
            to_arrow=engine.to_arrow,
            definition=LabelSettings(**labels).chosen,
        )
        return story.lines

    return run
