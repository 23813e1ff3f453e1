"""Recording a training in the workspace's MLflow store, and naming champion and challenger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from importlib.metadata import version
from typing import TYPE_CHECKING

from churn.errors import ChurnError
from churn.learning import Bundle
from churn.monitoring.promotion import Decision
from churn.monitoring.record import RECORD, Record
from churn.report.decisions import decision_metrics, decision_tags
from churn.report.runs.nights import night_metrics
from churn.store.atomic import storage_errors
from churn.tracking import RecordedTraining
from pipelines import pyfunc
from pipelines.audit import audit_of
from pipelines.models.champion import passing
from pipelines.models.training import Training
from pipelines.run import Run

if TYPE_CHECKING:
    from churn.tracking.registry import Version
    from churn.tracking.store import Store


def track(
    run: Run, training: Training, champion: Bundle | None, decision: Decision | None
) -> ChurnError | None:
    """Record a training unless it is there already, and name the champion that scores from now on.

    What was decided about its model is recorded with it.

    No list waits for the tracker: what it cannot do is told as a failed stage, and returned.
    """
    if not run.settings.tracking.enabled:
        return None
    try:
        _track(run, training, champion.fingerprint if champion else None, decision)
    except ChurnError as error:
        return error
    return None


def _track(run: Run, training: Training, champion: str | None, decision: Decision | None) -> None:
    from churn.tracking.nights import record_nights  # noqa: PLC0415 - MLflow takes seconds
    from churn.tracking.recording import record  # noqa: PLC0415 - as above
    from churn.tracking.store import Store  # noqa: PLC0415 - as above

    store = Store(run.workspace.tracking)
    with run.stages.noted("track", training.as_of.isoformat()) as note:
        run.console.stage("track", "running")
        with storage_errors(run.workspace.tracking.name):
            recorded = record(store, entry(run, training))
            name_aliases(store, champion)
            if decision is not None:
                record_decision(store, decision)
            record_nights(store, watched(run))
        if recorded:
            note.text = f"training {training.as_of} recorded"
        else:
            note.skip("the training is recorded")


def watched(run: Run) -> dict[date, dict[str, float]]:
    """Return the figures of every night whose watch is stored."""
    return {
        record.as_of: night_metrics(record)
        for stage in run.stages.nights("monitor")
        if (path := stage.folder / RECORD).exists()
        and (record := Record.model_validate_json(path.read_bytes()))
    }


def entry(run: Run, training: Training) -> RecordedTraining:
    """Return what is recorded of a training."""
    from churn.report.runs.training import TrainingRecord, write_training  # noqa: PLC0415 - only where it is tracked

    bundle, settings = training.bundle(), run.settings
    training_record = TrainingRecord(
        as_of=training.as_of.isoformat(),
        content=training.stage.content,
        panel=training.panel.stage.content,
        settings=run.settings_fingerprint,
        bundle=bundle,
        model=passing(bundle) or bundle,
        test_scores=training.test_scores(),
        manifest=training.panel.manifest(),
        audit=audit_of(bundle),
        sections={
            "learning": settings.learning,
            "evaluation": settings.evaluation,
            "time": settings.time,
        },
        evaluation=settings.evaluation,
        language=settings.language,
    )
    return write_training(training_record, loader=pyfunc.__name__, requirements=requirements())


def requirements() -> tuple[str, ...]:
    """Return what a logged model needs, with versions."""
    return tuple(f"{name}=={version(name)}" for name in pyfunc.LIBRARIES)


def name_aliases(store: Store, champion: str | None) -> None:
    """Name the version that scores, and the latest training if it does not."""
    from churn.tracking.registry import (  # noqa: PLC0415 - MLflow takes seconds to import
        CHALLENGER,
        CHAMPION,
        name_versions,
        versions,
    )

    known = versions(store)
    scoring = version_of(known, champion)
    latest = known[-1].number if known else None
    name_versions(store, {CHAMPION: scoring, CHALLENGER: latest if latest != scoring else None})


def track_decision(run: Run, decision: Decision) -> ChurnError | None:
    """Record a decision about a model that was tracked, and who scores after it.

    No list waits for the tracker: what it cannot do is told as a failed stage, and returned.
    """
    if not run.settings.tracking.enabled or not run.workspace.tracking.is_dir():
        return None
    from churn.tracking.store import Store  # noqa: PLC0415 - MLflow takes seconds to import

    store = Store(run.workspace.tracking)
    try:
        with run.stages.noted("track", decision.as_of.isoformat()) as note:
            note.text = f"decision of {decision.as_of} recorded"
            with storage_errors(run.workspace.tracking.name):
                record_decision(store.open_to_write(), decision)
                promoted = decision.verdict == "promoted"
                name_aliases(store, decision.challenger if promoted else decision.champion)
    except ChurnError as error:
        return error
    return None


def record_decision(store: Store, decision: Decision) -> None:
    """Record what was decided about a challenger with its version and its training's run."""
    from churn.tracking.decisions import decide  # noqa: PLC0415 - MLflow takes seconds to import
    from churn.tracking.registry import versions  # noqa: PLC0415 - as above

    known = versions(store)
    number = version_of(known, decision.challenger)
    if number is not None:
        version = next(entry for entry in known if entry.number == number)
        decide(store, version, decision_tags(decision), decision_metrics(decision))


def version_of(known: Sequence[Version], bundle: str | None) -> int | None:
    """Return the latest version with this bundle."""
    return next(
        (entry.number for entry in reversed(known) if entry.tags.get("bundle") == bundle), None
    )
