"""What kept most subscribers out of a panel, and what the user is told to do about it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from churn.errors import ExtractError, GateError
from churn.panel.manifest import SnapshotCounts
from pipelines.ingest import take_in
from pipelines.models.training import Training
from pipelines.panel import build
from pipelines.run import open_run
from tests.pipelines.tiny import changed, deliver


def counts(eligible: int, **left_out: int) -> SnapshotCounts:
    """Return the counts of a snapshot, as far as they matter here."""
    return SnapshotCounts(
        snapshot=date(2025, 1, 1),
        eligible=eligible,
        left_out=left_out,
        base_rates={},
        observed_rates={},
        ages={},
        parts={},
    )


@pytest.mark.parametrize(
    ("snapshot", "missing"),
    [
        (counts(39, no_status=61), ("no_status", 0.61)),
        (counts(60, no_status=15, too_new=25), ("too_new", 0.25)),
        (counts(90, no_status=10), None),
        (counts(10, gone=900, off_the_books=90), None),
        (counts(50, gone=900, no_status=50), ("no_status", 0.5)),
        (counts(0), None),
    ],
)
def test_the_reason_that_left_most_out(snapshot: SnapshotCounts, missing: Any) -> None:
    """Those who have gone are missed by nobody; of the others a large part is told."""
    assert snapshot.missing == missing


@pytest.mark.parametrize(
    ("snapshot", "remedy"),
    [
        (counts(39, no_status=61), "61% are left out: no service state on record; deliver a serv"),
        (counts(100), "deliver more history, or see which rule failed"),
    ],
)
def test_without_a_model_the_remedy_names_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotCounts, remedy: str
) -> None:
    """More history is no remedy where most subscribers lack a state."""
    panel: Any = SimpleNamespace(
        as_of=date(2025, 3, 1), manifest=lambda: SimpleNamespace(snapshots=[snapshot])
    )
    audit = SimpleNamespace(require_none_open=lambda _: None)
    monkeypatch.setattr(Training, "audit", lambda _: audit)
    monkeypatch.setattr(Training, "lines", lambda _: ["active: off: 34 churners"])
    stage: Any = None
    with pytest.raises(GateError) as caught:
        Training(stage, panel, champion_in_place=False).require_champion()
    assert remedy in caught.value.do


def test_an_empty_panel_is_an_error_that_names_what_is_missing(tmp_path: Path) -> None:
    """Without a day of activation nobody has the state in which all begin."""
    months = [date(2024 + n // 12, n % 12 + 1, 1) for n in range(1, 15)]
    lines = [{"subscriber_id": f"L{n}", "product": "mobile"} for n in range(40)]
    settings = deliver(
        tmp_path,
        {
            "subscribers": {f"{month}": lines for month in months},
            "status_events": {
                f"{month}": [
                    {
                        "subscriber_id": f"L{at}",
                        "effective_at": f"{month - timedelta(days=9)} 10:00:00",
                        "status": "left",
                    }
                ]
                for at, month in enumerate(months)
            },
        },
    )
    with changed(settings, states={"initial_state": "in_service"}), open_run(settings) as run:
        take_in(run)
        with pytest.raises(ExtractError, match="the panel is empty") as error:
            build(run)
    assert "are left out: no service state on record; deliver a service state" in error.value.do
