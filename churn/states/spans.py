"""Status events to spans: which state each subscriber was in on each day.

A day has one state: that of its last event. "Last" is by ``effective_at``; events of the same
moment go by the order of :data:`churn.states.vocabulary.STATES`, so the order of rows, and rows
delivered twice, change nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from churn.states.settings import StateSettings
from churn.states.vocabulary import IN_SERVICE, STATES


def spans(status_events: ir.Table, settings: StateSettings) -> ir.Table:
    """Turn status events into non-overlapping spans.

    Parameters
    ----------
    status_events
        ``subscriber_id``, ``effective_at``, ``status``. Codes without a meaning are passed over;
        :func:`churn.states.unknown_codes` finds them first.

    Returns
    -------
    Table
        ``subscriber_id``; ``state``; ``cause`` of the end of service (active, passive,
        administrative, null in service and for a number never used); ``cause_assumed``, true for
        a locked number without a removal on record, which counts as passive; ``start_on``; and
        ``end_on``, the first day of the next span, null for the last.
    """
    daily = _last_of_each_day(_with_causes(_distinct(read_codes(status_events, settings))))
    line = ibis.window(group_by="subscriber_id", order_by="start_on")
    before = daily.mutate(
        state_before=daily.state.lag().over(line),
        # The cause of one state may change: locked after a return and another removal.
        cause_before=daily.cause.fill_null("").lag().over(line),
    )
    begun = before.filter(
        before.state_before.isnull()
        | (before.state_before != before.state)
        | (before.cause_before != before.cause.fill_null(""))
    )
    return begun.select(
        "subscriber_id",
        "state",
        "cause",
        "cause_assumed",
        "start_on",
        end_on=begun.start_on.lead().over(line),
    )


def state_at(spans: ir.Table, day: date) -> ir.Table:
    """Return the state in which each subscriber begins ``day``.

    What happens on the day itself is not seen, as everywhere: an event of the day before counts,
    one of the day does not.

    Returns
    -------
    Table
        ``subscriber_id``, ``state``, ``cause``, ``since`` (the span's first day); only
        subscribers whose first event lies before ``day``.
    """
    current = spans.filter((spans.start_on < day) & (spans.end_on.isnull() | (spans.end_on >= day)))
    return current.select("subscriber_id", "state", "cause", since=current.start_on)


def in_service(state: ir.StringValue) -> ir.BooleanValue:
    """Tell, per row, whether a state counts as served."""
    return state.isin(IN_SERVICE)


def first_of(rows: ir.Table, key: str | Sequence[str], order_by: Any) -> ir.Table:
    """Keep, of the rows of each key, the first in the order."""
    return rows.filter(ibis.row_number().over(group_by=key, order_by=order_by) == 0)


def last_seen(looks: Sequence[ir.Table]) -> ir.Table:
    """Return every subscriber as the newest look at the books that lists it tells of it.

    Older looks are asked for whom the newest lacks alone: a year of books is more than memory.

    Parameters
    ----------
    looks
        The same columns in each, ``subscriber_id`` among them, a row per subscriber; the newest
        first.
    """
    newest, *older = looks
    if not older:
        return newest
    gone = [
        look.anti_join(newest, "subscriber_id").mutate(age=ibis.literal(place))
        for place, look in enumerate(older)
    ]
    return ibis.union(newest, first_of(ibis.union(*gone), "subscriber_id", "age").drop("age"))


def read_codes(events: ir.Table, settings: StateSettings) -> ir.Table:
    """Add ``state``, what the code means, and drop the events whose code has no meaning."""
    read = events.mutate(
        state=events.status.cases(*sorted(settings.codes.items()), else_=ibis.null("string"))
    )
    return read.filter(read.state.notnull())


def _distinct(read: ir.Table) -> ir.Table:
    """Distinct events with the rank that orders one moment."""
    events = read.select("subscriber_id", "effective_at", "state").distinct()
    ranks = [(name, rank) for rank, name in enumerate(STATES)]
    return events.mutate(rank=events.state.cases(*ranks, else_=-1).cast("int64"))


def _with_causes(events: ir.Table) -> ir.Table:
    """Give each event its cause, from its state or from what happened before it.

    This looks at every event, not only the last of its day: most numbers are locked minutes
    after the removal whose cause they inherit.
    """
    causes = [(name, state.cause) for name, state in STATES.items() if state.cause]
    so_far = ibis.window(
        group_by="subscriber_id", order_by=["effective_at", "rank"], preceding=None, following=0
    )
    locked = events.state == "locked"
    # Whoever was cut off for arrears had been using the service.
    use = in_service(events.state) | (events.state == "suspended")
    events = events.mutate(
        removal=(~locked).cast("int64").sum().over(so_far).cast("int64"),
        used=use.cast("int64").max().over(so_far).cast("int64") == 1,
        stated_cause=events.state.cases(*causes, else_=ibis.null("string")),
    )
    own = ibis.cases(
        ((events.state == "preregistered") & events.used, "passive"), else_=events.stated_cause
    )
    events = events.mutate(own=own)
    # A locked number shares its count of other events with the one event it follows.
    inherited = events.own.max().over(group_by=["subscriber_id", "removal"])
    events = events.mutate(inherited=inherited)
    locked = events.state == "locked"
    return events.select(
        "subscriber_id",
        "effective_at",
        "state",
        "rank",
        cause=ibis.cases((locked, events.inherited.fill_null("passive")), else_=events.own),
        cause_assumed=locked & events.inherited.isnull(),
    )


def _last_of_each_day(events: ir.Table) -> ir.Table:
    events = events.mutate(start_on=events.effective_at.date())
    newest_first = [ibis.desc("effective_at"), ibis.desc("rank")]
    last = first_of(events, ["subscriber_id", "start_on"], newest_first)
    return last.drop("rank", "effective_at")
