"""Status events to non-overlapping spans of service states."""

from __future__ import annotations

from churn.states.codes import require_known_codes, unknown_codes
from churn.states.settings import SHIPPED_CODES, StateSettings
from churn.states.spans import in_service, spans, state_at
from churn.states.vocabulary import IN_SERVICE, STATES, State

__all__ = [
    "IN_SERVICE",
    "SHIPPED_CODES",
    "STATES",
    "State",
    "StateSettings",
    "in_service",
    "require_known_codes",
    "spans",
    "state_at",
    "unknown_codes",
]
