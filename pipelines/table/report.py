"""What is found of a ready-made table, as JSON: the report beside its bundle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from churn.audit import Audit
from churn.errors import GateError
from churn.language import Text
from churn.learning.heads import HeadReport
from churn.panel import FOLDS
from churn.panel.split import Order
from churn.ready_made import HEAD, ReadyMade
from churn.ready_made.classes import as_codes
from churn.ready_made.times import Times
from churn.report.terminal.table import fitted_lines, predicted_lines

REPORT = "report.json"
ACCEPTING = "(--accept CODE:COL --because TEXT); --leave-out COL learns nothing from a column"
NOTES: Mapping[Order, Text] = MappingProxyType(
    {
        "time": Text(
            "out of time: rows of the latest periods are judged by models of rows that are older"
            " than the period by the gap or more, none of them of a group that is asked about",
            "跨期检验：最近各时期的行由更早（至少早于间隔天数）的行训练的模型检验，训练中不含被检验的分组",
        ),
        "test": Text(
            "not out of time throughout: rows of the latest periods are judged by models of rows"
            " that are older by the gap or more, but too short a history lets folds calibrate",
            "非完全跨期检验：最近时期的行由更早的行训练的模型检验，但历史过短，校准以分折进行",
        ),
        "customer": Text(
            "not out of time: the table is one period; every row is judged by models of the other"
            " folds, which hold groups, ids and copies whole and have alike shares of the target",
            "非时间外检验：该表只有一个时期，按分组、标识及副本整体分折且各折目标占比相近，"
            "每行由其他折的模型检验",
        ),
    }
)
"""How rows are judged, by the order of the walk."""


def reported(
    made: ReadyMade,
    judged: HeadReport,
    audited: Audit,
    *,
    source: str,
    read: str,
    learners: Sequence[str],
    reproducible: bool,
) -> dict[str, Any]:
    """Put the report together: what was used, what was set aside and why, what was found."""
    recipe = made.recipe
    # what learning calls the active head is the target here
    verdict = judged.verdict and judged.verdict.model_copy(update={"head": "target"})
    head = judged.model_copy(update={"verdict": verdict}).model_dump(mode="json", exclude={"cause"})
    head["origins"] = [_named(origin, made.times) for origin in head["origins"]]
    return {
        "version": 1,
        "target": {
            "column": recipe.target,
            "positive": list(recipe.positive),
            "negative": as_codes(made.classes.negative),
            "left_out": as_codes(made.classes.left_out),
        },
        "passed": judged.passed,
        "out_of_time": made.walk.out_of_time,
        "split": {
            "note": _both(NOTES[made.walk.order]),
            "by": recipe.group or recipe.id,
            "time": recipe.time,
            "gap": recipe.gap,
            "apart": made.walk.apart,
            "test": [made.times.name(day) for origin in made.walk.test for day in origin.asked]
            if made.times
            else [],
            "folds": FOLDS,
            "seed": recipe.seed,
        },
        "source_sha256": source,
        "read_as": read,
        "rows": {
            "used": len(made.frame),
            "events": int(np.count_nonzero(made.frame["outcome"] == HEAD)),
            "target_unknown": made.unlabelled,
            "time_unknown": made.untimed,
            "repeated": made.repeated,
            "copies": {
                "equal": made.copied.equal,
                "near": made.copied.near,
                "groups": made.copied.groups,
            },
        },
        "sampled_rate": recipe.sampled_rate,
        "population_rate": recipe.base_rate,
        "columns": [
            column.model_dump(mode="json", exclude={"name", "levels", "usual"})
            for column in recipe.columns
        ],
        "totals": [total.en for total in recipe.totals],
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
        "tried": {"capacities": len(judged.trials), "learners": list(learners)},
        "reproducible": reproducible,
        "found": head,
    }


def _named(origin: dict[str, Any], times: Times | None) -> dict[str, Any]:
    """Call an origin by its time as the file has it."""
    if times is None:
        return origin
    day, comma, fold = origin["origin"].partition(",")
    period = times.name(date.fromisoformat(day)) if day[:1].isdigit() else day
    return origin | {"origin": period + comma + fold}


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
    out_of_time: bool

    def summary(self) -> str:
        """Return the counts as text."""
        return "\n".join(
            predicted_lines(self.rows, self.target, self.unread, out_of_time=self.out_of_time)
        )
