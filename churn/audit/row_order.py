"""LEAK307: an identifier among the features whose order goes with the outcome."""

from __future__ import annotations

import numpy as np
import pandas as pd

from churn.audit.column import AuditedColumn
from churn.audit.finding import Code, Finding
from churn.audit.rows import AuditRows
from churn.language import Text

CODE = Code(
    "LEAK307",
    Text("is an identifier whose order goes with the outcome", "标识的次序与结果相关"),
    Text("leave the identifier out of the features", "不要把标识作为特征"),
)
#: Newer customers leave more easily, so numbers given in turn rank somewhat: up to 0.76 was met.
ORDERED = 0.85
UNIQUE = 0.9
SORTED = Code(
    "LEAK311",
    Text("the rows stand in the order of the outcome", "各行按结果排序"),
    Text(
        "make sure that no column was filled in that order; nothing is learned from it",
        "确认没有列按此顺序填写；行序本身不参与学习",
    ),
    "warns",
)


def find(column: AuditedColumn) -> Finding | None:
    """Look at whole numbers that name a subscriber: each its own, the same at every snapshot."""
    numbers, best = column.numbers, column.strongest
    if numbers is None or best is None or best.lower < ORDERED or not column.filled.any():
        return None
    there = numbers[column.filled]
    if not (there == np.rint(there)).all():
        return None
    owners = pd.Series(column.rows.subscriber[column.filled])
    values, people = len(np.unique(there)), owners.nunique()
    by_owner = pd.Series(there).groupby(owners.to_numpy())
    changing = bool((by_owner.max() != by_owner.min()).any())
    if changing or values < UNIQUE * people:
        return None
    return CODE.found(
        column.name, auc=best.auc, auc_lower=best.lower, values=values, churners=best.churners
    )


def of_rows(rows: AuditRows) -> list[Finding]:
    """Rank the outcome by the rows' own order, as the file has them."""
    number = AuditedColumn("row number", pd.Series(range(len(rows.half))), rows)
    best = number.strongest
    if best is None or best.lower < ORDERED:
        return []
    return [SORTED.found(number.name, **best.evidence)]
