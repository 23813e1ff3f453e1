"""What is found of a ready-made table, as JSON: the report beside its bundle."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from churn.audit import Audit
from churn.errors import GateError
from churn.language import Text
from churn.learning.heads import HeadReport
from churn.panel import FOLDS
from churn.ready_made import HEAD, ReadyMade
from churn.ready_made.classes import as_codes
from churn.report.terminal.table import fitted_lines, predicted_lines

REPORT = "report.json"
ACCEPTING = "(--accept CODE:COL --because TEXT); --leave-out COL learns nothing from a column"
NOT_OUT_OF_TIME = Text(
    "not out of time: the table is one period; every row is judged by models of the other folds,"
    " into which rows fall by the digest of their group, id or content",
    "非时间外检验：该表只有一个时期，按分组、标识或内容的摘要分折，每行由其他折的模型检验",
)


def reported(
    made: ReadyMade,
    judged: HeadReport,
    audited: Audit,
    *,
    source: str,
    tried: str,
    reproducible: bool,
) -> dict[str, Any]:
    """Put the report together: what was used, what was set aside and why, what was found."""
    recipe = made.recipe
    # what learning calls the active head is the target here
    verdict = judged.verdict and judged.verdict.model_copy(update={"head": "target"})
    head = judged.model_copy(update={"verdict": verdict}).model_dump(mode="json", exclude={"cause"})
    return {
        "version": 1,
        "target": {
            "column": recipe.target,
            "positive": list(recipe.positive),
            "negative": as_codes(made.classes.negative),
            "left_out": as_codes(made.classes.left_out),
        },
        "passed": judged.passed,
        "out_of_time": False,
        "split": {
            "note": _both(NOT_OUT_OF_TIME),
            "by": recipe.group or recipe.id,
            "folds": FOLDS,
            "seed": recipe.seed,
        },
        "source_sha256": source,
        "rows": {
            "used": len(made.frame),
            "events": int(np.count_nonzero(made.frame["outcome"] == HEAD)),
            "target_unknown": made.unlabelled,
            "repeated": made.repeated,
            "copies": {
                "equal": made.copied.equal,
                "near": made.copied.near,
                "groups": made.copied.groups,
            },
        },
        "sampled_rate": recipe.sampled_rate,
        "population_rate": recipe.base_rate,
        "columns": [column.model_dump(mode="json", exclude={"name"}) for column in recipe.columns],
        "set_aside": [
            {
                "column": aside.column,
                "code": aside.code,
                "why": _both(aside.why),
                "finding": aside.finding and aside.finding.model_dump(mode="json"),
            }
            for aside in recipe.set_aside
        ],
        "read_as_missing": made.unread,
        "audit": audited.model_dump(mode="json"),
        "tried": tried,
        "reproducible": reproducible,
        "found": head,
    }


def _both(text: Text) -> dict[str, str]:
    return {"en": text.en, "zh": text.zh}


@dataclass(frozen=True)
class Fitted:
    """What ``churn table fit`` wrote."""

    place: Path
    report: dict[str, Any]

    @property
    def passed(self) -> bool:
        """Whether the model passes the gate."""
        return bool(self.report["passed"])

    @property
    def audit(self) -> Audit:
        """What the leak audit found in the columns that are learned from."""
        return Audit.model_validate(self.report["audit"])

    def summary(self) -> str:
        """Return the findings as text."""
        return "\n".join(fitted_lines(self.report))

    def require_passed(self) -> None:
        """Refuse to end well with open findings of the audit, or without a model."""
        self.audit.require_none_open(f"{self.place.name}/{REPORT}", accepting=ACCEPTING)
        if not self.passed:
            raise GateError(
                "no model of the target passes the gate: `churn table predict` will refuse it",
                where=f"{self.place.name}/{REPORT}",
                do="see there which rule failed; deliver more rows, or columns that tell more",
            )


@dataclass(frozen=True)
class Predicted:
    """What ``churn table predict`` wrote; ``unread`` as training counts it."""

    place: Path
    rows: int
    target: str
    unread: dict[str, int]

    def summary(self) -> str:
        """Return the counts as text."""
        return "\n".join(predicted_lines(self.rows, self.target, self.unread))
