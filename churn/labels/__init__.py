"""Who left, why, and whether that is known for certain yet."""

from __future__ import annotations

from churn.labels.default import DEFAULT
from churn.labels.definition import OUTCOMES, LabelDefinition, Outcome
from churn.labels.departures import departures, judged
from churn.labels.explain import Story, explain
from churn.labels.maturity import is_mature, mature_snapshots, observed_through, require_mature
from churn.labels.outcomes import outcomes
from churn.labels.registry import DEFINITIONS, LabelSettings

__all__ = [
    "DEFAULT",
    "DEFINITIONS",
    "OUTCOMES",
    "LabelDefinition",
    "LabelSettings",
    "Outcome",
    "Story",
    "departures",
    "explain",
    "is_mature",
    "judged",
    "mature_snapshots",
    "observed_through",
    "outcomes",
    "require_mature",
]
