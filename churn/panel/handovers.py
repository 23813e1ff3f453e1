"""Lines that changed hands across a split by customer: one history on both of its sides.

A customer is drawn whole. A line that goes from one customer to another is drawn with each of them
for the time it was theirs. To put both customers into one part would take the whole web of
handovers, known only after all snapshots are; so such lines are few, and counted.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _

from churn.panel.population import ID
from churn.panel.split import Order
from churn.states import StateSettings, lines
from churn.tables import Known


def torn_lines(rows: ir.Table, known: Known, order: Order, states: StateSettings) -> ir.Table:
    """Count the lines whose rows are in several parts that time does not separate.

    Parameters
    ----------
    rows
        ``subscriber_id`` and ``part`` of all snapshots.
    known
        What is known at training: who goes on as whom.

    Returns
    -------
    Table
        One row: ``lines`` (int64), under one subscriber id or several.
    """
    if order == "time":
        rows = rows.limit(0)
    elif order == "test":
        rows = rows.filter(_.part != "test")
    named = rows.left_join(lines(known.status_events, known.subscribers, states), ID)
    named = named.select("part", line=ibis.coalesce(named.line_id, named[ID]))
    parts = named.group_by("line").aggregate(parts=_.part.nunique())
    return parts.filter(_.parts > 1).aggregate(lines=_.count().cast("int64"))
