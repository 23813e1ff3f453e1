"""Who left, why, and whether that is known for certain yet."""

from __future__ import annotations

from churn.labels.default import DEFAULT
from churn.labels.definition import LabelDefinition
from churn.labels.downgrades import downgraded, downgrades_observed, first_change, moves_down
from churn.labels.explain import explain
from churn.labels.maturity import is_mature, observed_through, require_mature, unknown_columns
from churn.labels.outcomes import outcomes, so_far
from churn.labels.registry import DEFINITIONS, LabelSettings
