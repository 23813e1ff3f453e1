"""What a night's list is held against: the list before it, and what became of earlier ones."""

from __future__ import annotations

from churn.progress.movements import MOVES, Movements, movements
from churn.progress.past_lists import past_lists
