"""The nights in the store: one run whose metrics go on from night to night."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime

from churn.tracking.library import entities, registry_errors
from churn.tracking.store import Store

KIND = "nights"
WATCHED = "nights_watched"
"""The metric that every night has: which nights are there already is told by it."""
NOTE = """What was watched, night by night. Step and time are the night's; steps count days since \
0001-01-01. `observed_expected` is that of the latest night of which anything is told, \
half-matured while it is; `average_precision` is of the latest final one, and `chances_alone` \
what its chances promised of themselves."""


def record_nights(store: Store, nights: Mapping[date, Mapping[str, float]]) -> int:
    """Add the figures of nights that are not there yet; return how many nights were added.

    Only for who holds the workspace. A night is added whole or not at all.

    Raises
    ------
    ModelError
        If the store cannot be used.
    """
    if not nights:
        return 0
    with registry_errors(store.database.name):
        run = _run(store)
        known = {point.step for point in store.client.get_metric_history(run, WATCHED)}
        missing = [night for night in sorted(nights) if night.toordinal() not in known]
        for night in missing:
            at = datetime(night.year, night.month, night.day, tzinfo=UTC)
            figures = {WATCHED: 1.0, **nights[night]}
            points = [
                entities.Metric(name, value, int(at.timestamp() * 1000), night.toordinal())
                for name, value in figures.items()
                if math.isfinite(value)
            ]
            store.client.log_batch(run, metrics=points)
    return len(missing)


def unrecorded(store: Store, nights: Mapping[date, Mapping[str, float]]) -> bool:
    """Tell whether a night is not in the store yet; reads only."""
    with registry_errors(store.database.name):
        found = _found(store)
        known = (
            {point.step for point in store.client.get_metric_history(found, WATCHED)}
            if found
            else set()
        )
    return any(night.toordinal() not in known for night in nights)


def _found(store: Store) -> str | None:
    runs = store.client.search_runs([store.experiment.experiment_id], f"tags.kind = '{KIND}'")
    return str(runs[0].info.run_id) if runs else None


def _run(store: Store) -> str:
    """Return the run of the nights; it is begun once."""
    found = _found(store)
    if found is not None:
        return found
    tags = {"kind": KIND, "mlflow.source.name": "churn monitor", "mlflow.note.content": NOTE}
    run = store.client.create_run(store.experiment.experiment_id, tags=tags, run_name="nights")
    store.client.set_terminated(run.info.run_id, "FINISHED")
    return str(run.info.run_id)
