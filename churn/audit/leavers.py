"""Who has left by now, and when: what hindsight knows and no feature may tell."""

from __future__ import annotations

import ibis.expr.types as ir

from churn.causes import CAUSES
from churn.states import StateSettings, departures, spans
from churn.tables import Known


def leavers(now: Known, states: StateSettings) -> ir.Table:
    """Return ``subscriber_id`` and ``left_on`` of everyone who churned and has not come back."""
    went = departures(spans(now.status_events, states), states)
    gone = went.filter(went.back_on.isnull() & went.cause.isin(CAUSES))
    return gone.select("subscriber_id", "left_on")
