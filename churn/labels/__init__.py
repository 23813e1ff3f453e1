"""Who left, why, and whether that is known for certain yet."""

from __future__ import annotations

from churn.labels.deciding import first_decides, judged
from churn.labels.default import DEFAULT
from churn.labels.definition import LabelDefinition
from churn.labels.evidence import DeclaredTables, Evidence
from churn.labels.explain import Story, explain
from churn.labels.maturity import (
    is_mature,
    mature_snapshots,
    observed_through,
    require_columns,
    require_mature,
    unknown_columns,
)
from churn.labels.outcomes import outcomes
from churn.labels.registry import DEFINITIONS, LabelSettings

__all__ = [
    "DEFAULT",
    "DEFINITIONS",
    "DeclaredTables",
    "Evidence",
    "LabelDefinition",
    "LabelSettings",
    "Story",
    "explain",
    "first_decides",
    "is_mature",
    "judged",
    "mature_snapshots",
    "observed_through",
    "outcomes",
    "require_columns",
    "require_mature",
    "unknown_columns",
]
