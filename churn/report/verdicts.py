"""What training found about the models, for the summary: plain sentences, then the figures."""

from __future__ import annotations

from collections.abc import Mapping

from churn.evaluation.gates import HEADS
from churn.language import Language, Text
from churn.learning.heads import HeadReport
from churn.learning.settings import Cause


def gate_lines(reports: Mapping[Cause, HeadReport], language: Language) -> list[str]:
    """Return one sentence per head on what its model can do, then the figures behind them."""
    plain, details = [], []
    for cause, report in reports.items():
        head = HEADS[cause]
        if report.off is not None:
            plain.append(Text(f"{head.en}: {report.off.en}", f"{head.zh}：{report.off.zh}"))
        elif report.verdict is not None:
            plain.append(report.verdict.wording)
            details += [
                Text(f"    {head.en}: {detail.en}", f"    {head.zh}：{detail.zh}")
                for detail in report.verdict.details
            ]
    return [line.of(language) for line in plain + details]
