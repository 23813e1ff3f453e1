"""``churn uplift``: what contacts changed, from every randomised arm on record."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from churn import labels, targeting
from churn.causes import CAUSES
from churn.errors import LeakError
from churn.report.terminal.uplift import (
    PARTS_NOTE,
    instead_lines,
    later_lines,
    part_lines,
    programme_lines,
    uplift_lines,
)
from churn.store.atomic import write_json
from churn.store.stages import Stage
from churn.tables import Known
from churn.targeting import TargetingSettings, effects
from churn.targeting.effects import Effect
from churn.targeting.holdout import Programme, half_year_named, margins
from churn.targeting.holdout import programme as worth_of_programme
from churn.targeting.value import margin_share_of, worth
from churn.windows import TimeSettings, Window, add_months, month_start
from pipelines import arms
from pipelines.run import Run

ARMS = "arms.parquet"
LATER = "later.parquet"
WAITING = "waiting.json"


@dataclass(frozen=True)
class Uplift:
    """The stored effects of one night."""

    stage: Stage
    run: Run
    night: date

    @property
    def targeting(self) -> TargetingSettings:
        """The settings, without actions against what no delivered table tells of."""
        return self.run.settings.targeting.delivered(self.run.tables.known_at(self.night))

    def rows(self, settings: TargetingSettings | None = None) -> pd.DataFrame:
        """Return the draws whose outcomes are final, of whom their action is meant for.

        By the night's catalogue, or that of a question.
        """
        every, asked = self._drawn(), settings or self.targeting
        return every[effects.meant(every, asked.actions)].reset_index(drop=True)

    def _drawn(self) -> pd.DataFrame:
        return pq.read_table(self.stage.folder / ARMS).to_pandas()

    def effects(self, settings: TargetingSettings | None = None) -> tuple[Effect, ...]:
        """Return the effect of each action of the catalogue, the night's or that of a question."""
        asked = settings or self.targeting
        rows = self.rows(asked)
        found = effects.measured(rows, asked.actions, asked.effects)
        if not asked.effects.by_subscriber:
            return found
        value = partial(worth, settings=asked.value)
        return effects.by_subscriber(found, rows, asked.actions, asked.effects, value)

    def waiting(self) -> int:
        """Return how many contacts are too recent for their outcomes to be known."""
        return int(json.loads((self.stage.folder / WAITING).read_text("utf-8"))["waiting"])

    def summary(self) -> str:
        """Return the effects as lines."""
        language = self.run.settings.language
        lines = uplift_lines(
            self.effects(),
            self.targeting,
            waiting=self.waiting(),
            not_meant=len(self._drawn()) - len(self.rows()),
        )
        return "\n".join(line.of(language) for line in lines)


def uplift(run: Run, as_of: date | None = None) -> Uplift:
    """Measure every action from the arms that the night knew and whose outcomes are final."""
    night = run.night(as_of)
    settings = run.settings
    inputs = {
        "tables": run.known_hash(night),
        "settings": run.used(settings.time, settings.states, settings.labels, settings.targeting),
    }
    stage = run.stages.run("effects", night.isoformat(), inputs, lambda to: _make(run, night, to))
    return Uplift(stage, run, night)


def tell(run: Run, as_of: date | None = None, by: Sequence[effects.By] = ()) -> str:
    """Return what contacts changed as lines: as the list reckons with it, later, and by parts.

    Parameters
    ----------
    by
        The parts that are asked for besides.
    """
    measured = uplift(run, as_of)
    chosen, language = measured.targeting, run.settings.language
    least = chosen.effects.least_arm
    lines = list(later_lines(later(measured), chosen))
    lots = arms.lots(run.workspace, measured.night)
    lines += instead_lines(effects.instead(measured.rows(), lots, chosen.actions, least), chosen)
    for kind in by:
        lines += part_lines(effects.parts(measured.rows(), chosen.actions, kind, least), chosen)
    lines += programme_lines(programme(measured), chosen)
    if by:
        lines.append(PARTS_NOTE)
    return "\n".join([measured.summary(), *(line.of(language) for line in lines)])


def later(measured: Uplift) -> tuple[effects.Later, ...]:
    """Return what each action had changed some months on, as far as the night observed it."""
    run, chosen = measured.run, measured.targeting
    keys = ["subscriber_id", "campaign_id", "action", "drawn_from"]
    stages = (
        _followed(run, draws, measured.night) for draws, _ in _half_months(run, measured.night)
    )
    parts = [pq.read_table(stage.folder / LATER).to_pandas() for stage in stages if stage]
    if not parts:
        return ()
    columns = [
        f"{what}_{days}"
        for days in effects.HORIZONS
        for what in (*(f"left_{cause}" for cause in CAUSES), "margin")
    ]
    on_record = pd.concat(parts, ignore_index=True).reindex(columns=[*keys, *columns])
    rows = measured.rows().merge(on_record, on=keys, how="inner")
    return effects.later(rows, chosen.actions, chosen.effects.least_arm)


def programme(measured: Uplift) -> list[Programme]:
    """Return what the programme was worth in each half year that had a holdout."""
    run, night = measured.run, measured.night
    value = run.settings.targeting.value
    known, found = run.tables.known_at(night), []
    for name, fixed in arms.holdouts(run.workspace).items():
        whole = half_year_named(name)
        first = fixed.since if fixed.since.day == 1 else add_months(month_start(fixed.since), 1)
        if first < min(night, whole.end):
            lazy, months = margins(known, Window(first, whole.end), value)
            rows = run.engine.to_arrow(lazy, order_by=["customer_id"]).to_pandas()
            if months and len(rows):
                found.append(worth_of_programme(rows, whole.start, fixed.share, months))
    return found


