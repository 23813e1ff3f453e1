"""The recipe of a watch: what happened since past nights, against what their chances promised."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from churn.monitoring.record import RECORD, Record
from churn.report.page.watch import write_watch
from churn.report.terminal.monitor import monitor_lines
from churn.report.watch import MAPPING_CHANGED, alarm_line, old_line
from churn.store.atomic import write_bytes, write_json
from churn.store.stages import Stage
from pipelines.models.champion import champion, fits_the_mapping, has_champion
from pipelines.monitor.development import Tally, require_outcomes
from pipelines.monitor.drifting import a_year_ago, drifted, first_scored, latest_scored, word_of
from pipelines.monitor.levels import ages_of, panel_of, rates_of
from pipelines.monitor.lists import lists_handed_over, profits
from pipelines.monitor.nights import watched_nights
from pipelines.monitor.record import Past, record_of
from pipelines.promotion import STAGE as PROMOTION
from pipelines.promotion import decision_of
from pipelines.run import Run

PAGE = "monitor.html"
TALLIES = "development.json"


@dataclass(frozen=True)
class Monitored:
    """The stored watch of one night."""

    stage: Stage
    run: Run

    def record(self) -> Record:
        """Return what was found."""
        return Record.model_validate_json((self.stage.folder / RECORD).read_bytes())

    def alarms(self) -> list[str]:
        """Return one line per alarm, in the settings' language."""
        language = self.run.settings.language
        return [alarm_line(alarm).of(language) for alarm in self.record().alarms]

    def warnings(self) -> list[str]:
        """Return the alarms, and what is to be known of the model, in the settings' language."""
        record, settings = self.record(), self.run.settings
        language, age = settings.language, record.model_age
        words = [MAPPING_CHANGED.of(language)] if record.mapping_changed else []
        if age is not None and age > settings.monitoring.model_age:
            words.append(old_line(age).of(language))
        return [*self.alarms(), *words]

    def page(self) -> bytes:
        """Return the watch as a page."""
        return (self.stage.folder / PAGE).read_bytes()

    def summary(self) -> str:
        """Return the watch as lines."""
        language = self.run.settings.language
        return "\n".join(line.of(language) for line in monitor_lines(self.record()))


def monitor(run: Run, as_of: date | None = None) -> Monitored:
    """Hold what past nights promised against what is known by now.

    Reads the scores that nights stored; a night scored again with a model that it could not have
    had is passed over.

    Raises
    ------
    ExtractError
        If nothing is known of the tables that outcomes are read from.
    """
    night = run.night(as_of)
    settings = run.settings
    now = run.tables.known_at(night)
    observed = require_outcomes(run, now)
    nights, passed_over = watched_nights(run, now, observed)
    earlier = [
        stage
        for stage in run.stages.nights("monitor")
        if stage.folder.name < night.isoformat() and (stage.folder / RECORD).exists()
    ]
    decided = [
        stage for stage in run.stages.nights(PROMOTION) if stage.folder.name <= night.isoformat()
    ]
    lists = lists_handed_over(run, now, observed)
    latest = latest_scored(run, night)
    last_year = a_year_ago(run, *latest) if latest else None
    inputs = {
        "tables": run.known_hash(night),
        "latest": (latest[0].content, latest[1].fingerprint) if latest else None,
        "first": first_scored(run, latest[1]).content if latest else None,
        "last_year": last_year.content if last_year else None,
        "scores": {each.night.isoformat(): each.stage.content for each in nights},
        "earlier": {stage.folder.name: stage.content for stage in earlier},
        "decisions": {stage.folder.name: stage.content for stage in decided},
        "lists": {each.month.isoformat(): each.basis for each in lists},
        "settings": run.used(
            settings.time,
            settings.states,
            settings.labels,
            settings.panel,
            settings.evaluation,
            settings.monitoring,
        ),
        "festivals": [str(each.start) for each in settings.features.calendar.festivals],
        "mapping": run.mapping_version,
        "language": settings.language,
    }

    def make(to: Path) -> str:
        past = Past(records(earlier), _kept(run))
        record, tallies = record_of(run, now, observed, nights, passed_over, past)
        drift = drifted(run, *latest) if latest else None
        panel = panel_of(run, latest[1]) if latest else None
        record = record.model_copy(
            update={
                "drift": drift,
                "base_rates": rates_of(run, record.heads, panel) if panel else (),
                "data_ages": ages_of(run, now, panel) if panel else (),
                "model_age": _age_of_model(run, night),
                "mapping_changed": has_champion(run.workspace)
                and not fits_the_mapping(run, champion(run.workspace)),
                "decisions": tuple(decision_of(stage) for stage in decided),
                "lists": profits(run, now, lists, past.records),
                "words": {
                    each.feature: word_of(each.feature, latest[1]) for each in drift or () if latest
                },
            }
        )
        write_json(
            to / TALLIES, {key: each.model_dump(mode="json") for key, each in tallies.items()}
        )
        write_bytes(to / PAGE, write_watch(record, settings.language))
        write_bytes(to / RECORD, record.model_dump_json(indent=2).encode())
        return f"nights watched: {len(nights)}, alarms: {len(record.alarms)}"

    return Monitored(run.stages.run("monitor", night.isoformat(), inputs, make), run)


def records(stages: Sequence[Stage]) -> list[Record]:
    """Return what stored watches found."""
    return [Record.model_validate_json((stage.folder / RECORD).read_bytes()) for stage in stages]


def _kept(run: Run) -> dict[str, Tally]:
    """Return what the latest watch counted of past snapshots."""
    for stage in run.stages.nights("monitor"):
        path = stage.folder / TALLIES
        if path.exists():
            content = json.loads(path.read_text(encoding="utf-8"))
            return {key: Tally.model_validate(each) for key, each in content.items()}
    return {}


def _age_of_model(run: Run, night: date) -> int | None:
    """Return how many days ago the model in place was trained; None without one, or of later."""
    if not has_champion(run.workspace):
        return None
    trained = champion(run.workspace).meta.get("as_of")
    days = (night - date.fromisoformat(trained)).days if trained else -1
    return days if days >= 0 else None
