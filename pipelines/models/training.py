"""A stored training: the challenger, what the audit found, and what is said of both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd
import pyarrow.parquet as pq

from churn.audit import Audit
from churn.errors import ChurnError, GateError
from churn.learning import Bundle
from churn.monitoring.promotion import Decision
from churn.report.decisions import decision_line
from churn.report.terminal.training import training_lines
from churn.store.stages import Stage
from pipelines.audit import read_audit
from pipelines.bundles import read_bundle
from pipelines.panel import Panel

BUNDLE = "bundle"
TEST_SCORES = "test_scores.parquet"


@dataclass(frozen=True)
class Training:
    """A stored training; ``untracked`` tells why it could not be recorded.

    ``decision`` tells what was decided about its model; None where it was in place already.
    """

    stage: Stage
    panel: Panel
    champion_in_place: bool
    untracked: ChurnError | None = None
    decision: Decision | None = None

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
        found = training_lines(self.bundle(), self.audit())
        return [*found, decision_line(self.decision).en] if self.decision else found

    def summary(self) -> str:
        """Return the findings as text."""
        return "\n".join(self.lines())

    def require_tracked(self) -> None:
        """Refuse to end well where the training could not be recorded: what the tracker said."""
        if self.untracked is not None:
            raise self.untracked

    def require_champion(self) -> None:
        """Refuse to go on without any model: for open findings, or since no head passes."""
        if self.champion_in_place:
            return
        self.audit().require_none_open(f"training as of {self.as_of}")
        do = "deliver more history, or see which rule failed; `churn export` writes last notices"
        remedy = self.panel.manifest().snapshots[-1].remedy
        if remedy is not None:
            do = f"{remedy}. Else {do}"
        raise GateError(
            "no model passes the gate and none is in place: there is no target list",
            where=f"training as of {self.as_of}\n         " + "\n         ".join(self.lines()),
            do=do,
        )