def stored(run: Run, night: date) -> Uplift | None:
    """Return the effects that were measured for a night, none if they were not; writes nothing."""
    stage = run.stages.stored("effects", night.isoformat())
    return None if stage is None else Uplift(stage, run, night)


def _make(run: Run, night: date, to: Path) -> str:
    drawn, waiting = [], 0
    for draws, contacts in _half_months(run, night):
        final = _arms(run, draws, night)
        if final is None:
            waiting += contacts
        else:
            drawn.append(pq.read_table(final.folder / ARMS).to_pandas())
    rows = pd.concat(drawn, ignore_index=True) if drawn else _nobody()
    listed = pd.MultiIndex.from_frame(arms.lots(run.workspace, night)[list(arms.SAME)])
    rows[effects.LISTED] = pd.MultiIndex.from_frame(rows[list(arms.SAME)]).isin(listed)
    pq.write_table(pa.Table.from_pandas(rows, preserve_index=False), to / ARMS)
    write_json(to / WAITING, {"waiting": waiting})
    return f"{len(rows):,} draws, {waiting:,} too recent"


def _half_months(run: Run, night: date) -> Iterator[tuple[Window, int]]:
    """Yield the half months in which anybody was drawn, and how many were."""
    days = run.engine.to_arrow(effects.draw_days(run.tables.known_at(night))).to_pydict()
    counts: dict[Window, int] = {}
    for day, contacts in zip(days["contacted_on"], days["contacts"], strict=True):
        half = effects.half_month(day)
        counts[half] = counts.get(half, 0) + contacts
    yield from sorted(counts.items(), key=lambda each: each[0].start)


def _arms(run: Run, draws: Window, night: date) -> Stage | None:
    """Return the stored draws of a half month; none where outcomes are not final.

    They are read as known some time after they were final, so that they are read once.
    """
    settings, time = run.settings, effects.exposure(run.settings.time)
    settled = time.mature_on(draws.start) + timedelta(days=settings.max_age)
    day = min(night, max(settled, draws.end))
    known, definition = run.tables.known_at(day), settings.labels.chosen
    if not labels.is_mature(known, draws.start, time, definition):
        day, known = night, run.tables.known_at(night)
    if not labels.is_mature(known, draws.start, time, definition):
        return None
    inputs = {
        "tables": run.known_hash(day),
        "settings": run.used(settings.time, settings.states, settings.labels, settings.targeting),
    }
    names = [action.name for action in settings.targeting.actions]

    def make(to: Path) -> str:
        found = labels.outcomes(known, draws.start, time, settings.states, definition)
        context = targeting.context(run.tables.known_at(draws.start), settings.targeting)
        moved = None
        if known.has("plan_changes"):
            moved = labels.downgraded(known, draws.start, time, settings.states)
        rows = effects.assignments(known, draws, found, context, names, moved)
        order = ["subscriber_id", "campaign_id", "action"]
        count = run.engine.to_parquet(rows, to / ARMS, order_by=order)
        return f"{count:,} draws of the half month from {draws.start}"

    try:
        return run.stages.run("arms", draws.start.isoformat(), inputs, make)
    except LeakError:
        return None  # the half month did not know what the definition needs


def _followed(run: Run, draws: Window, night: date) -> Stage | None:
    """Return what became of a half month's draws as many days on as are observed; none: too few."""
    settings, definition = run.settings, run.settings.labels.chosen
    for most in sorted(effects.HORIZONS, reverse=True):
        time = settings.time.model_copy(update={"lead": 0, "outcome": most + draws.days})
        settled = min(night, time.mature_on(draws.start) + timedelta(days=settings.max_age))
        for day in dict.fromkeys((settled, night)):  # read once, unless deliveries came late
            known = run.tables.known_at(day)
            if labels.is_mature(known, draws.start, time, definition):
                return _followed_for(run, draws, known, time, most)
    return None


def _followed_for(
    run: Run, draws: Window, known: Known, time: TimeSettings, most: int
) -> Stage | None:
    settings = run.settings
    chosen, definition = settings.targeting, settings.labels.chosen
    days = [each for each in effects.HORIZONS if each <= most]
    inputs = {
        "tables": run.known_hash(known.day),
        "days": days,
        "settings": run.used(settings.time, settings.states, settings.labels, chosen),
    }

    def make(to: Path) -> str:
        found = labels.outcomes(known, draws.start, time, settings.states, definition)
        names = [action.name for action in chosen.actions]
        margin = partial(margin_share_of, settings=chosen.value)
        rows = effects.followed(known, draws, found, names, days, margin)
        order = ["subscriber_id", "campaign_id", "action"]
        count = run.engine.to_parquet(rows, to / LATER, order_by=order)
        return f"{count:,} draws of the half month from {draws.start}, {most} days on"

    try:
        return run.stages.run("later", draws.start.isoformat(), inputs, make)
    except LeakError:
        return None  # the half month did not know what the definition needs


def _nobody() -> pd.DataFrame:
    columns = ("subscriber_id", *effects.DRAW, "treated", "left_active", "left_passive")
    return pd.DataFrame({name: [] for name in (*columns, *effects.EARLIER)})
