"""Moves to a cheaper plan in the outcome window: no churn, and in competition with none of it."""

from __future__ import annotations

from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
from ibis import _

from churn.states import StateSettings, in_service, spans
from churn.tables import Known
from churn.windows import TimeSettings, month_start

TABLE = "plan_changes"
GRANTED = "other"
"""The reason on record of a plan that was granted, such as a save on offer."""


def downgrades_observed(known: Known, snapshot: date, time: TimeSettings) -> ir.BooleanValue:
    """Tell whether plan changes are on record for all of a snapshot's outcome window.

    From the month of the first change known, to the last day that deliveries cover. There is no
    grace and no win-back: a move is final on its day.
    """
    window, through = time.outcome_window(snapshot), known.observed_through(TABLE)
    if through is None or window.end - timedelta(days=1) > through:
        return ibis.literal(value=False)
    begins = month_start(window.start) + timedelta(days=31)
    first = known.table(TABLE).changed_on.min().as_scalar()
    return (first < month_start(begins)).fill_null(ibis.literal(value=False))


def downgraded(known: Known, snapshot: date, time: TimeSettings, states: StateSettings) -> ir.Table:
    """Return who moved to a lower fee inside the outcome window while in service.

    A plan granted to keep a customer is none, and a change whose fee is not on record says nothing.
    Whoever moved and left later in the window did both.

    Parameters
    ----------
    known
        What is known on the day of the training, not on that of the snapshot.

    Returns
    -------
    Table
        ``subscriber_id`` and ``downgraded_on``, the day of the first such move.
    """
    window = time.outcome_window(snapshot)
    moves = known.table(TABLE).filter(
        window.contains(_.changed_on),
        _.fee_change < 0,
        (_.reason != GRANTED).fill_null(ibis.literal(value=True)),
    )
    lines = spans(known.status_events, states)
    served = lines.filter(in_service(lines.state)).select("subscriber_id", "start_on", "end_on")
    held = moves.inner_join(served, "subscriber_id")
    held = held.filter(
        (held.start_on <= held.changed_on)
        & (held.end_on.isnull() | (held.changed_on < held.end_on))
    )
    return held.group_by("subscriber_id").aggregate(downgraded_on=_.changed_on.min())
