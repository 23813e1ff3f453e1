"""Moves to a cheaper plan: no churn, and in competition with none of it."""

from __future__ import annotations

from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
from ibis import _

from churn.states import StateSettings, in_service, spans
from churn.tables import Known
from churn.windows import TimeSettings, add_months, month_start

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
    begun = first_change(known).as_scalar() < add_months(month_start(window.start), 1)
    return begun.fill_null(ibis.literal(value=False))


def first_change(known: Known) -> ir.DateScalar:
    """Return the day of the first change of a plan on record; its month is the first covered."""
    return known.table(TABLE).changed_on.min()


def moves_down(known: Known, history: ir.Table) -> ir.Table:
    """Return every move to a lower fee while in service.

    A plan granted to keep a customer is none, and a change whose fee is not on record says nothing.

    Parameters
    ----------
    history
        Spans of service states, :func:`churn.states.spans`.

    Returns
    -------
    Table
        ``subscriber_id``, ``changed_on`` and ``fee_lost`` (currency a month, above 0).
    """
    lower = known.table(TABLE).filter(
        _.fee_change < 0, (_.reason != GRANTED).fill_null(ibis.literal(value=True))
    )
    served = history.filter(in_service(history.state)).select("subscriber_id", "start_on", "end_on")
    moves = lower.inner_join(served, "subscriber_id")
    moves = moves.filter(
        (moves.start_on <= moves.changed_on)
        & (moves.end_on.isnull() | (moves.changed_on < moves.end_on))
    )
    return moves.select("subscriber_id", "changed_on", fee_lost=-moves.fee_change)


def downgraded(known: Known, snapshot: date, time: TimeSettings, states: StateSettings) -> ir.Table:
    """Return who moved down (:func:`moves_down`) inside the outcome window.

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
    moves = moves_down(known, spans(known.status_events, states))
    moves = moves.filter(window.contains(moves.changed_on))
    return moves.group_by("subscriber_id").aggregate(downgraded_on=_.changed_on.min())
