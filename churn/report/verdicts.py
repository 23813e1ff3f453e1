"""What training found about the models, for the summary: plain sentences, then the figures."""

from __future__ import annotations

from collections.abc import Mapping

from churn.causes import Cause
from churn.evaluation.gates import HEADS
from churn.language import COLON, Language
from churn.learning.heads import HeadReport


def gate_lines(reports: Mapping[Cause, HeadReport], language: Language) -> list[str]:
    """Return one sentence per head on what its model can do, then the figures behind them."""
    plain, details = [], []
    for cause, report in reports.items():
        head = HEADS[cause] + COLON
        if report.off is not None:
            plain.append(head + report.off)
        elif report.verdict is not None:
            plain.append(report.verdict.wording)
            details += [head + detail for detail in report.verdict.details]
    return [line.of(language) for line in plain] + [f"    {line.of(language)}" for line in details]
