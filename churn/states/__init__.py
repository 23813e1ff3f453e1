"""Status events to non-overlapping spans of service states."""

from __future__ import annotations

from churn.states.codes import require_known_codes, unknown_codes
from churn.states.departures import departures
from churn.states.lines import ends_of, lines, links
from churn.states.months import months_later
from churn.states.repairs import REPAIRS, repairs
from churn.states.settings import SHIPPED_CODES, StateSettings
from churn.states.spans import first_of, in_service, read_codes, spans, state_at
from churn.states.vocabulary import IN_SERVICE, STATES, State

__all__ = [
    "IN_SERVICE",
    "REPAIRS",
    "SHIPPED_CODES",
    "STATES",
    "State",
    "StateSettings",
    "departures",
    "ends_of",
    "first_of",
    "in_service",
    "lines",
    "links",
    "months_later",
    "read_codes",
    "repairs",
    "require_known_codes",
    "spans",
    "state_at",
    "unknown_codes",
]
