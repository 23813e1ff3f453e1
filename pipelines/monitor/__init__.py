"""``churn monitor``: what happened since past nights, against what their chances promised."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from churn.causes import CAUSES, Cause
from churn.evaluation.intervals import Interval
from churn.monitoring import (
    Counted,
    Days,
    Development,
    Strange,
    alarm_of,
    counted,
    expected_average_precision,
    nowcast,
    strangeness,
    watch,
    watched_days,
)
from churn.monitoring.record import Forecast, Head, NightOfHead, Record
from churn.report.page.watch import write_watch
from churn.report.terminal.monitor import monitor_lines
from churn.report.watch import alarm_line, old_line
from churn.store.atomic import write_bytes, write_json
from churn.store.stages import Stage
from churn.tables import Known
from pipelines.backtest.heads import CHAMPION, measured
from pipelines.models.champion import champion, has_champion
from pipelines.monitor.development import Tally, developed, require_outcomes
from pipelines.monitor.drifting import drifted, latest_scored
from pipelines.monitor.nights import Scored, Watching, look_at, watched_nights
from pipelines.run import Run

RECORD = "monitor.json"
PAGE = "monitor.html"
TALLIES = "development.json"
TOP = 0.1
"""The riskiest share of a night that is watched on its own."""
LEVELS = 30
"""Values of a segment's column that are told, those with most events promised."""
LOOKS = 12


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
        """Return the alarms, and that the model in place is old, in the settings' language."""
        age = self.record().model_age
        old = age is not None and age > self.run.settings.monitoring.model_age
        words = [old_line(age).of(self.run.settings.language)] if old and age is not None else []
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
    latest = latest_scored(run, night)
    inputs = {
        "tables": run.known_hash(night),
        "latest": (latest[0].content, latest[1].fingerprint) if latest else None,
        "scores": {each.night.isoformat(): each.stage.content for each in nights},
        "earlier": {stage.folder.name: stage.content for stage in earlier},
        "settings": run.used(
            settings.time,
            settings.states,
            settings.labels,
            settings.panel,
            settings.evaluation,
            settings.monitoring,
        ),
        "language": settings.language,
    }

    def make(to: Path) -> str:
        record, tallies = _record(run, now, observed, nights, passed_over, earlier)
        drift = drifted(run, *latest) if latest else None
        specs = latest[1].specs if latest else {}
        told = [specs[each.feature] for each in drift or ()]
        record = record.model_copy(
            update={
                "drift": drift,
                "model_age": _age_of_model(run, night),
                "words": {spec.name: (spec.en, spec.zh) for spec in told},
            }
        )
        write_json(
            to / TALLIES, {key: each.model_dump(mode="json") for key, each in tallies.items()}
        )
        write_bytes(to / PAGE, write_watch(record, settings.language))
        write_bytes(to / RECORD, record.model_dump_json(indent=2).encode())
        return f"nights watched: {len(nights)}, alarms: {len(record.alarms)}"

    return Monitored(run.stages.run("monitor", night.isoformat(), inputs, make), run)


def _record(
    run: Run,
    now: Known,
    observed: date,
    nights: Sequence[Scored],
    passed_over: dict[str, int],
    earlier: Sequence[Stage],
) -> tuple[Record, dict[str, Tally]]:
    settings = run.settings.monitoring
    begun = [each for each in nights if _opened(run, each.night, observed)]
    watching = [look_at(run, each, now, observed) for each in begun]
    pending = [each for each in watching if not each.final]
    known = (
        developed(
            run,
            now,
            nights[-1].night,
            [(observed - each.scored.night).days for each in pending],
            _kept(run),
        )
        if watching
        else None
    )
    developments: Mapping[Cause, Development] = known.heads if known else {}
    records = [
        Record.model_validate_json((stage.folder / RECORD).read_bytes()) for stage in earlier
    ]
    series: dict[tuple[Cause, str], Days] = {}
    segments: dict[Cause, dict[str, Days]] = {}
    heads: dict[Cause, Head] = {}
    for cause in CAUSES:
        own = [each for each in watching if _was_on(each, cause)]
        if not own:
            continue
        development = developments.get(cause)
        if development is not None:
            series |= {
                (cause, group): days
                for group, days in _groups(run, own, cause, development).items()
            }
            segments[cause] = _segments(run, own, cause, development)
        heads[cause] = Head(
            nights=tuple(_night(run, each, cause, development, records) for each in own),
            segments=_worth_telling(segments.get(cause, {}), settings.spread),
        )
    looks = _looks(run, now)
    watched = watch(
        series,
        looks=looks,
        alarms_per_year=settings.alarms_per_year,
        spread=settings.spread,
        least_expected=settings.least_expected,
    )
    record = Record(
        as_of=now.day,
        observed_through=observed,
        references=known.snapshots if known else (),
        looks=looks,
        heads=heads,
        watched=tuple(watched),
        alarms=tuple(alarm_of(watched, segments, spread=settings.spread)),
        passed_over=passed_over,
    )
    return record, known.tallies if known else {}


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


def _was_on(each: Watching, cause: Cause) -> bool:
    """Tell whether a head gave chances on a night: one that is off gives missing values."""
    column = f"p_{cause}"
    return column in each.rows and bool(each.rows[column].notna().all())


