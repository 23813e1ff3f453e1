"""Departures: every time a subscriber fell out of service, and what came of it.

A departure is one unbroken run of spans out of service. The first of them dates it and gives its
cause: a suspension that ends in a removal is one passive departure on the day of the suspension,
whatever became of the number later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from churn.states import in_service

if TYPE_CHECKING:
    from datetime import date

    import ibis.expr.types as ir

    from churn.windows import TimeSettings


def departures(spans: ir.Table) -> ir.Table:
    """Return one row per departure.

    Numbers that were never used are neither served nor gone: they begin and end no departure.

    Returns
    -------
    Table
        ``subscriber_id``, ``state``, ``cause``, ``cause_assumed`` of the first span, ``left_on``
        (its first day), ``back_on`` (first day in service again, null while away).
    """
    line = {"group_by": "subscriber_id", "order_by": "start_on"}
    served = in_service(spans.state)
    told = spans.mutate(
        # Spans out of service that share this count lie between the same two of service.
        served_before=served.cast("int64")
        .sum()
        .over(ibis.window(**line, preceding=None, following=0))
        .cast("int64"),
        back_on=ibis.cases((served, spans.start_on), else_=ibis.null("date"))
        .min()
        .over(ibis.window(**line, rows=(1, None))),
    )
    away = told.filter(told.cause.notnull())
    place = ibis.row_number().over(group_by=["subscriber_id", "served_before"], order_by="start_on")
    first = away.mutate(place=place)
    first = first.filter(first.place == 0)
    return first.select(
        "subscriber_id", "state", "cause", "cause_assumed", "back_on", left_on=first.start_on
    )


def judged(departed: ir.Table, snapshot: date, time: TimeSettings) -> ir.Table:
    """Keep the departures that bear on a snapshot and say what each counts as.

    Those bear on it that were open when the snapshot's day began or started before the outcome
    window closes. Both allowances are counted in days from the departure, the last one included.

    Returns
    -------
    Table
        The columns of :func:`departures` and ``verdict``: ``cured`` (a suspension, back within
        grace), ``won_back`` (anything else, back within the win-back period), ``administrative``,
        ``gone`` (before the outcome window opens), else the cause.
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
        )
    )
