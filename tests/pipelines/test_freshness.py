"""How old data may be to be scored: nobody is scored from what a table once said."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from churn.errors import ExtractError
from churn.panel import PanelSettings
from churn.tables import Known
from pipelines.freshness import require_fresh, watched

NIGHT = date(2025, 5, 12)


def known(rows_as_tables: Any, **through: str) -> Known:
    """Deliver empty tables on the eve, each covering the days through the one given."""
    every = {"subscribers": "2025-05-11", "status_events": "2025-05-11"} | through
    tables = {name: [("2025-05-11", day, [])] for name, day in every.items()}
    found: Known = rows_as_tables(tables).known_at(NIGHT)
    return found


@pytest.mark.parametrize("table", ["subscribers", "status_events", "bills", "calls", "arrears"])
def test_a_table_older_than_max_age_is_refused(rows_as_tables: Any, table: str) -> None:
    """Required or a history delivered: through 27 March is 45 days before the night, 26 is more."""
    for through, fresh in (("2025-03-27", True), ("2025-03-26", False)):
        then = known(rows_as_tables, **{table: through})
        names = watched(then, PanelSettings())
        if fresh:
            require_fresh(then, names, 45)
            continue
        with pytest.raises(ExtractError, match=f"{table} was observed through {through}") as e:
            require_fresh(then, names, 45)
        assert e.value.exit_code == 11
        assert "max_age" in e.value.do
        assert ("panel.history_tables" in e.value.do) is (table in PanelSettings().history_tables)


def test_a_table_of_rare_events_does_not_grow_old(rows_as_tables: Any) -> None:
    """That nobody was surveyed for a year is no reason to score nobody."""
    then = known(rows_as_tables, surveys="2024-05-01")
    require_fresh(then, watched(then, PanelSettings()), 45)


def test_a_table_never_delivered_is_not_missed(rows_as_tables: Any) -> None:
    """An operator without usage sums needs none; one without subscribers is refused."""
    then = known(rows_as_tables)
    assert watched(then, PanelSettings()) == ("subscribers", "status_events")
    before = rows_as_tables({}).known_at(NIGHT)
    with pytest.raises(ExtractError, match="no delivery of subscribers was known"):
        require_fresh(before, watched(before, PanelSettings()), 45)


def test_the_age_counts_the_days_between(rows_as_tables: Any) -> None:
    """Data through the eve is 0 days old; what claims the future is no younger."""
    ages = [
        known(rows_as_tables, bills=through).age("bills")
        for through in ("2025-05-10", "2025-05-11", "2025-05-12", "2025-06-30")
    ]
    assert ages == [1, 0, 0, 0]
    assert known(rows_as_tables).age("calls") is None
