"""Lines: one service under the several subscriber ids that it had.

A transfer (过户), a change of number (移机改号) or of product (产品迁移) usually ends one
subscriber and begins another. Where the event names its ``successor_id`` the two are one line.
Where it does not, a moved or migrated subscriber is linked to the one activation of the same
customer within ``link_days``, if there is exactly one of each; a transfer, whose customer changes,
never is.

Two successors of one subscriber: the latest event counts. Two subscribers that name one successor:
the first keeps it. A link into a subscriber that had itself passed on before then is dropped, so a
line that comes back to an id it had is the line it was. Links of one moment (one day, where one of
them is inferred or the extract knows only days) form a chain; where they form a circle, none of
them is one. So links never run in a circle.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _

from churn.states.departures import departures
from churn.states.settings import StateSettings
from churn.states.spans import first_of, read_codes, spans

CONTINUING = ("moved", "migrated", "transferred")
INFERRED = ("moved", "migrated")
DOUBLINGS = 6  # each doubles how far back a chain is followed: 64 ids
OF_A_DAY = 3  # of links of one day: 8 ids


def lines(status_events: ir.Table, subscribers: ir.Table, settings: StateSettings) -> ir.Table:
    """Return the line of every subscriber, by the links in what is given.

    Returns
    -------
    Table
        ``subscriber_id`` (on the books, with a status, or named as a successor), ``line_id``: the
        first id the line had, its own where nothing came before; chains are followed over 64 ids.
    """
    linked = links(status_events, subscribers, settings)
    joined = ends_of(linked.select(subscriber_id=_.successor_id, leads_to=_.subscriber_id))
    named = ibis.union(
        subscribers.select("subscriber_id"),
        status_events.select("subscriber_id"),
        joined.select("subscriber_id"),
        distinct=True,
    )
    rows = named.left_join(joined, "subscriber_id")
    return rows.select("subscriber_id", line_id=ibis.coalesce(rows.leads_to, rows.subscriber_id))


def ends_of(steps: ir.Table, doublings: int = DOUBLINGS) -> ir.Table:
    """Follow steps from one id to another as far as they go.

    Parameters
    ----------
    steps
        ``subscriber_id``, ``leads_to``: each id at most once in either.
    doublings
        Over how many steps: 2 to the power of it.

    Returns
    -------
    Table
        The same rows, ``leads_to`` now the last id of the chain; of a circle, any of its ids.
    """
    for _step in range(doublings):
        further = steps.view()
        longer = steps.left_join(
            further, steps.leads_to == further.subscriber_id, rname="{name}_of_further"
        )
        end = ibis.coalesce(longer.leads_to_of_further, longer.leads_to)
        # Distinct already: this keeps Ibis from extending one join by the next.
        steps = longer.select("subscriber_id", leads_to=end).distinct()
    return steps


def links(status_events: ir.Table, subscribers: ir.Table, settings: StateSettings) -> ir.Table:
    """Return which subscriber goes on as which.

    Returns
    -------
    Table
        ``subscriber_id``, ``successor_id`` (each at most once), ``linked_at``, ``inferred``.
    """
    candidates = candidate_links(status_events, subscribers, settings)
    onward = candidates.select(
        successor_id="subscriber_id", passed_on_at="linked_at", day_only="inferred"
    )
    both = candidates.left_join(onward, "successor_id").drop("successor_id_right")
    same_day = (both.linked_at.date() == both.passed_on_at.date()).fill_null(False)  # noqa: FBT003 - a fill value
    # An inferred link knows only its day: no hour of the other puts one before the other.
    unordered = same_day & (both.inferred | both.day_only)
    forward = both.mutate(same_day=same_day).filter(
        both.passed_on_at.isnull() | (both.linked_at <= both.passed_on_at) | unordered
    )
    circles = _circles(forward.filter(forward.same_day))
    return forward.anti_join(circles, "subscriber_id").select(*candidates.columns)


def _circles(same_day: ir.Table) -> ir.Table:
    """Of links that are passed on the day they are made, those whose chain has no end."""
    ends = ends_of(same_day.select("subscriber_id", leads_to="successor_id"), OF_A_DAY)
    onward = same_day.select(leads_to="subscriber_id")
    return ends.semi_join(onward, "leads_to").select("subscriber_id")


def candidate_links(
    status_events: ir.Table, subscribers: ir.Table, settings: StateSettings
) -> ir.Table:
    """Return the links before those that run back in time are dropped."""
    newest_first = [ibis.desc("linked_at"), "successor_id"]
    latest = first_of(recorded_links(status_events, settings), "subscriber_id", newest_first)
    recorded = first_of(latest, "successor_id", ["linked_at", "subscriber_id"])
    inferred = _inferred(status_events, subscribers, recorded, settings)
    columns = ("subscriber_id", "successor_id", "linked_at")
    return ibis.union(
        recorded.select(*columns, inferred=ibis.literal(False)),  # noqa: FBT003 - Ibis's signature
        inferred.select(*columns, inferred=ibis.literal(True)),  # noqa: FBT003 - Ibis's signature
    )


def recorded_links(status_events: ir.Table, settings: StateSettings) -> ir.Table:
    """Return the successors on record, as they are: ``subscriber_id successor_id linked_at``."""
    read = read_codes(status_events, settings)
    events = read.filter(
        read.state.isin(CONTINUING)
        & read.successor_id.notnull()
        & (read.successor_id != read.subscriber_id)
    )
    return events.select("subscriber_id", "successor_id", linked_at=events.effective_at).distinct()


def _inferred(
    status_events: ir.Table, subscribers: ir.Table, recorded: ir.Table, settings: StateSettings
) -> ir.Table:
    """Pair an end with an activation of the same customer, where there is one of each."""
    recorded_ends = recorded_links(status_events, settings)
    fallen = departures(spans(status_events, settings), settings)
    ended = fallen.filter(fallen.state.isin(INFERRED) & fallen.back_on.isnull())
    ended = ended.anti_join(recorded_ends, "subscriber_id")
    books = subscribers.filter(subscribers.customer_id.notnull())
    ended = ended.inner_join(books.select("subscriber_id", "customer_id"), "subscriber_id")
    ended = ended.select("subscriber_id", "customer_id", "left_on")
    begun = books.filter(books.activated_on.notnull())
    begun = begun.anti_join(recorded.select(subscriber_id="successor_id"), "subscriber_id")
    begun = begun.select("customer_id", "activated_on", successor_id="subscriber_id")
    pairs = ended.inner_join(begun, "customer_id")
    apart = pairs.activated_on.delta(pairs.left_on, unit="day").abs()
    pairs = pairs.filter(
        (apart <= settings.link_days) & (pairs.subscriber_id != pairs.successor_id)
    )
    pairs = pairs.mutate(
        begins=ibis._.count().over(group_by="subscriber_id"),
        ends=ibis._.count().over(group_by="successor_id"),
    )
    sure = pairs.filter((pairs.begins == 1) & (pairs.ends == 1))
    return sure.select("subscriber_id", "successor_id", linked_at=sure.left_on.cast("timestamp"))
