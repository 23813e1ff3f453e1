"""LEAK306: values that almost only churners have."""

from __future__ import annotations

from churn.audit.column import AuditedColumn, is_pure
from churn.audit.finding import Code, Finding
from churn.language import Text

CODE = Code(
    "LEAK306",
    Text("has values that almost only churners have", "有几乎只出现在流失用户上的取值"),
    Text(
        "find out when these values are written; map them away, or leave the column out",
        "查明这些取值何时写入；在映射中并入其他取值，或弃用该列",
    ),
)


def find(column: AuditedColumn) -> Finding | None:
    """Count churners among the rows of values that look pure on other customers."""
    for target, churned in column.rows.targets.items():
        pure = column.purity(target)
        if is_pure(pure, float(churned.mean())):
            return CODE.found(column.name, **pure.evidence)
    return None
