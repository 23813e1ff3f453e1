"""Population times snapshots, joined with labels and features, walked through in time."""

from __future__ import annotations

from churn.panel.calendar import WHYS, Calendar, Dropped, calendar, index_of
from churn.panel.fitting import with_training_weights
from churn.panel.handovers import torn_lines
from churn.panel.history import first_days
from churn.panel.making import Making
from churn.panel.manifest import (
    PanelManifest,
    PartCounts,
    Serving,
    SnapshotCounts,
    churners,
    manifest,
    tally,
)
from churn.panel.population import REASONS, eligible, left_out, population
from churn.panel.rows import AUDIT, FOLDS, META, kept, panel_rows, thinned_out
from churn.panel.settings import PanelSettings
from churn.panel.split import NOT_OUT_OF_TIME, Order, Origin, Part, Walk, never_trained, walk
from churn.panel.weights import arm_weights

__all__ = [
    "AUDIT",
    "FOLDS",
    "META",
    "NOT_OUT_OF_TIME",
    "REASONS",
    "WHYS",
    "Calendar",
    "Dropped",
    "Making",
    "Order",
    "Origin",
    "PanelManifest",
    "PanelSettings",
    "Part",
    "PartCounts",
    "Serving",
    "SnapshotCounts",
    "Walk",
    "arm_weights",
    "calendar",
    "churners",
    "eligible",
    "first_days",
    "index_of",
    "kept",
    "left_out",
    "manifest",
    "never_trained",
    "panel_rows",
    "population",
    "tally",
    "thinned_out",
    "torn_lines",
    "walk",
    "with_training_weights",
]
