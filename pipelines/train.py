"""``churn train``: fit, calibrate and judge on mature snapshots; put the winner in place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from churn import features, learning
from churn.errors import GateError
from churn.store.atomic import write_json
from pipelines import audit, panel
from pipelines.audit import AUDIT, read_audit, write_audit
from pipelines.champion import (
    has_champion,
    learned_from_assumed,
    next_champion,
    promote_if_passed,
    read_bundle,
    split_note,
    write_bundle,
)
from pipelines.freshness import availability_note
from pipelines.track import track

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    import pandas as pd

    from churn.errors import ChurnError
    from churn.learning import Bundle
    from churn.learning.heads import HeadReport
    from churn.panel.audit import Audit
    from churn.store.stages import Stage
    from pipelines.panel import Panel
    from pipelines.run import Run

BUNDLE = "bundle"
REPORT = "report.json"
TEST_SCORES = "test_scores.parquet"


@dataclass(frozen=True)
class Training:
    """A stored training: the challenger and what was found about it.

    ``untracked`` tells why it could not be recorded.
    """

    stage: Stage
    panel: Panel
    champion_in_place: bool
    untracked: ChurnError | None = None

    @property
    def as_of(self) -> date:
        """The night it was trained for."""
        return self.panel.as_of

    def bundle(self) -> Bundle:
        """Return the challenger."""
        return read_bundle(self.stage.folder / BUNDLE)

    def test_scores(self) -> pd.DataFrame:
        """Return the test rows with each learner's chances, before refitting."""
        return pq.read_table(self.stage.folder / TEST_SCORES).to_pandas()

    def audit(self) -> Audit:
        """Return what the leak audit found."""
        return read_audit(self.stage.folder)

    def lines(self) -> list[str]:
        """Return what was found: by the leak audit, and head by head."""
        told = self.audit().lines()
        for cause, found in self.bundle().reports.items():
            if found.off is not None:
                told.append(f"{cause}: off: {found.off.en}")
                continue
            for learner, metrics in found.metrics.items():
                auc, average = metrics["roc_auc"], metrics["average_precision"]
                told.append(
                    f"{cause} {learner}: ROC AUC {auc.value:.3f} "
                    f"[{auc.lower:.3f}, {auc.upper:.3f}], average precision {average.value:.4f} "
                    f"[{average.lower:.4f}, {average.upper:.4f}]"
                )
            told += _champion_lines(found)
            told += _unseen_lines(found)
            if found.verdict is not None:
                told.append(found.verdict.wording.en)
                told += [f"  {rule.wording.en}" for rule in found.verdict.rules]
        if not self.bundle().out_of_time:
            told.append(split_note(self.bundle()).en)
        assumed = availability_note(learned_from_assumed(self.bundle()))
        if assumed:
            told.append(assumed.en)
        return told

    def summary(self) -> str:
        """Return the findings as text."""
        return "\n".join(self.lines())

    def require_tracked(self) -> None:
        """Refuse to end well where the training could not be recorded.

        Raises
        ------
        ChurnError
            What the tracker said.
        """
        if self.untracked is not None:
            raise self.untracked

    def require_champion(self) -> None:
        """Refuse to go on without any model.

        Raises
        ------
        LeakError
            If the leak audit has open findings and no champion is in place.
        GateError
            If no head passes the gate and no champion is in place.
        """
        if self.champion_in_place:
            return
        self.audit().require_none_open(f"training as of {self.as_of}")
        raise GateError(
            "no model passes the gate and none is in place: there is no target list",
            where=f"training as of {self.as_of}\n         " + "\n         ".join(self.lines()),
            do="deliver more history, or see which rule failed; `churn export` writes last notices",
        )


def _champion_lines(found: HeadReport) -> list[str]:
    """Say who scores, and what the combination gained where it was fitted."""
    if found.combination is None or found.combination_gain is None:
        return [f"{found.cause}: the {found.champion} scores"]
    weights = ", ".join(f"{name} {w:.2f}" for name, w in found.combination.weights.items())
    gained = f"{found.combination_gain} of average precision over the booster"
    return [
        f"{found.cause}: the {found.champion} scores",
        f"{found.cause}: the combination ({weights}) gains {gained} on calibration rows",
    ]


def _unseen_lines(found: HeadReport) -> list[str]:
    """Say how the champion does on customers that no fit has seen."""
    if not found.unseen:
        return []
    auc, average = found.unseen["roc_auc"], found.unseen["average_precision"]
    said = (
        f"{found.cause}: on customers never seen in training ({found.unseen_rows:,} rows, "
        f"{found.unseen_events:,} churners): ROC AUC {auc.value:.3f} "
        f"[{auc.lower:.3f}, {auc.upper:.3f}], average precision {average.value:.4f} "
        f"[{average.lower:.4f}, {average.upper:.4f}]"
    )
    return [said]


def train(run: Run, as_of: date | None = None) -> Training:
    """Train both heads and put those that pass the gate in place."""
    rows = panel.build(run, as_of)
    audited = audit.of_panel(run, rows)
    inputs = {
        "panel": rows.stage.content,
        "audit": audited.stage.content,
        "settings": run.used(run.settings.learning, run.settings.evaluation),
    }
    stage = run.stages.run(
        "train", rows.as_of.isoformat(), inputs, lambda to: _make(run, rows, audited.found, to)
    )
    bundle = read_bundle(stage.folder / BUNDLE)
    training = Training(stage, rows, has_champion(run.workspace))
    untracked = track(run, training, next_champion(bundle, run.workspace))
    promote_if_passed(bundle, run.workspace)
    return replace(training, champion_in_place=has_champion(run.workspace), untracked=untracked)


def _make(run: Run, rows: Panel, audited: Audit, to: Path) -> str:
    now = run.tables.known_at(rows.as_of)
    found = rows.manifest()
    trained = learning.fit(
        rows.training_frame(),
        features.specs(now, run.families),
        run.settings.learning,
        run.settings.evaluation,
        open_findings=len(audited.open),
        out_of_time=found.out_of_time,
        meta={
            "as_of": rows.as_of.isoformat(),
            "features": run.feature_version,
            "split": found.order,
            "availability_assumed": ",".join(found.availability_assumed),
            AUDIT: audited.model_dump_json(),
        },
    )
    write_bundle(trained.bundle, to / BUNDLE)
    write_audit(audited, to)
    pq.write_table(
        pa.Table.from_pandas(trained.test_scores, preserve_index=False), to / TEST_SCORES
    )
    reports = {
        cause: report.model_dump(mode="json") for cause, report in trained.bundle.reports.items()
    }
    write_json(to / REPORT, {"panel": found.model_dump(mode="json"), "heads": reports})
    passed = [cause for cause, report in trained.reports.items() if report.passed]
    return f"passed the gate: {', '.join(passed) or 'none'}"
