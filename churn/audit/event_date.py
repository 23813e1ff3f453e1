"""LEAK303: a column that tells when the subscriber leaves."""

from __future__ import annotations

from churn.audit.column import AuditedColumn
from churn.audit.finding import Code, Finding
from churn.language import Text

CODE = Code(
    "LEAK303",
    Text("tells the day of the exit", "透露离网日期"),
    Text(
        "leave the column out, or have it delivered as it stood at each date",
        "弃用该列，或按各时点的当时取值交付",
    ),
)
#: No column known on the day follows the order of exits this closely; contract ends come nearest.
FOLLOWS = 0.8


def find(column: AuditedColumn) -> Finding | None:
    """Compare its order with that of the days until exit, snapshot by snapshot."""
    dated = column.dated
    if dated.lower < FOLLOWS:
        return None
    return CODE.found(column.name, **dated.evidence)
