"""Ready-made feature tables as a panel: their columns recognised, their rows split."""

from __future__ import annotations

from churn.ready_made.parts import CALIBRATION, TEST
from churn.ready_made.recognition import Reading, SetAside
from churn.ready_made.table import HEAD, ReadyMade, Role, RoleError, TableRecipe, ready_made

__all__ = [
    "CALIBRATION",
    "HEAD",
    "TEST",
    "Reading",
    "ReadyMade",
    "Role",
    "RoleError",
    "SetAside",
    "TableRecipe",
    "ready_made",
]
