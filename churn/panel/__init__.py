"""Population times snapshots, joined with labels and features, walked through in time."""

from __future__ import annotations

from churn.panel.calendar import WHYS, calendar
from churn.panel.fitting import with_training_weights
from churn.panel.heads import met
from churn.panel.making import Making
from churn.panel.manifest import PanelManifest, Serving, manifest
from churn.panel.population import ELIGIBLE, REASONS, eligible, left_out, population
from churn.panel.rows import AUDIT, DOWNGRADED, FOLDS, META
from churn.panel.settings import PanelSettings
from churn.panel.split import NOT_OUT_OF_TIME, Walk, never_trained, walk
from churn.panel.weights import arm_weights
