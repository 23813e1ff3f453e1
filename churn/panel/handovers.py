"""Lines that changed hands between folds of customers: one history on both sides.

A customer is drawn whole. A line that goes from one customer to another is drawn with each of them
for the time it was theirs. To put both customers into one fold would take the whole web of
handovers, known only after all snapshots are; so such lines are few, and counted.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

from churn.panel.population import ID
from churn.states import StateSettings, lines
from churn.tables import Known


def torn_lines(
    rows: ir.Table, known: Known, folded: Collection[date], states: StateSettings
) -> ir.Table:
    """Count the lines whose rows are in several folds of customers.

    Parameters
    ----------
    rows
        ``subscriber_id``, ``snapshot`` and ``fold`` of all snapshots.
    known
        What is known at training: who goes on as whom.
    folded
        The snapshots that folds are asked about.

    Returns
    -------
    Table
        One row: ``lines`` (int64), under one subscriber id or several.
    """
    rows = rows.filter(_.snapshot.isin(list(folded))) if folded else rows.limit(0)
    named = rows.left_join(lines(known.status_events, known.subscribers, states), ID)
    named = named.select("fold", line=ibis.coalesce(named.line_id, named[ID]))
    folds = named.group_by("line").aggregate(folds=_.fold.nunique())
    return folds.filter(_.folds > 1).aggregate(lines=_.count().cast("int64"))
