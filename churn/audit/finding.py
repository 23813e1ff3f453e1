"""What a check finds: a code, what it is about, figures, what to do; never a customer's data."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from churn.frozen import Frozen
from churn.language import Text

Severity = Literal["blocks", "warns"]
PAGE = "docs/audit.md"
_EXACT = 1e-9
_SHOWN = 3

#: The words of the figures. A figure is a count, a share, an area under the curve or days.
FIGURES: Mapping[str, Text] = MappingProxyType(
    {
        "auc": Text("ROC AUC", "AUC"),
        "auc_lower": Text("its lower bound", "其下限"),
        "churners": Text("churners", "流失用户数"),
        "leavers": Text("leavers", "离网用户数"),
        "rows": Text("rows", "行数"),
        "share": Text("share", "占比"),
        "share_lower": Text("its lower bound", "其下限"),
        "of_churners": Text("share of all churners", "占全部流失用户"),
        "values": Text("values", "取值数"),
        "unlike": Text("rows that break the pattern", "例外行数"),
        "of_leavers": Text("share of all leavers", "占全部离网用户"),
        "correlation": Text("rank correlation with the days until exit", "与距离网天数的秩相关"),
        "correlation_lower": Text("its lower bound", "其下限"),
        "with_tenure": Text("rank correlation with the time in service", "与在网时长的秩相关"),
        "alone": Text("the better column alone has ROC AUC", "较优单列的AUC"),
        "left_auc": Text("ROC AUC for having left by now", "对至今是否离网的AUC"),
        "label_auc": Text("ROC AUC for the outcome", "对结果的AUC"),
        "differing": Text("rows that differ", "不一致行数"),
        "compared": Text("rows compared", "比较行数"),
        "snapshots": Text("snapshots", "快照数"),
        "days": Text("days", "天数"),
        "customers": Text("customers", "客户数"),
        "subscribers": Text("subscribers", "用户数"),
        "assumed_days": Text("days assumed", "假定天数"),
        "recorded_days": Text("days recorded at least", "实际最少天数"),
        "deliveries": Text("deliveries", "交付次数"),
        "controls": Text("controls again", "再次为对照"),
        "expected": Text("expected by their shares", "按对照比例应有"),
    }
)


class Code(NamedTuple):
    """A kind of leak that a check looks for.

    Attributes
    ----------
    severity
        ``blocks`` the gate, or only ``warns``.
    """

    code: str
    title: Text
    remedy: Text
    severity: Severity = "blocks"

    @property
    def anchor(self) -> str:
        """Where it is explained."""
        return f"{PAGE}#{self.code.lower()}"

    def found(self, *columns: str, **figures: float) -> Finding:
        """Make a finding of this kind about columns or tables."""
        return self.named(", ".join(columns), columns, figures)

    def named(
        self, subject: str, columns: tuple[str, ...], figures: Mapping[str, float]
    ) -> Finding:
        """Make a finding that is called otherwise than its columns, as in ``a / b``."""
        return Finding(
            code=self.code,
            severity=self.severity,
            subject=subject,
            columns=columns,
            evidence={name: float(figure) for name, figure in figures.items()},
            title=self.title,
            remedy=self.remedy,
        )


class Finding(Frozen):
    """One leak, or what looks like one.

    Attributes
    ----------
    subject
        The column, pair of columns, table or split; settings accept a finding by it and the code.
    evidence
        Figures by name, see :data:`FIGURES`.
    """

    code: str
    severity: Severity
    subject: str
    columns: tuple[str, ...]
    evidence: dict[str, float]
    title: Text
    remedy: Text

    @property
    def sentence(self) -> Text:
        """What was found where, with the figures."""
        place = f"{self.code} {self.subject}: "
        said = Text(place, place) + self.title
        figures = [(FIGURES[name], _figure(value)) for name, value in self.evidence.items()]
        en = ", ".join(f"{words.en} {figure}" for words, figure in figures)
        zh = "，".join(f"{words.zh}{figure}" for words, figure in figures)
        return said + Text(f" ({en})", f"（{zh}）") if figures else said


def _figure(value: float) -> str:
    whole = round(value)
    return f"{whole:,}" if abs(value - whole) < _EXACT else f"{value:.{_SHOWN}f}"
