"""Whether a night should train a challenger, and why."""

from __future__ import annotations

from datetime import date

from churn.monitoring.record import RECORD, Record
from pipelines.models.champion import champion
from pipelines.run import Run


def due(run: Run, night: date) -> str | None:
    """Return why the model in place is to be challenged on the night; None where it is not.

    A training answers what was told before it, whoever won; that of the night itself does not, so
    that a night which was stopped goes on as it began.
    """
    settings = run.settings.monitoring
    trained = date.fromisoformat(champion(run.workspace).meta.get("as_of", night.isoformat()))
    answered = max([trained, *_trainings(run, night)])
    if settings.challenge_old and (night - answered).days > settings.model_age:
        return f"the model in place is of {trained}, {(night - trained).days} days old"
    record = _latest(run, night) if settings.challenge_on_alarm else None
    if record is not None and record.alarms and record.as_of > answered:
        heads = ", ".join(dict.fromkeys(alarm.head for alarm in record.alarms))
        return f"an alarm of {record.as_of}: {heads}"
    return None


def _trainings(run: Run, night: date) -> list[date]:
    """Return the nights before on which anything was trained."""
    nights = (date.fromisoformat(stage.folder.name) for stage in run.stages.nights("train"))
    return [day for day in nights if day < night]


def _latest(run: Run, night: date) -> Record | None:
    """Return what the latest watch before the night found."""
    for stage in run.stages.nights("monitor"):
        path = stage.folder / RECORD
        if stage.folder.name < night.isoformat() and path.exists():
            return Record.model_validate_json(path.read_bytes())
    return None
