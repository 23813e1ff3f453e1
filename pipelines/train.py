"""``churn train``: fit, calibrate and judge on mature snapshots; put the winner in place."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from churn import features, learning
from churn.audit import Audit
from churn.errors import SettingsError
from churn.learning import LearningSettings, Trained
from churn.learning.capacity import Pursuit
from churn.report.serving import SERVING
from churn.store.atomic import write_json
from pipelines import audit, panel, promotion
from pipelines.audit import AUDIT, write_audit
from pipelines.bundles import write_bundle
from pipelines.models.champion import MAPPING, has_champion
from pipelines.models.track import track
from pipelines.models.training import BUNDLE, TEST_SCORES, Training
from pipelines.panel import Panel
from pipelines.run import Run
from pipelines.trials import Trials

REPORT = "report.json"


def train(run: Run, as_of: date | None = None, *, asked: bool = True) -> Training:
    """Train the heads; put those that pass the gate in place if they may take the champion's.

    ``asked`` tells that a person wanted it: what is not shown to be worse then goes in place. A
    challenger that a night trains must be shown to be better: see :mod:`pipelines.promotion`.
    """
    rows = panel.build(run, as_of)
    audited = audit.of_panel(run, rows)
    inputs = {
        "panel": rows.stage.content,
        "audit": audited.stage.content,
        "settings": run.used(run.settings.learning, run.settings.evaluation),
    }
    stage = run.stages.run(
        "train", rows.as_of.isoformat(), inputs, lambda to: _make(run, rows, audited.result, to)
    )
    training = Training(stage, rows, has_champion(run.workspace))
    decision = promotion.of_training(run, training, asked=asked)
    scoring = promotion.scores_after(run, training, decision)
    untracked = track(run, training, scoring, decision)
    if decision is not None:
        promotion.carry_out(run, training.bundle(), decision)
    return replace(
        training,
        champion_in_place=has_champion(run.workspace),
        untracked=untracked,
        decision=decision,
    )


def fit(
    run: Run,
    rows: Panel,
    frame: pd.DataFrame,
    settings: LearningSettings,
    audited: Audit,
    pursuit: Pursuit | None = None,
    **meta: str,
) -> Trained:
    """Fit the heads on the rows of a panel, weighed as ``frame`` says.

    SettingsError if `learning.never_used` names what is no feature.
    """
    manifest = rows.manifest()
    defined = {feature.name for family in run.families for feature in family.features}
    if strange := sorted(set(settings.never_used) - defined):
        raise SettingsError(
            f"{len(strange)} names are no feature: {strange[0]}",
            where="learning.never_used",
            do="name features as `churn features list` does; a column of a table is not one",
        )
    return learning.fit(
        frame,
        features.specs(run.tables.known_at(rows.as_of), run.families),
        settings,
        run.settings.evaluation,
        open_findings=len(audited.open),
        walk=manifest.walk,
        meta={
            "as_of": rows.as_of.isoformat(),
            "features": run.feature_version,
            SERVING: manifest.serving.model_dump_json(),
            **meta,
        },
        pursuit=pursuit,
    )


def _make(run: Run, rows: Panel, audited: Audit, to: Path) -> str:
    manifest = rows.manifest()
    meta = {
        MAPPING: run.mapping_version,
        "availability_assumed": ",".join(manifest.availability_assumed),
        AUDIT: audited.model_dump_json(),
    }
    frame = rows.training_frame()
    trials = Trials(run.workspace.trials)
    trained = fit(run, rows, frame, run.settings.learning, audited, Pursuit(journal=trials), **meta)
    trials.done()
    write_bundle(trained.bundle, to / BUNDLE)
    write_audit(audited, to)
    pq.write_table(
        pa.Table.from_pandas(trained.test_scores, preserve_index=False), to / TEST_SCORES
    )
    reports = {
        cause: report.model_dump(mode="json") for cause, report in trained.bundle.reports.items()
    }
    write_json(to / REPORT, {"panel": manifest.model_dump(mode="json"), "heads": reports})
    passed = [cause for cause, report in trained.reports.items() if report.passed]
    return f"passed the gate: {', '.join(passed) or 'none'}"
