"""Re-entries that were planted in an operator are recognised from its deliveries, and told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from churn import labels
from churn.sample import generate
from churn.windows import add_months
from pipelines import ingest
from pipelines.identities import own_ids
from pipelines.run import open_run
from tests.once import Once
from tests.pipelines.conftest import Deployment

TABLES = ("subscribers", "status_events", "calls")
START, MONTHS = date(2023, 1, 1), 6


@pytest.fixture(scope="module")
def operator(once: Once) -> Path:
    """Return an operator of whose mobile leavers half begin anew, and as many neighbours begin."""
    return once(
        "re_entries",
        lambda folder: generate(
            folder,
            customers=2000,
            months=MONTHS,
            seed=11,
            calls_per_month=20,
            dirty=False,
            re_entries=0.5,
        ),
    )


def test_the_truth_is_what_the_books_show(operator: Path) -> None:
    """Another number of another customer, on the books from the day told on."""
    told = pq.read_table(operator / "truth" / "re_entries.parquet").to_pylist()
    assert len(told) > 100
    last = max((operator / "extracts" / "subscribers").iterdir())
    people = {str(row["subscriber_id"]): row for row in pacsv.read_csv(last).to_pylist()}
    assert len({row["earlier_id"] for row in told}) == len(told)
    present = [row for row in told if row["subscriber_id"] in people]
    assert len(present) > 0.7 * len(told)
    assert all(people[row["subscriber_id"]]["activated_on"] == row["began_on"] for row in present)
    assert all(people[row["subscriber_id"]]["product"] == "mobile" for row in present)
    assert all(-10 <= (row["began_on"] - row["left_on"]).days <= 25 for row in told)


@pytest.mark.slow(30)
def test_nine_in_ten_of_the_recognised_are_planted(
    operator: Path, tmp_path: Path, deploy_in: Callable[..., Deployment]
) -> None:
    """And a third of the planted are recognised, though twenty calls a month show few contacts.

    Off, as shipped, the same departures are churn, and nobody else's label differs.
    """

    def few(settings: dict[str, Any]) -> None:
        tables = settings["ingest"]["tables"]
        settings["ingest"]["tables"] = {name: tables[name] for name in TABLES}
        settings["labels"] = {"re_entry": True}

    deployed = deploy_in(tmp_path / "deployed", operator, few)
    truth = pq.read_table(operator / "truth" / "re_entries.parquet")["earlier_id"].to_pylist()
    found, departed = set(), set()
    with open_run(deployed.settings) as run:
        ingest.take_in(run)
        names = own_ids(run)
        settings = run.settings
        now = run.tables.known_at(add_months(START, MONTHS))

        def outcomes(snapshot: date, definition: labels.LabelDefinition) -> dict[str, Any]:
            rows = labels.outcomes(now, snapshot, settings.time, settings.states, definition)
            return {row["subscriber_id"]: row for row in run.engine.to_arrow(rows).to_pylist()}

        for snapshot in (add_months(START, month) for month in range(4)):
            on, off = (
                outcomes(snapshot, each) for each in (settings.labels.chosen, labels.DEFAULT)
            )
            moved = {who for who, row in on.items() if row != off[who]}
            assert all(on[who] == {**off[who], "outcome": "re_entered"} for who in moved)
            assert {off[who]["outcome"] for who in moved} <= {"active", "passive", "gone"}
            found |= {names[who] for who in moved}
            departed |= {names[who] for who, row in off.items() if row["outcome"] != "none"}
    planted = departed.intersection(truth)
    assert len(found) > 20
    assert len(found & planted) >= 0.9 * len(found)
    assert len(found & planted) >= len(planted) / 3
