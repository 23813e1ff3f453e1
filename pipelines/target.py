"""``churn target``: whom to contact tonight with what, inside the budget."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from churn import features, targeting
from churn.causes import HEADS
from churn.language import Text
from churn.store.atomic import write_json
from churn.store.stages import Stage
from churn.tables import Known
from churn.targeting import TargetingSettings, TargetList
from churn.targeting.answers import closed_by
from churn.targeting.survival import MonthsToCome
from pipelines import arms, score, survival, uplift
from pipelines.answers import Answers
from pipelines.run import Run
from pipelines.score import Scores
from pipelines.uplift import Uplift

TARGETS = "targets.parquet"
CONTROLS = "controls.parquet"
LEFT_OUT = "left_out.parquet"
SELECTED = "selected.parquet"
TOTALS = "totals.json"
REASONS = ("reason_1", "reason_2", "reason_3")


@dataclass(frozen=True)
class Targets:
    """The stored decisions of one night."""

    stage: Stage
    as_of: date

    def frame(self) -> pd.DataFrame:
        """Return the list, best first, with hashed ids and without names or phones."""
        return pq.read_table(self.stage.folder / TARGETS).to_pandas()

    def controls(self) -> pd.DataFrame:
        """Return the selected who are left alone."""
        return pq.read_table(self.stage.folder / CONTROLS).to_pandas()

    def left_out(self) -> pd.DataFrame:
        """Return who is not selected, and why."""
        return pq.read_table(self.stage.folder / LEFT_OUT).to_pandas()

    def plan(self) -> TargetList:
        """Return what was decided: list, controls, totals and the sentence about it."""
        content: dict[str, Any] = json.loads((self.stage.folder / TOTALS).read_text("utf-8"))
        return TargetList(
            frame=self.frame(),
            controls=self.controls(),
            campaign_id=content["campaign_id"],
            totals=content["totals"],
            message=Text(**content["message"]),
            left_out=self.left_out(),
            selected=pq.read_table(self.stage.folder / SELECTED).to_pandas(),
        )

    def summary(self) -> str:
        """Return the sentence about the list."""
        return self.plan().message.en


def target(run: Run, as_of: date | None = None) -> Targets:
    """Choose tonight's contacts from the night's scores, scoring first if need be."""
    scores = score.score(run, as_of)
    measured = uplift.uplift(run, scores.as_of)
    lives = survival.survival(run, scores.as_of)
    inputs = {
        "scores": scores.stage.content,
        "effects": measured.stage.content,
        "survival": lives.content if lives else None,
        "tables": run.known_hash(scores.as_of),
        "answers": Answers(run.workspace).fingerprint(),
        "settings": run.used(settings_of(run, scores.as_of)),
        "features": run.feature_version if targeting.used_columns(run.settings.targeting) else None,
    }
    stage = run.stages.run(
        "target", scores.as_of.isoformat(), inputs, lambda to: _make(run, scores, to)
    )
    return Targets(stage, scores.as_of)


def settings_of(run: Run, night: date) -> TargetingSettings:
    """Return the settings of a night's decision: who is held out stays so for the half year.

    Actions against what no delivered table tells of are none of the night's.
    """
    chosen = run.settings.targeting.delivered(run.tables.known_at(night))
    fixed = arms.holdout(run.workspace, night)
    return chosen if fixed is None else chosen.model_copy(update={"holdout_share": fixed})


def plan(run: Run, scores: Scores, settings: TargetingSettings) -> TargetList:
    """Return the list that targeting settings make of a night's scores.

    Asked with other settings than the night's it is a question, not a decision: nothing is
    written, and the night's own list stays. It reckons with the effects that the night's own
    decision had measured; where none was made, with those assumed.
    """
    chances = scores.chances()
    measured = uplift.stored(run, scores.as_of)
    lives = survival.stored(run, scores.as_of) if settings.value.survival == "history" else None
    decided = planned(run, scores.as_of, chances, settings, measured, lives)
    words = scores.frame(only=decided.selected["subscriber_id"])
    return replace(
        decided,
        frame=_worded(decided.frame, words),
        controls=_worded(decided.controls, words),
        totals={**decided.totals, "left_out": scores.excluded()},
    )


def planned(
    run: Run,
    night: date,
    chances: pd.DataFrame,
    settings: TargetingSettings,
    measured: Uplift | None,
    lives: MonthsToCome | None = None,
) -> TargetList:
    """Plan the list of a night from its chances and what it knew, without words about anyone.

    ``measured`` is what contacts changed, as the night knew it; none: effects are assumed.
    ``lives`` is how long subscribers stay, as the night knew it; none: as the settings have it.
    """
    known = run.tables.known_at(night)
    lazy = targeting.context(known, settings)
    asked = run.engine.from_arrow(
        pa.table({"subscriber_id": pa.array(chances["subscriber_id"], pa.string())})
    )
    scored = lazy.semi_join(asked, "subscriber_id")
    context = run.engine.to_arrow(scored, order_by=["subscriber_id"]).to_pandas()
    context = closed_by(context, Answers(run.workspace).frame())
    people = lazy
    if targeting.used_columns(settings):
        facts = targeting.facts(_of_the_night(run, known, lazy, chances, settings), settings)
        context = context.merge(run.engine.to_arrow(facts).to_pandas(), on="subscriber_id")
        people = lazy.inner_join(facts, "subscriber_id")
    used = _used(run, known, people, settings)
    spent = run.engine.to_arrow(targeting.spent_in_month(known).as_table()).to_pylist()[0]
    so_far = float(next(iter(spent.values())) or 0)
    found = measured.effects(settings) if measured and settings.effects.measured else ()
    return targeting.plan(
        chances, context, settings, night, spent=so_far, used=used, effects=found, lives=lives
    )


def _of_the_night(
    run: Run, known: Known, context: ir.Table, chances: pd.DataFrame, settings: TargetingSettings
) -> ir.Table:
    """Return one row per subscriber on the books with the columns that conditions look at.

    What the decision knows of it, its row of subscribers, its scores, and features, of which only
    the families are computed that are asked for. Who is not scored has no scores and no features.
    """
    rows, asked = context, targeting.used_columns(settings)
    scores = run.engine.from_arrow(
        pa.Table.from_pandas(chances.drop(columns="tree_disagrees"), preserve_index=False)
    )
    families = [
        family
        for family in run.families
        if asked & {feature.name for feature in family.features} - set(rows.columns)
    ]
    more = [known.subscribers, scores]
    if families:
        ids = scores.select("subscriber_id")
        states = run.settings.states
        more.append(features.build(known, ids, states=states, families=families))
    for part in more:
        new = [name for name in part.columns if name not in rows.columns]
        joined = rows.left_join(part.select("subscriber_id", *new), "subscriber_id")
        rows = joined.drop("subscriber_id_right")
    return rows


def _used(
    run: Run, known: Known, people: ir.Table, settings: TargetingSettings
) -> dict[str, dict[str, float]]:
    """Return what earlier contacts have used of each limit that is not a night's, by cell."""
    found = {}
    for limit in settings.limits:
        if limit.period != "night":
            rows = targeting.used_before(known, people, limit, settings.actions)
            counted = run.engine.to_arrow(rows).to_pylist()
            found[limit.name] = {row["cell"]: row["used"] or 0.0 for row in counted}
    return found


