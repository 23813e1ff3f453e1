"""``churn ingest``: the delivered files into the canonical tables, dirty as they are."""

from __future__ import annotations

import churn.ingest
from churn import states
from churn.ingest import IngestReport
from pipelines.run import Run


def ingest(run: Run) -> IngestReport:
    """Read what is new, register it, and refuse state codes that the settings do not know.

    Raises
    ------
    ExtractError
        If a table breaks its contract beyond its limit, or a state code is unknown.
    """
    with run.stages.noted("ingest", None) as note:
        report = churn.ingest.ingest(
            run.settings.ingest,
            run.base,
            run.workspace,
            run.engine,
            code_version=run.ingest_version,
        )
        _require_known_codes(run)
        note.text = report.summary()
        if report.unchanged:
            note.skip(report.summary())
    return report


def _require_known_codes(run: Run) -> None:
    tables = run.tables
    if not tables.deliveries:
        return
    last = max(delivery.delivered_on for delivery in tables.deliveries)
    events = tables.known_at(last).status_events
    counted = run.engine.to_arrow(
        states.unknown_codes(events, run.settings.states), order_by=["status"]
    )
    states.require_known_codes(
        dict(zip(counted["status"].to_pylist(), counted["rows"].to_pylist(), strict=True))
    )
