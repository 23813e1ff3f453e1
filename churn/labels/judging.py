"""What each departure means for a snapshot."""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir

from churn.windows import TimeSettings


def judged(departed: ir.Table, snapshot: date, time: TimeSettings) -> ir.Table:
    """Keep the departures that bear on a snapshot and say what each counts as.

    Those bear on it that were open when the snapshot's day began or started before the outcome
    window closes. Both allowances are counted in days from the departure, the last one included.

    Returns
    -------
    Table
        The columns of :func:`churn.states.departures`; ``verdict``: ``cured`` (a suspension, back
        within grace), ``won_back`` (anything else, back within the win-back period),
        ``administrative``, ``gone`` (before the outcome window opens), else the cause; and
        ``detail``, what the outcome is put down to if this departure decides: its state.
    """
    window = time.outcome_window(snapshot)
    near = departed.filter(
        (departed.left_on < window.end)
        & (departed.back_on.isnull() | (departed.back_on >= snapshot))
    )
    away = near.back_on.delta(near.left_on, unit="day")
    suspended = near.state == "suspended"
    return near.mutate(
        verdict=ibis.cases(
            (suspended & (away <= time.grace), "cured"),
            (~suspended & (away <= time.win_back), "won_back"),
            (near.cause == "administrative", "administrative"),
            (near.left_on < window.start, "gone"),
            else_=near.cause,
        ),
        detail=near.state,
    )
