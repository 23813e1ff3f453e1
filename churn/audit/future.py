"""LEAK101, LEAK102, LEAK103: features that a day could not have computed.

A snapshot's features are built again from tables without its future. What differs from the panel
has read a fact of the day or later, a restatement that came later, or a late delivery; which of
them, the same rebuilding tells with one of the three cut out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from types import MappingProxyType

import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa

from churn import features
from churn.audit.cuts import ALL, Cut, cut
from churn.audit.finding import Code, Finding
from churn.features import Family
from churn.language import Text
from churn.states import StateSettings
from churn.tables import Tables

Materialise = Callable[[ir.Table], pa.Table]

ID = "subscriber_id"
_REMEDY = Text(
    "read tables through `view.known` only; see docs/add-a-feature.md",
    "只通过 `view.known` 读取数据；见 docs/add-a-feature.md",
)
FACTS = Code(
    "LEAK101",
    Text("reads facts of the snapshot day or later", "读取了观察日当天或之后的事实"),
    _REMEDY,
)
RESTATED = Code(
    "LEAK102",
    Text("reads restated values before they were delivered", "在重述值交付之前就读取了它"),
    _REMEDY,
)
LATE = Code(
    "LEAK103",
    Text("reads deliveries that had not arrived", "读取了当时尚未交付的数据"),
    _REMEDY,
)
_BY_CUT: Mapping[Cut, Code] = MappingProxyType({"facts": FACTS, "restated": RESTATED, "late": LATE})


def find(
    panel: pd.DataFrame,
    tables: Tables,
    snapshot: date,
    *,
    states: StateSettings,
    families: Sequence[Family],
    ids: ir.Table,
    materialise: Materialise,
) -> list[Finding]:
    """Build one snapshot's features again and compare.

    Parameters
    ----------
    panel
        The snapshot's rows: ``subscriber_id`` and the features.
    ids
        The same subscribers as a lazy table.
    materialise
        Runs a lazy table.
    """

    def rebuilt(cuts: Sequence[Cut], some: Sequence[Family]) -> pd.DataFrame:
        then = cut(tables, snapshot, cuts).known_at(snapshot)
        table = features.build(then, ids, states=states, families=some)
        return materialise(table).to_pandas()

    changed = differing(panel, rebuilt(ALL, families))
    if not changed:
        return []
    suspected = [f for f in families if any(feature.name in changed for feature in f.features)]
    by_code = [
        (code, differing(panel, rebuilt((part,), suspected))) for part, code in _BY_CUT.items()
    ]
    findings: dict[str, Finding] = {}
    for code, unlike in (*by_code, (FACTS, changed)):  # some change by all cuts together only
        for name, rows in unlike.items():
            finding = code.found(name, differing=rows, compared=len(panel))
            findings.setdefault(name, finding)
    return list(findings.values())


def differing(before: pd.DataFrame, after: pd.DataFrame) -> dict[str, int]:
    """Count, per feature of both, the subscribers of both whose value differs in any bit."""
    first, second = before.set_index(ID), after.set_index(ID)
    both = first.index.intersection(second.index)
    first, second = first.loc[both], second.loc[both]
    counts = {}
    for name in first.columns.intersection(second.columns):
        left, right = first[name], second[name]
        unlike = ~((left == right).fillna(value=False) | (left.isna() & right.isna()))
        if unlike.any():
            counts[str(name)] = int(np.count_nonzero(unlike))
    return counts