def _make(run: Run, scores: Scores, to: Path) -> str:
    decided = plan(run, scores, settings_of(run, scores.as_of))
    frames = {
        TARGETS: decided.frame,
        CONTROLS: decided.controls,
        LEFT_OUT: decided.left_out,
        SELECTED: decided.selected,
    }
    for name, frame in frames.items():
        pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), to / name)
    message = {"en": decided.message.en, "zh": decided.message.zh}
    write_json(
        to / TOTALS,
        {"totals": decided.totals, "message": message, "campaign_id": decided.campaign_id},
    )
    return f"{len(decided.frame):,} to contact, {len(decided.controls):,} left alone as control"


def _worded(frame: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """Give each contact the reasons, their remainder and the rule of the head that it answers."""
    words = frame[["subscriber_id", "cause"]].merge(scores, on="subscriber_id", how="left")
    filled = frame.copy()
    for column, source in [*((name, name) for name in REASONS), ("rule", "rule_text")]:
        filled[column] = _of_its_cause(words, source, "str")
    filled["remainder"] = _of_its_cause(words, "remainder", "float64")
    return filled


def _of_its_cause(words: pd.DataFrame, source: str, kind: str) -> Any:
    """Pick, per row, the column of the cause that the row is about."""
    chosen = pd.Series([None] * len(words), dtype=kind)
    for cause in HEADS:
        if f"{source}_{cause}" in words:
            chosen = chosen.where(words["cause"] != cause, words[f"{source}_{cause}"])
    return chosen.to_numpy()
