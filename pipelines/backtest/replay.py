"""One past night again, with what was delivered then: its training, its scores, its list."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from churn.audit import Audit
from churn.causes import NO_CHURN_NO_STAY
from churn.evaluation.backtest import LearnedFrom
from churn.learning import Bundle, LearningSettings
from churn.learning.learners import BOOSTING
from churn.store.atomic import write_json
from churn.store.stages import Stage
from pipelines import audit, panel
from pipelines.bundles import read_bundle, write_bundle
from pipelines.panel import Panel
from pipelines.run import Run
from pipelines.score import eligible_rows
from pipelines.target import planned
from pipelines.train import fit

BUNDLE, COPY = "bundle", "copy"
LEARNED = "learned.json"
CUSTOMERS = "customers.parquet"
SCORES = "scores.parquet"
SELECTED = "selected.parquet"
_FITTED = ("training_weight", "plain_weight")
_KEPT = (
    "subscriber_id",
    "customer_id",
    "cause",
    "action",
    "p_active",
    "p_passive",
    "value_if_saved",
    "expected_profit",
)


@dataclass(frozen=True)
class ReplayedTraining:
    """A stored training of a replay; nothing of it is put in place."""

    stage: Stage
    learned: LearnedFrom

    @property
    def night(self) -> date:
        """The night it is of."""
        return self.learned.as_of

    @property
    def passing(self) -> frozenset[str]:
        """Heads that passed the gate."""
        return frozenset(self.learned.passed)

    def bundle(self) -> Bundle:
        """Return the models."""
        return read_bundle(self.stage.folder / BUNDLE)

    def copy(self) -> Bundle | None:
        """Return the models that were trained with all weights 1; None where there are none."""
        folder = self.stage.folder / COPY
        return read_bundle(folder) if folder.is_dir() else None

    def customers(self) -> pd.Series[str]:
        """Return the customers that it learned from."""
        return pq.read_table(self.stage.folder / CUSTOMERS).to_pandas()["customer_id"]


@dataclass(frozen=True)
class Replay:
    """A stored night: what it would have known, said and done.

    The passing heads of the training ``in_place`` planned its list; it is None where no head had
    passed by then.
    """

    stage: Stage
    night: date
    training: ReplayedTraining
    in_place: ReplayedTraining | None

    def scores(self) -> pd.DataFrame:
        """Return one row per eligible subscriber.

        ``subscriber_id customer_id``; ``unseen``, whether its customer is in no row that trained;
        per cause ``p_<cause>`` of the champion, ``p_<cause>_<learner>`` and, where a copy was
        trained, ``copy_<cause>``, the booster's of it.
        """
        return pq.read_table(self.stage.folder / SCORES).to_pandas()

    def schema(self) -> pa.Schema:
        """Return the columns of :meth:`scores` with their types."""
        return pq.read_schema(self.stage.folder / SCORES).remove_metadata()

    def selected(self) -> pd.DataFrame:
        """Return whom the list would have selected, with ``control``: who was left alone."""
        return pq.read_table(self.stage.folder / SELECTED).to_pandas()


@dataclass(frozen=True)
class Judged:
    """A replayed night beside what happened: its rows with ``outcome`` and ``weight``.

    ``everyone`` are the :meth:`Replay.scores`, administrative ends included; ``selected`` is None
    where no model was in place.
    """

    replay: Replay
    everyone: pd.DataFrame
    selected: pd.DataFrame | None

    @property
    def night(self) -> date:
        """The night."""
        return self.replay.night

    @property
    def rows(self) -> pd.DataFrame:
        """Those whose outcome counts: administrative ends left out."""
        return self.everyone[~self.everyone["outcome"].isin(NO_CHURN_NO_STAY).to_numpy()]


def train(run: Run, night: date) -> ReplayedTraining:
    """Train as the night would have done, with a copy of all weights 1 where campaigns ran."""
    rows = panel.build(run, night, shared=True)
    audited = audit.of_panel(run, rows)
    settings = _learning(run)
    inputs = {
        "panel": rows.stage.content,
        "audit": audited.stage.content,
        "settings": run.used(settings, run.settings.evaluation),
        "copy": run.settings.backtest.unweighted,
    }
    stage = run.stages.run(
        "replay_train",
        night.isoformat(),
        inputs,
        lambda to: _fit(run, rows, audited.result, settings, to),
    )
    content = json.loads((stage.folder / LEARNED).read_text("utf-8"))
    return ReplayedTraining(stage, LearnedFrom.model_validate(content))


def _learning(run: Run) -> LearningSettings:
    learners = run.settings.backtest.learners
    if learners is None:
        return run.settings.learning
    return LearningSettings.model_validate(
        {**run.settings.learning.model_dump(), "learners": learners}
    )


def _fit(run: Run, rows: Panel, audited: Audit, settings: LearningSettings, to: Path) -> str:
    manifest, frame = rows.manifest(), rows.training_frame()
    trained = fit(run, rows, frame, settings, audited)
    write_bundle(trained.bundle, to / BUNDLE)
    treated = int(np.count_nonzero(frame["weight"] == 0))
    if treated and run.settings.backtest.unweighted:
        copy = fit(run, rows, _as_they_are(frame), settings, audited)
        write_bundle(copy.bundle, to / COPY)
    fitted = [name for name in _FITTED if name in frame] or ["weight"]
    taught = frame["snapshot"].isin(manifest.walk.teach)
    weights = frame[fitted].max(axis=1).where(taught, 0.0)
    customers = np.unique(frame.loc[(weights > 0).to_numpy(), "customer_id"].astype(str))
    pq.write_table(pa.table({"customer_id": pa.array(customers)}), to / CUSTOMERS)
    passed = tuple(cause for cause, report in trained.reports.items() if report.passed)
    days = manifest.walk.teach
    learned = LearnedFrom(
        as_of=rows.as_of,
        first=days[0],
        last=days[-1],
        snapshots=len(days),
        order=manifest.order,
        passed=passed,
        rows=len(frame),
        treated=treated,
    )
    write_json(to / LEARNED, learned.model_dump(mode="json"))
    return f"passed the gate: {', '.join(passed) or 'none'}"


def _as_they_are(frame: pd.DataFrame) -> pd.DataFrame:
    """Weigh every row as if no campaign had been; customers kept out stay out."""
    plain = frame["plain_weight"]
    extra = {"training_weight": plain} if "training_weight" in frame else {}
    weight = plain.where(plain > 0, 1.0)
    return frame.drop(columns="plain_weight").assign(weight=weight, **extra)


def challenge(
    in_place: ReplayedTraining | None, challenger: ReplayedTraining
) -> ReplayedTraining | None:
    """Return whose models are in place: a champion goes on unless the challenger passes it."""
    better = challenger.passing and (in_place is None or in_place.passing <= challenger.passing)
    return challenger if better else in_place


def play(
    run: Run, night: date, training: ReplayedTraining, in_place: ReplayedTraining | None
) -> Replay:
    """Score everyone eligible on the night and plan its list, by what it knew."""
    settings = run.settings
    inputs = {
        "tables": run.known_hash(night),
        "training": training.stage.content,
        "in_place": in_place.stage.content if in_place else None,
        "settings": run.used(settings.time, settings.states, settings.targeting),
    }
    stage = run.stages.run(
        "replay", night.isoformat(), inputs, lambda to: _make(run, night, training, in_place, to)
    )
    return Replay(stage, night, training, in_place)


def _make(
    run: Run, night: date, training: ReplayedTraining, in_place: ReplayedTraining | None, to: Path
) -> str:
    people, rows = (
        run.engine.to_arrow(table, order_by=["subscriber_id"]).to_pandas()
        for table in eligible_rows(run, night)
    )
    holders = people.loc[people["eligible"], ["subscriber_id", "customer_id"]]
    scores = rows[["subscriber_id"]].merge(holders, on="subscriber_id", validate="one_to_one")
    seen = scores["customer_id"].isin(training.customers())
    bundle = training.bundle()
    scores = scores.assign(unseen=~seen.to_numpy(), **_chances(bundle, rows))
    copy = training.copy()
    if copy is not None:
        matrix = copy.encoder.transform(rows)
        for cause, head in copy.heads.items():
            scores[f"copy_{cause}"] = head.chance(matrix, BOOSTING)
    pq.write_table(pa.Table.from_pandas(scores, preserve_index=False), to / SCORES)
    if in_place is None:
        return f"{len(scores):,} scored, no list: no model had passed the gate"
    same = in_place.night == training.night
    selected = _selected(run, night, bundle if same else in_place.bundle(), in_place.passing, rows)
    pq.write_table(pa.Table.from_pandas(selected, preserve_index=False), to / SELECTED)
    return f"{len(scores):,} scored, {len(selected):,} selected"


def _chances(bundle: Bundle, rows: pd.DataFrame) -> dict[str, Any]:
    """Return the champion's and every learner's chances of the heads that are on."""
    whole = bundle.score(rows)
    matrix = bundle.encoder.transform(rows)
    chances: dict[str, npt.NDArray[np.float64]] = {}
    for cause, head in bundle.heads.items():
        chances[f"p_{cause}"] = whole[f"p_{cause}"].to_numpy()
        for name in head.learners:
            chances[f"p_{cause}_{name}"] = head.chance(matrix, name)
    return chances


def _selected(
    run: Run, night: date, bundle: Bundle, passing: frozenset[str], rows: pd.DataFrame
) -> pd.DataFrame:
    """Plan the list with the heads in place; a head that failed the gate selects nobody."""
    heads = {cause: head for cause, head in bundle.heads.items() if cause in passing}
    chances = replace(bundle, heads=heads).score(rows)
    chances.insert(0, "subscriber_id", rows["subscriber_id"])
    wanted = ["subscriber_id", "p_active", "p_passive", "tree_disagrees"]
    # what a list is judged by are the effects of the settings: it is planned by the same
    plan = planned(run, night, chances[wanted], run.settings.targeting, None)
    arms = [
        plan.frame[list(_KEPT)].assign(control=False),
        plan.controls[list(_KEPT)].assign(control=True),
    ]
    arms = [arm for arm in arms if len(arm)] or arms[:1]
    return pd.concat(arms, ignore_index=True).sort_values("subscriber_id", ignore_index=True)
