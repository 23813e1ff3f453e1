"""Departures: every time a subscriber fell out of service, and whether it came back.

A departure is one unbroken run of spans out of service. The first of them dates it and gives its
cause: a suspension that ends in a removal is one passive departure on the day of the suspension,
whatever became of the number later.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from churn.states.months import months_later
from churn.states.settings import StateSettings
from churn.states.spans import in_service

# These end no service for good: the number is still the holder's.
OPEN_ENDED = ("suspended", "preregistered")


def departures(spans: ir.Table, settings: StateSettings) -> ir.Table:
    """Return one row per departure.

    Numbers that were never used are neither served nor gone: they begin and end no departure.

    Returns
    -------
    Table
        ``subscriber_id``, ``state``, ``cause``, ``cause_assumed`` of the first span, ``left_on``
        (its first day), ``back_on`` (first day in service again, null while away), ``ended_on``
        (first day of its first final state, null while only suspended), ``issued_anew``: whether
        it was back only after the lock period, which makes it another holder's service.
    """
    line = {"group_by": "subscriber_id", "order_by": "start_on"}
    served = in_service(spans.state)
    counted = spans.mutate(
        # Spans out of service that share this count lie between the same two of service.
        served_before=served.cast("int64")
        .sum()
        .over(ibis.window(**line, preceding=None, following=0))
        .cast("int64"),
        back_on=ibis.cases((served, spans.start_on), else_=ibis.null("date"))
        .min()
        .over(ibis.window(**line, rows=(1, None))),
    )
    away = counted.filter(counted.cause.notnull())
    run = ["subscriber_id", "served_before"]
    final_on = ibis.cases((~away.state.isin(OPEN_ENDED), away.start_on), else_=ibis.null("date"))
    first = away.mutate(
        place=ibis.row_number().over(group_by=run, order_by="start_on"),
        ended_on=final_on.min().over(group_by=run),
    )
    first = first.filter(first.place == 0)
    unlocked_on = months_later(first.ended_on, settings.lock_months)
    return first.select(
        "subscriber_id",
        "state",
        "cause",
        "cause_assumed",
        "back_on",
        "ended_on",
        left_on=first.start_on,
        issued_anew=(first.back_on >= unlocked_on).fill_null(False),  # noqa: FBT003 - a fill value
    )
