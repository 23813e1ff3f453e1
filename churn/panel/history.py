"""How far back the deliveries reach: a snapshot without its whole lookback is not used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
from ibis import _

from churn.tables import TABLES
from churn.windows import month_start

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import ibis.expr.types as ir

    from churn.panel.settings import PanelSettings
    from churn.tables import Known
    from churn.windows import TimeSettings

ALWAYS = ("status_events", "subscribers")


def first_days(known: Known, settings: PanelSettings) -> ir.Table:
    """Return the first fact of each table that bounds the panel's history.

    Returns
    -------
    Table
        ``table`` and ``first_on`` (date; null for a table without rows): the history tables of
        the settings that were delivered, status events and subscribers.
    """
    names = dict.fromkeys((*settings.history_tables, *ALWAYS))
    parts = [_first(known, name) for name in names if known.has(name)]
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def _first(known: Known, name: str) -> ir.Table:
    rows = known.table(name)
    first = rows.aggregate(first_on=rows[TABLES[name].occurs_on].min().cast("date"))
    return first.select(table=ibis.literal(name), first_on=_.first_on)


def remembers(
    known: Known, first: Mapping[str, date], settings: PanelSettings, time: TimeSettings
) -> bool:
    """Tell whether a snapshot sees its whole lookback in every history table delivered.

    A table's history is taken to begin with the month of its first fact. Status events and
    subscribers need only have begun.
    """
    begun = all(known.has(name) and first[name] < known.day for name in ALWAYS if name in first)
    if not begun:
        return False
    return all(
        known.has(name) and known.window(name, time.lookback).start >= month_start(first[name])
        for name in settings.history_tables
        if name in first
    )
