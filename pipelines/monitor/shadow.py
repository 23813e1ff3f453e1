"""A challenger that scores beside the champion, and what its nights say once they are final."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pandas as pd
import pyarrow.parquet as pq

from churn.monitoring.promotion import Decision
from churn.store.stages import Stage
from pipelines.models.champion import (
    champion,
    drop_shadow,
    fits_the_code,
    has_champion,
    has_shadow,
    shadow,
)
from pipelines.models.track import track_decision
from pipelines.monitor.development import require_outcomes
from pipelines.monitor.nights import APART, Scored, look_at
from pipelines.promotion import (
    KEPT,
    STAGE,
    Evidence,
    Pair,
    carry_out,
    decide,
    decision_of,
)
from pipelines.run import Run
from pipelines.score import SCORES, scored_by, write_night

SHADOW = "shadow"


def score_beside(run: Run, night: date) -> None:
    """Let the challenger that scores beside the champion score a night, if there is one.

    One that reads features which are defined otherwise by now is dropped.
    """
    if not has_shadow(run.workspace):
        return
    bundle = shadow(run.workspace)
    if not fits_the_code(run, bundle):
        drop_shadow(run.workspace)
        return
    inputs = {
        "tables": run.known_hash(night),
        "bundle": bundle.fingerprint,
        "settings": run.used(run.settings.time, run.settings.states),
        "language": run.settings.language,
        "currency": run.settings.targeting.value.currency,
    }
    run.stages.run(
        SHADOW, night.isoformat(), inputs, lambda to: write_night(run, night, bundle, to)
    )


def judge_shadow(run: Run, night: date) -> Decision | None:
    """Decide about it by nights that both scored and that are final by now.

    None where there is no such challenger, or no night that the latest decision did not know.
    """
    if not has_shadow(run.workspace) or not has_champion(run.workspace):
        return None
    pair = Pair(champion(run.workspace), shadow(run.workspace))
    both = list(_scored_by_both(run, night, pair))
    if _known_to_latest(run, night, pair) >= {scored.night for scored, _ in both}:
        return None
    inputs = {"nights": {str(scored.night): beside.content for scored, beside in both}}
    decision = decide(run, night, pair, inputs, lambda: _evidence(run, night, both), asked=False)
    track_decision(run, decision)
    carry_out(run, pair.challenger, decision)
    return decision


def _scored_by_both(run: Run, night: date, pair: Pair) -> Iterator[tuple[Scored, Stage]]:
    """Yield final nights four weeks apart that both have scored, in the order of time."""
    time = run.settings.time
    observed = require_outcomes(run, run.tables.known_at(night))
    held = pair.inputs
    last = date.min
    for beside in reversed(run.stages.nights(SHADOW)):
        day = date.fromisoformat(beside.folder.name)
        stage = run.stages.stored("score", day)
        if stage is None or time.mature_on(day) > observed or (day - last) < timedelta(APART):
            continue
        by, by_other = scored_by(stage), scored_by(beside)
        if not by or not by_other:
            continue
        if (by["bundle"], by_other["bundle"]) == (held["champion"], held["challenger"]):
            last = day
            yield Scored(day, stage, by["trained_as_of"]), beside


def _known_to_latest(run: Run, night: date, pair: Pair) -> set[date]:
    """Return the nights that the latest decision about the two, of a night before, rests on."""
    for stage in run.stages.nights(STAGE):
        decision = decision_of(stage)
        about = {"champion": decision.champion, "challenger": decision.challenger}
        if decision.as_of < night and about == pair.inputs:
            return set(decision.nights)
    return set()


def _evidence(run: Run, night: date, both: list[tuple[Scored, Stage]]) -> Evidence:
    now = run.tables.known_at(night)
    observed = require_outcomes(run, now)
    parts = []
    for scored, beside in both:
        rows = look_at(run, scored, now, observed).rows
        other = pq.read_table(beside.folder / SCORES).to_pandas()
        chances = [name for name in other if name.startswith("p_")]
        rows = rows.assign(snapshot=pd.Timestamp(scored.night))
        rows = rows[[*KEPT, *(name for name in chances if name in rows)]]
        rows = rows.rename(columns={name: f"champion_{name[2:]}" for name in chances})
        other = other[["subscriber_id", *chances]].rename(
            columns={name: f"challenger_{name[2:]}" for name in chances}
        )
        parts.append(rows.merge(other, on="subscriber_id", validate="one_to_one"))
    return Evidence(pd.concat(parts, ignore_index=True), {})
