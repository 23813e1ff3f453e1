"""Every kind of leak that the audit looks for, by its code."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from churn.audit import (
    alone,
    both_sides,
    category,
    clock,
    constant,
    control_group,
    deliveries,
    event_date,
    filled,
    future,
    hindsight,
    immature,
    one_cut,
    outcome_columns,
    pairs,
    row_order,
    scoring,
    treated,
    windows,
)
from churn.audit.finding import Code

CODES: Mapping[str, Code] = MappingProxyType(
    {
        code.code: code
        for code in (
            future.FACTS,
            future.RESTATED,
            future.LATE,
            scoring.CODE,
            deliveries.BEFORE,
            deliveries.LAG,
            constant.CODE,
            one_cut.CODE,
            windows.OVERLAP,
            windows.SHARED,
            both_sides.CODE,
            immature.CODE,
            treated.CODE,
            control_group.CODE,
            outcome_columns.CODE,
            filled.CODE,
            event_date.CODE,
            hindsight.CODE,
            alone.CODE,
            category.CODE,
            row_order.CODE,
            row_order.SORTED,
            clock.CODE,
            pairs.RATIO,
            pairs.DIFFERENCE,
        )
    }
)
