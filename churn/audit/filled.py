"""LEAK302: a column filled, or blank, for churners only: it was written after they left."""

from __future__ import annotations

import numpy as np

from churn.audit.column import NEEDED, AuditedColumn, is_pure
from churn.audit.finding import Code, Finding
from churn.audit.measures import Bools, pure_share
from churn.language import Text

CODE = Code(
    "LEAK302",
    Text(
        "is filled, or blank, just where the outcome is met: it was written afterwards",
        "填写与否与结果一致：属于事后填写",
    ),
    Text(
        "leave the column out: `refused:` in the mapping, `--leave-out` for a ready-made table",
        "弃用该列：在映射中列入 `refused:`，现成表用 `--leave-out`",
    ),
)
#: Share of the smaller class that may break the pattern.
TELLS = 0.1


def tells(filled: Bools, churned: Bools) -> int | None:
    """Return how many rows break the pattern of a column that tells the outcome; None without one.

    Parameters
    ----------
    filled, churned
        Shape (n,): whether the column has a value, whether the outcome is met.
    """
    unlike = int(np.count_nonzero(filled != churned))
    unlike = min(unlike, len(churned) - unlike)
    smaller = min(int(churned.sum()), int((~churned).sum()))
    return unlike if unlike <= TELLS * smaller else None


def written_afterwards(name: str, filled: Bools, churned: Bools) -> Finding | None:
    """Look at one column and one outcome."""
    unlike = tells(filled, churned)
    if unlike is None:
        return None
    return CODE.found(name, unlike=unlike, churners=int(churned.sum()), rows=len(churned))


def find(column: AuditedColumn) -> Finding | None:
    """Compare where the column is filled with who left, outcome by outcome and by hindsight."""
    if column.filled.all() or not column.filled.any():
        return None
    for churned in column.rows.targets.values():
        if churned.sum() < NEEDED:
            continue
        found = written_afterwards(column.name, column.filled, churned)
        if found is not None:
            return found
        for side in (column.filled, ~column.filled):
            hits, met = int(np.count_nonzero(side & churned)), int(np.count_nonzero(side))
            pure = pure_share(hits, met, int(churned.sum()))
            if is_pure(pure, float(churned.mean())):
                return CODE.found(column.name, **pure.evidence)
    return None
