"""Ready-made feature tables as a panel: their columns recognised, their rows split."""

from __future__ import annotations

from churn.ready_made.parts import CALIBRATION, TEST
from churn.ready_made.roles import RoleError
from churn.ready_made.table import HEAD, ReadyMade, TableRecipe, ready_made

__all__ = ["CALIBRATION", "HEAD", "TEST", "ReadyMade", "RoleError", "TableRecipe", "ready_made"]
