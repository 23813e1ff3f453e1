"""MLflow: trainings as runs that can be compared, and the registry of models.

The only package that imports MLflow, and only in the modules below this one: importing it takes
seconds, which nobody pays who does not ask for it. Scoring never does.
"""

from __future__ import annotations

from churn.tracking.entries import LoadableModel, PanelRecord, RecordedTraining, RunRecord
from churn.tracking.settings import TrackingSettings