def _opened(run: Run, night: date, observed: date) -> bool:
    return run.settings.time.outcome_window(night).start <= observed


def _looks(run: Run, now: Known) -> float:
    """Return how often a year new outcomes come, by the deliveries of the past year."""
    reads = run.settings.labels.chosen.reads
    year_ago = now.day - timedelta(days=365)
    days = {
        each.delivered_on
        for each in run.tables.deliveries
        if each.table in reads and year_ago < each.delivered_on <= now.day
    }
    return float(max(len(days), LOOKS))


def _count(each: Watching, cause: Cause, rows: pd.DataFrame, length: int) -> Counted:
    own = (rows["outcome"] == cause).to_numpy()
    day = np.where(own, rows["day"].to_numpy(np.int64), -1).astype(np.int64)
    return counted(
        rows[f"p_{cause}"].to_numpy(np.float64),
        day,
        rows["weight"].to_numpy(np.float64),
        days=length,
        seen=each.window.seen_day,
    )


def _groups(
    run: Run, watching: Sequence[Watching], cause: Cause, development: Development
) -> dict[str, Days]:
    """Lay out all, the riskiest tenth and the rest."""
    parts: dict[str, list[pd.DataFrame]] = {"all": [], "top": [], "rest": []}
    for each in watching:
        chance = each.rows[f"p_{cause}"]
        top = (chance >= chance.quantile(1 - TOP)).to_numpy()
        for name, rows in (("all", each.rows), ("top", each.rows[top]), ("rest", each.rows[~top])):
            parts[name].append(rows)
    return _laid_out(run, watching, cause, development, parts)


def _segments(
    run: Run, watching: Sequence[Watching], cause: Cause, development: Development
) -> dict[str, Days]:
    """Lay out each value of each segment's column."""
    found: dict[str, Days] = {}
    for column in run.settings.monitoring.segments:
        promised = pd.concat(
            [(each.rows["weight"] * each.rows[f"p_{cause}"]).groupby(each.rows[column]).sum()
             for each in watching]
        )  # fmt: skip
        totals = promised.groupby(level=0).sum().sort_index()
        levels = totals.sort_values(ascending=False, kind="stable").index[:LEVELS]
        parts = {
            f"{column}={level}": [each.rows[each.rows[column] == level] for each in watching]
            for level in levels
        }
        found |= _laid_out(run, watching, cause, development, parts)
    return found


def _laid_out(
    run: Run,
    watching: Sequence[Watching],
    cause: Cause,
    development: Development,
    parts: Mapping[str, Sequence[pd.DataFrame]],
) -> dict[str, Days]:
    length = run.settings.time.outcome
    windows = [each.window for each in watching]
    found = {}
    for name, frames in parts.items():
        counts = [
            _count(each, cause, rows, length) for each, rows in zip(watching, frames, strict=True)
        ]
        days = watched_days(windows, counts, development, memory=run.settings.monitoring.memory)
        if days is not None:
            found[name] = days
    return found


def _worth_telling(segments: Mapping[str, Days], spread: float) -> tuple[tuple[str, Strange], ...]:
    told = ((name, strangeness(days, days.first, spread=spread)) for name, days in segments.items())
    return tuple((name, strange) for name, strange in told if strange is not None)


def _night(
    run: Run,
    each: Watching,
    cause: Cause,
    development: Development | None,
    earlier: Sequence[Record],
) -> NightOfHead:
    rows = each.rows
    weight = rows["weight"].to_numpy(np.float64)
    count = _count(each, cause, rows, run.settings.time.outcome)
    seen = float(count.seen.sum())
    coming = None
    if not each.final and development is not None and count.expected > 0:
        coming = nowcast(
            development,
            seen_day=each.window.seen_day,
            seen=seen,
            expected=count.expected,
            scale=count.scale,
            seed=run.settings.evaluation.seed,
        )
    return NightOfHead(
        night=each.scored.night,
        trained_as_of=each.scored.trained_as_of,
        promised=count.expected,
        chances_alone=expected_average_precision(rows[f"p_{cause}"].to_numpy(np.float64), weight),
        nowcast=coming,
        final=seen if each.final else None,
        metrics=_metrics(run, rows, cause) if each.final else {},
        forecasts=_forecasts(earlier, each.scored.night, cause, seen / count.expected)
        if each.final and count.expected > 0
        else (),
    )


def _metrics(run: Run, rows: pd.DataFrame, cause: Cause) -> dict[str, Interval]:
    evaluation = run.settings.evaluation
    found = measured(rows, cause, (), evaluation.list_size, evaluation)
    return found.get(CHAMPION, {})


def _forecasts(
    earlier: Sequence[Record], night: date, cause: Cause, ratio: float
) -> tuple[Forecast, ...]:
    """Return what earlier nights had expected of one that is final now, in the order of time."""
    told = []
    for record in sorted(earlier, key=lambda record: record.as_of):
        head = record.heads.get(cause)
        for each in head.nights if head else ():
            if each.night == night and each.nowcast is not None:
                interval = each.nowcast.ratio
                told.append(
                    Forecast(
                        told_on=record.as_of,
                        known=each.nowcast.known,
                        ratio=interval,
                        held=interval.lower <= ratio <= interval.upper,
                    )
                )
    return tuple(told)
