"""Whether trainings are tracked (``tracking:`` in the settings file)."""

from __future__ import annotations

from pydantic import Field

from churn.frozen import Frozen


class TrackingSettings(Frozen):
    """MLflow, in the workspace: no server, no network, no telemetry."""

    enabled: bool = Field(
        default=True,
        description="whether each training is recorded in the workspace's MLflow store and its "
        "model registered; scoring never needs it",
    )
