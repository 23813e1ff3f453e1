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
    for cause, found in reports.items():
        head = HEADS[cause]
        if found.off is not None:
            said = Text(f"{head.en}: {found.off.en}", f"{head.zh}：{found.off.zh}")
            plain.append(said.of(language))
        elif found.verdict is not None:
            plain.append(found.verdict.wording.of(language))
            for detail in found.verdict.details:
                said = Text(f"{head.en}: {detail.en}", f"{head.zh}：{detail.zh}")
                details.append(f"    {said.of(language)}")
    return plain + details
