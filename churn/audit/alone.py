"""LEAK305: a column that alone tells the outcome almost without error."""

from __future__ import annotations

from churn.audit.column import TELLS_ALL, AuditedColumn
from churn.audit.finding import Code, Finding
from churn.language import Text

CODE = Code(
    "LEAK305",
    Text("alone tells the outcome almost without error", "单列几乎无误地透露结果"),
    Text(
        "find out when the value is written; leave it out, or have it delivered as it stood; accept"
        " it if your own rule ends service by it",
        "查明该值何时写入；弃用，或按当时取值交付；若运营规则即按该值停机，则予以接受",
    ),
)


def find(column: AuditedColumn) -> Finding | None:
    """Rank each outcome by the column's values, in whatever order, missing ones too."""
    best = column.strongest
    if best is None or best.lower < TELLS_ALL:
        return None
    return CODE.found(column.name, **best.evidence)
