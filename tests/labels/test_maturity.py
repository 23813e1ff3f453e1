"""Labels are refused, by name, until all that could change them has been observed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from churn.errors import LeakError
from churn.labels import DEFAULT, LabelSettings, is_mature, outcomes, require_mature
from churn.labels.maturity import mature_snapshots
from churn.states import StateSettings
from churn.windows import TimeSettings

SNAPSHOT = date(2025, 3, 1)
NEEDED = date(2025, 5, 15)  # 1 March + 15 + 30 + 30
TIME = TimeSettings()
EVENTS = [{"subscriber_id": "a", "effective_at": "2024-01-01", "status": "在用"}]


@pytest.fixture
def known_through(rows_as_tables):
    """Return what is known when the events are observed through a day."""

    def run(day, as_of=None):
        delivered = day + timedelta(days=4)
        tables = rows_as_tables({"status_events": [(delivered, day, EVENTS)]})
        return tables.known_at(as_of or delivered)

    return run


def test_a_label_is_final_on_the_day_its_last_fact_is_observed(known_through):
    """Snapshot + lead + outcome + the longer of grace and win-back must have been observed."""
    require_mature(known_through(NEEDED), SNAPSHOT, TIME)
    assert not is_mature(known_through(NEEDED - timedelta(days=1)), SNAPSHOT, TIME, DEFAULT)


@pytest.mark.parametrize(("grace", "win_back"), [(40, 10), (10, 40)])
def test_the_longer_of_grace_and_win_back_counts(known_through, grace, win_back):
    """Either allowance can be the one that keeps a label open."""
    time = TimeSettings(grace=grace, win_back=win_back)
    needed = NEEDED + timedelta(days=10)
    assert is_mature(known_through(needed), SNAPSHOT, time, DEFAULT)
    assert not is_mature(known_through(needed - timedelta(days=1)), SNAPSHOT, time, DEFAULT)


def test_an_immature_label_is_refused_by_name(known_through):
    """The error names the snapshot, the day needed, the day observed and the latest snapshot."""
    known = known_through(date(2025, 4, 30))
    with pytest.raises(LeakError) as caught:
        outcomes(known, SNAPSHOT, TIME, StateSettings())
    assert caught.value.exit_code == 12
    assert str(caught.value) == (
        "the labels of snapshot 2025-03-01 are not final before 2025-05-15: "
        "status_events is observed through 2025-04-30\n"
        "  where  labels, definition default, as of 2025-05-04\n"
        "  do     choose a snapshot up to 2025-02-14, or ingest deliveries that cover 2025-05-15"
    )


def test_a_delivery_that_is_not_known_yet_matures_nothing(rows_as_tables):
    """As of a day before the closing delivery, the label is still open."""
    tables = rows_as_tables(
        {
            "status_events": [
                ("2025-05-04", "2025-04-30", EVENTS),
                ("2025-06-04", "2025-05-31", []),
            ]
        }
    )
    assert not is_mature(tables.known_at(date(2025, 6, 3)), SNAPSHOT, TIME, DEFAULT)
    assert is_mature(tables.known_at(date(2025, 6, 4)), SNAPSHOT, TIME, DEFAULT)


def test_a_claim_to_cover_the_future_matures_nothing(rows_as_tables):
    """Whatever a delivery says it covers, nothing on or after the day itself was observed."""
    tables = rows_as_tables({"status_events": [("2025-03-02", "2025-12-31", EVENTS)]})
    assert not is_mature(tables.known_at(NEEDED - timedelta(days=1)), SNAPSHOT, TIME, DEFAULT)


def test_without_events_there_are_no_labels(rows_as_tables):
    """A table that was never delivered is named."""
    known = rows_as_tables({"bills": []}).known_at(date(2025, 6, 1))
    with pytest.raises(LeakError, match="status_events was never delivered"):
        require_mature(known, SNAPSHOT, TIME)


def test_mature_snapshots_come_in_order(known_through):
    """Of candidate snapshots those with final labels remain."""
    months = [date(2025, month, 1) for month in (4, 3, 2, 1)]
    found = mature_snapshots(months, known_through(NEEDED), TIME)
    assert found == [date(2025, 1, 1), date(2025, 2, 1), date(2025, 3, 1)]


def test_an_unknown_definition_is_refused_in_domain_words():
    """The settings name the definitions there are."""
    assert LabelSettings().chosen.name == DEFAULT.name
    with pytest.raises(ValidationError, match="there is no definition unicom; there are default"):
        LabelSettings(definition="unicom")
