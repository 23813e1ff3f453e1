"""Re-entries: a line that began recognised as one that had ended, by whom both are in touch with.

Each line that began is held against those that ended about then; the two are one subscriber's where
each is the other's closest match and most of what they have they share.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _

NEW_DAYS = 180
"""Days in service up to which a line may be somebody's next one."""
APART_DAYS = 45
"""Days between the end of one line and the beginning of the next, either way."""
HUB_LINES = 30
"""Lines in touch with a number from which on it tells nobody apart: a service, a courier."""
SHARED_LEAST = 3
"""Contact persons that both have, at least."""
ALL_TIMES = 2
"""All contact persons that either has are fewer than so many times those that both have."""


def contacts_of(calls: ir.Table, *asked: ir.Table) -> ir.Table:
    """Return who is in touch with whom, of the subscribers asked for.

    Returns
    -------
    Table
        ``subscriber_id``, ``peer_id``, each pair once; numbers that many of those asked for are in
        touch with are left out.
    """
    who = ibis.union(*(rows.select("subscriber_id") for rows in asked))
    pairs = (
        calls.filter(_.peer_id.notnull())
        .semi_join(who, "subscriber_id")
        .select("subscriber_id", "peer_id")
        .distinct()
    )
    lines = pairs.group_by("peer_id").aggregate(lines=_.count())
    return pairs.semi_join(lines.filter(_["lines"] <= HUB_LINES), "peer_id")


def next_lines(pairs: ir.Table, new: ir.Table, old: ir.Table) -> ir.Table:
    """Return which line that began is the next one of which that ended.

    Parameters
    ----------
    pairs
        As :func:`contacts_of` gives them, of the lines in both.
    new
        Lines that began: ``subscriber_id``, ``began_on``.
    old
        Lines that ended: ``subscriber_id``, ``left_on``; each subscriber once.

    Returns
    -------
    Table
        ``new_id``, ``old_id`` (each at most once); contact persons that both have (``shared``),
        that the new line has (``of_new``), and that either has (``everyone``).
    """
    contacts = pairs.group_by("subscriber_id").aggregate(contacts=_.count())
    news = pairs.inner_join(new, "subscriber_id")
    news = news.select("peer_id", "began_on", new_id=_.subscriber_id)
    olds = pairs.inner_join(old, "subscriber_id")
    olds = olds.select("peer_id", "left_on", old_id=_.subscriber_id)
    apart = _.left_on.delta(_.began_on, unit="day").abs()
    both = (
        news.inner_join(olds, "peer_id")
        .filter((_.new_id != _.old_id) & (apart <= APART_DAYS))
        .group_by("new_id", "old_id")
        .aggregate(shared=_.count())
        .filter(_.shared >= SHARED_LEAST)
        .inner_join(contacts.select(new_id=_.subscriber_id, of_new=_.contacts), "new_id")
        .inner_join(contacts.select(old_id=_.subscriber_id, of_old=_.contacts), "old_id")
        .select("new_id", "old_id", "shared", "of_new", everyone=_.of_new + _.of_old - _.shared)
        .filter(_.everyone < _.shared * ALL_TIMES)
    )
    closest = [ibis.desc("shared"), "everyone", "old_id", "new_id"]
    return both.filter(
        (ibis.row_number().over(group_by="new_id", order_by=closest) == 0)
        & (ibis.row_number().over(group_by="old_id", order_by=closest) == 0)
    )
