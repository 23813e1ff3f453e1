"""Ready-made feature tables as a panel: their columns recognised, their rows folded."""

from __future__ import annotations

from churn.ready_made.recipe import TableRecipe
from churn.ready_made.recognition import KINDS, Kind, Said
from churn.ready_made.roles import RoleError
from churn.ready_made.table import HEAD, WALK, ReadyMade, ready_made
