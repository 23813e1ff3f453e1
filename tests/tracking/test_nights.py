"""Nights as metrics: added once, whole, in the order of time."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from churn.evaluation.intervals import Interval
from churn.monitoring.record import Head, NightOfHead, Record
from churn.report.runs.nights import night_metrics
from churn.tracking.nights import record_nights, unrecorded
from churn.tracking.store import Store

RATIO = Interval(value=1.2, lower=1.0, upper=1.4)
FIRST, SECOND = date(2025, 4, 1), date(2025, 5, 1)


def _record(as_of: date) -> Record:
    night = NightOfHead(
        night=date(2025, 1, 1), trained_as_of="2024-12-01", promised=90, chances_alone=0.04,
        final=91, metrics={"observed_expected": RATIO, "average_precision": RATIO},
    )  # fmt: skip
    waiting = NightOfHead(
        night=date(2025, 2, 1), trained_as_of="2024-12-01", promised=70, chances_alone=float("nan")
    )
    head = Head(nights=(night, waiting), segments=())
    return Record(
        as_of=as_of, observed_through=date(2025, 3, 31), references=(), looks=12,
        heads={"active": head}, watched=(), alarms=(), passed_over={}, model_age=40,
    )  # fmt: skip


def test_nights_are_added_once(tmp_path: Path) -> None:
    """What is told of a head is of its latest night of which anything is told; no NaN is logged."""
    store = Store(tmp_path / "mlflow").open_to_write()
    nights = {FIRST: night_metrics(_record(FIRST))}
    assert unrecorded(store, nights)
    assert record_nights(store, nights) == 1
    assert not unrecorded(store, nights)
    assert record_nights(store, nights) == 0
    nights[SECOND] = {"alarms": 2.0, "active/observed_expected": float("nan")}
    assert record_nights(store, nights) == 1
    (run,) = store.client.search_runs([store.experiment.experiment_id], "tags.kind = 'nights'")

    def points(name: str) -> list[tuple[int, float]]:
        history = store.client.get_metric_history(run.info.run_id, name)
        return sorted((point.step, point.value) for point in history)

    assert points("alarms") == [(FIRST.toordinal(), 0.0), (SECOND.toordinal(), 2.0)]
    assert points("active/observed_expected") == [(FIRST.toordinal(), 1.2)]
    assert points("active/promised") == [(FIRST.toordinal(), 90.0)]
    assert points("model_age") == [(FIRST.toordinal(), 40.0)]
