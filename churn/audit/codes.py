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

_KINDS = (
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
_CODES = (code for kind in _KINDS for code in vars(kind).values() if isinstance(code, Code))
CODES: Mapping[str, Code] = MappingProxyType({code.code: code for code in sorted(_CODES)})
