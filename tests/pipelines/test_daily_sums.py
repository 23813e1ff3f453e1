"""Sums of large deliveries by subscriber and day: kept, renewed, and gone with what they sum."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipelines import ingest
from pipelines.run import Run, open_run
from pipelines.workspace.erase import erase_person
from tests.pipelines.tiny import changed, deliver

NIGHT = "2025-03-01"


def _calls(day: str, *minutes: int) -> list[dict[str, object]]:
    return [
        {
            "subscriber_id": f"line-{who}",
            "peer_id": "line-0",
            "started_at": f"{day} 10:{minute:02}:00",
            "seconds": 60,
            "direction": "out",
            "kind": "voice",
        }
        for who in range(3)
        for minute in minutes
    ]


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """Return settings of three lines whose calls came in two deliveries, a large and a small."""
    lines = [
        {"subscriber_id": f"line-{who}", "activated_on": "2024-01-01", "product": "mobile"}
        for who in range(3)
    ]
    begun = [
        {
            "subscriber_id": line["subscriber_id"],
            "effective_at": "2024-01-01 00:00:00",
            "status": "在用",
        }
        for line in lines
    ]
    return deliver(
        tmp_path,
        {
            "subscribers": {NIGHT: lines},
            "status_events": {NIGHT: begun},
            "calls": {
                "2025-02-01": _calls("2025-01-20", 1, 2, 3),
                NIGHT: _calls("2025-02-20", 1),
            },
        },
    )


def _kept(run: Run) -> list[str]:
    return sorted(path.name.split("-")[2] for path in run.workspace.sums.glob("calls/*"))


def _rows(run: Run) -> Iterator[int]:
    return (pq.read_metadata(path).num_rows for path in run.workspace.sums.glob("calls/*"))


def test_sums_of_large_deliveries_are_kept(settings: Path) -> None:
    """Nothing is summed unless settings say from how many records on; sums go with the setting."""
    with open_run(settings) as run:
        ingest.take_in(run)
        assert not run.workspace.sums.exists()
    with changed(settings, features={"daily_sums_from": 9}):
        with open_run(settings) as run:
            ingest.take_in(run)
            (kept,) = run.workspace.sums.glob("calls/*")
            assert pq.read_table(kept)["uses"].to_pylist() == [3, 3, 3]
            summed = [d for d in run.tables.deliveries if d.summed]
            assert [d.delivered_on for d in summed] == [date(2025, 2, 1)]
            before = kept.stat().st_mtime_ns
        with open_run(settings) as run:
            ingest.take_in(run)
            assert kept.stat().st_mtime_ns == before
            (kept.parent / "half-written.parquet.partial").touch()
            ingest.take_in(run)
            assert list(kept.parent.iterdir()) == [kept]
    with open_run(settings) as run:
        ingest.take_in(run)
        assert list(run.workspace.sums.glob("calls/*")) == []
        assert not any(d.summed for d in run.tables.deliveries)


def test_sums_go_with_the_rows_they_sum(settings: Path) -> None:
    """A delivery that came again is summed anew, and nobody erased stays in a sum."""
    with changed(settings, features={"daily_sums_from": 1}), open_run(settings) as run:
        ingest.take_in(run)
        assert list(_rows(run)) == [3, 3]
        (again,) = (settings.parent / "extracts").glob("calls_*_2025-02-01.csv")
        again.write_text(
            "\n".join(
                line for line in again.read_text("utf-8").splitlines() if "line-2" not in line
            ),
            encoding="utf-8",
        )
        ingest.take_in(run)
        assert sorted(_rows(run)) == [2, 3]
        erase_person(run, "line-1")
        assert not any(_rows(run))  # the small delivery is summed anew by the next ingest
        ingest.take_in(run)
        assert sorted(_rows(run)) == [1, 2]
