"""Every column of the panel through every check of columns: one finding each, the most telling."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from churn.audit import (
    alone,
    category,
    clock,
    event_date,
    filled,
    hindsight,
    outcome_columns,
    pairs,
    row_order,
)
from churn.audit.column import AuditedColumn
from churn.audit.finding import Finding
from churn.audit.rows import AuditRows

TENURE = "tenure_days"


def leaking_columns(rows: AuditRows, *, tenure: str | None = TENURE) -> list[Finding]:
    """Audit the features of a panel or of a ready-made table, alone and by two.

    Parameters
    ----------
    tenure
        The feature that holds the time in service at the snapshot; left out where it is not there.
    """
    service = None
    if tenure is not None and tenure in rows.features:
        service = rows.features[tenure].to_numpy(dtype=np.float64, na_value=np.nan)
    # from the particular to the general: the first that applies names the column
    checks: tuple[Callable[[AuditedColumn], Finding | None], ...] = (
        outcome_columns.find,
        filled.find,
        row_order.find,
        event_date.find,
        hindsight.find,
        alone.find,
        category.find,
        partial(clock.find, tenure=service),
    )
    found: dict[str, Finding] = {}
    for name in rows.features:
        column = AuditedColumn(name, rows.features[name], rows)
        finding = next((one for check in checks if (one := check(column)) is not None), None)
        if finding is not None:
            found[name] = finding
    rest = [name for name in rows.features if name not in found]
    return [*found.values(), *pairs.find(rows, rest, service)]
