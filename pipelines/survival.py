"""How long subscribers stay, as a deployment's own history shows it; told anew once a month."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from churn.states import departures, spans
from churn.store.atomic import write_json
from churn.store.stages import Stage
from churn.tables import Known
from churn.targeting.survival import (
    MonthsToCome,
    ends,
    landmarks,
    lives,
    months_followed,
    months_to_come,
)
from churn.windows import month_start
from pipelines.run import Run

LIVES = "survival.json"


def survival(run: Run, night: date) -> Stage | None:
    """Return what a night knows of it: as of the first of its month, or of itself in a new history.

    None where the settings say how long subscribers stay.
    """
    settings = run.settings
    chosen = settings.targeting
    if chosen.value.survival == "settings":
        return None
    day = month_start(night)
    if not _days(run, run.tables.known_at(day)):
        day = night
    inputs = {
        "tables": run.known_hash(day),
        "settings": run.used(settings.time, settings.states, chosen.value, chosen.last_notices),
    }
    return run.stages.run("survival", day.isoformat(), inputs, lambda to: _make(run, day, to))


def read(stage: Stage | None) -> MonthsToCome | None:
    """Return what a stage found."""
    if stage is None:
        return None
    return MonthsToCome.model_validate_json((stage.folder / LIVES).read_text("utf-8"))


def stored(run: Run, night: date) -> MonthsToCome | None:
    """Return what was found for a night, none if nothing was; writes nothing."""
    if run.settings.targeting.value.survival == "settings":
        return None
    for day in (month_start(night), night):
        stage = run.stages.stored("survival", day)
        if stage is not None:
            return read(stage)
    return None


def _days(run: Run, known: Known) -> list[date]:
    """Return the landmarks: of days whose books had been delivered by then.

    Books extracted later may lack who had left before, and everybody in them would seem to stay.
    """
    observed = known.observed_through("status_events")
    delivered = [
        each.delivered_on
        for each in run.tables.deliveries
        if each.table == "subscribers" and each.assumed_lag is None and each.known_by(known.day)
    ]
    if observed is None or not delivered:
        return []
    return landmarks(min(delivered), ends(observed, run.settings.time))


def _make(run: Run, day: date, to: Path) -> str:
    settings, known = run.settings, run.tables.known_at(day)
    observed = known.observed_through("status_events") or day
    end = ends(observed, settings.time)
    balance = settings.targeting.last_notices.balance_max_age
    days, counts = _days(run, known), []
    if days:
        history = run.engine.computed(spans(known.status_events, settings.states))
        away = run.engine.computed(departures(history, settings.states))
    for landmark in days:
        rows = lives(known, history, away, landmark, end, settings.time, balance)
        counted = run.engine.to_arrow(rows).to_pandas()
        if len(counted):
            counts.append((months_followed(landmark, end), counted))
    found = months_to_come(counts, settings.targeting.value.horizon_months)
    write_json(to / LIVES, found.model_dump(mode="json"))
    if found.model is None or found.check is None:
        return f"{len(counts)} landmarks: too little history"
    words = "used" if found.used else "not used"
    return (
        f"{found.model.departures:,} departures, checked over {found.check.months} months: {words}"
    )
