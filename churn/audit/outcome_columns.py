"""LEAK301: an outcome among the features, by its name or because it is the outcome itself."""

from __future__ import annotations

import numpy as np

from churn.audit.column import NEEDED, AuditedColumn
from churn.audit.finding import Code, Finding
from churn.causes import CAUSES
from churn.language import Text

CODE = Code(
    "LEAK301",
    Text("is the outcome itself", "就是结果本身"),
    Text("take the column out of the features", "从特征中移除该列"),
)
#: What the panel keeps of outcomes: none of it may come back as a feature.
NAMES = frozenset(
    {
        "outcome",
        "event_on",
        "ended_by_holder",
        "cured",
        "cured_late",
        "returned_late",
        "vanished",
        "share_observed",
    }
    | {"churn", "churned", "left_on", "churn_label"}
    | {f"p_{cause}" for cause in CAUSES}
)


def find(column: AuditedColumn) -> Finding | None:
    """Look at the name, and at whether the values tell the outcome without a single error."""
    if column.name.lower() in NAMES:
        return CODE.found(column.name, rows=len(column.values))
    values = len(np.unique(column.bins))
    for target in CAUSES:
        churned = column.rows.targets.get(target)
        if churned is None or churned.sum() < NEEDED or values > 3:  # noqa: PLR2004 - yes, no, blank
            continue
        shares = [churned[column.bins == level].mean() for level in np.unique(column.bins)]
        if set(shares) == {0.0, 1.0}:
            return CODE.found(column.name, churners=int(churned.sum()), unlike=0)
    return None
