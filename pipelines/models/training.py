"""A stored training: the challenger, what the audit found, and what is said of both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd
import pyarrow.parquet as pq

from churn.audit import Audit
from churn.errors import ChurnError, GateError
from churn.learning import Bundle
from churn.learning.heads import HeadReport
from churn.report.notes import availability_note, split_note
from churn.store.stages import Stage
from pipelines.audit import read_audit
from pipelines.bundles import read_bundle
from pipelines.models.champion import learned_from_assumed
from pipelines.panel import Panel

BUNDLE = "bundle"
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
