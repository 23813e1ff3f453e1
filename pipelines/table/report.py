"""What is told of a ready-made table: the report as JSON, and its lines for people."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from churn.audit import Audit, Finding
from churn.errors import GateError
from churn.language import Text
from churn.learning.heads import HeadReport
from churn.ready_made import CALIBRATION, HEAD, TEST, ReadyMade

REPORT = "report.json"
SHOWN = (
    ("average_precision", "average precision"),
    ("roc_auc", "ROC AUC"),
    ("observed_expected", "observed/expected"),
)
NOT_OUT_OF_TIME = Text(
    "not out of time: the table is one period, its rows were split by the digest of their group,"
    " id or content",
    "非时间外检验：该表只有一个时期，按分组、标识或内容的摘要划分",
)
BY_THE_CLOCK = Text(
    "what was tried depended on the clock (--time-budget): the result is not reproducible",
    "搜索范围取决于时钟（--time-budget），结果不保证可复现",
)


def written(
    made: ReadyMade,
    found: HeadReport,
    audited: Audit,
    *,
    source: str,
    tried: str,
    reproducible: bool,
) -> dict[str, Any]:
    """Put the report together: what was used, what was set aside and why, what was found."""
    recipe = made.recipe
    # what learning calls the active head is the target here
    verdict = found.verdict and found.verdict.model_copy(update={"head": "target"})
    head = found.model_copy(update={"verdict": verdict}).model_dump(mode="json", exclude={"cause"})
    return {
        "version": 1,
        "target": {"column": recipe.target, "positive": list(recipe.positive)},
        "passed": found.passed,
        "out_of_time": False,
        "split": {
            "note": _both(NOT_OUT_OF_TIME),
            "by": recipe.group or recipe.id,
            "shares": {"test": TEST, "calibration": CALIBRATION},
            "seed": recipe.seed,
        },
        "source_sha256": source,
        "rows": {
            "used": len(made.frame),
            "events": int(np.count_nonzero(made.frame["outcome"] == HEAD)),
            "target_blank": made.unlabelled,
            "repeated": made.repeated,
        },
        "sampled_rate": recipe.sampled_rate,
        "population_rate": recipe.base_rate,
        "columns": [one.model_dump(mode="json", exclude={"name"}) for one in recipe.columns],
        "set_aside": [
            {
                "column": one.column,
                "code": one.code,
                "why": _both(one.why),
                "finding": one.finding and one.finding.model_dump(mode="json"),
            }
            for one in recipe.set_aside
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

    def lines(self) -> list[str]:
        """Return what was found."""
        told, found, rows = self.report, self.report["found"], self.report["rows"]
        counts = f"{rows['events']:,} of {rows['used']:,} rows ({told['sampled_rate']:.2%})"
        lines = [
            f"{told['target']['column']}: {counts}, {len(told['columns']):,} columns",
            NOT_OUT_OF_TIME.en,
        ]
        if told["population_rate"] is not None:
            lines.append(
                f"figures are for a population with {told['population_rate']:.2%}, rows weighed"
            )
        lines += self._warnings()
        if found["off"] is not None:
            lines.append(f"no model: {found['off']['en']}")
        for learner, metrics in found["metrics"].items():
            figures = [f"{words} {_figure(metrics[name])}" for name, words in SHOWN]
            figures[0] += f" beside base rate {found['base_rate']['test']:.4f}"
            lines.append(f"{learner}: " + ", ".join(figures))
        lines += self.audit.lines()
        lines.append(f"the target {'passes' if self.passed else 'fails'} the gate")
        rules = found["verdict"]["rules"] if found["verdict"] else ()
        return lines + [f"  {rule['wording']['en']}" for rule in rules]

    def _warnings(self) -> list[str]:
        told, rows = self.report, self.report["rows"]
        lines = []
        for one in told["set_aside"]:
            leak = one["finding"] and Finding.model_validate(one["finding"]).sentence("en")
            said = f"{one['column']} {one['why']['en']}"
            lines.append(f"warning: set aside: {leak}" if leak else f"set aside: {said}")
        if rows["target_blank"]:
            lines.append(f"left out: {rows['target_blank']:,} rows with a blank target")
        if rows["repeated"]:
            lines.append(f"{rows['repeated']:,} rows repeat another")
        lines += _unread(told["read_as_missing"])
        if not told["reproducible"]:
            lines.append(f"{BY_THE_CLOCK.en}; tried: {told['tried']}")
        return lines

    def summary(self) -> str:
        """Return the findings as text."""
        return "\n".join(self.lines())

    def require_passed(self) -> None:
        """Refuse to end well without a model.

        Raises
        ------
        LeakError
            If the leak audit has open findings.
        GateError
            If the model does not pass the gate.
        """
        self.audit.require_none_open(f"{self.place.name}/{REPORT}")
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
        scored = f"{self.rows:,} rows scored for {self.target}"
        judged = "the model was judged on a test part that is not out of time"
        lines = [f"{scored}; {judged}", *_unread(self.unread)]
        return "\n".join(lines)


def _unread(counts: dict[str, int]) -> list[str]:
    return [
        f"warning: {count:,} values of {column} do not fit the rest and are read as missing"
        for column, count in sorted(counts.items())
    ]


def _figure(interval: dict[str, float | None]) -> str:
    shown = [
        "undefined" if interval[end] is None else f"{interval[end]:.4f}"
        for end in ("value", "lower", "upper")
    ]
    return f"{shown[0]} [{shown[1]}, {shown[2]}]"
