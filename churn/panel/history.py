"""How far back the deliveries reach: a snapshot without its whole lookback is not used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from churn.panel.settings import PanelSettings
from churn.tables import Delivery, Known
from churn.windows import TimeSettings, month_start

ALWAYS = ("status_events", "subscribers")


def first_days(known: Known, settings: PanelSettings) -> ir.Table:
    """Return the first fact of each delivery of the tables that bound the panel's history.

    Returns
    -------
    Table
        ``table``, ``delivered_on`` and ``first_on``, as :meth:`churn.tables.Known.first_facts`
        gives them: the history tables of the settings that were delivered, status events and
        subscribers.
    """
    names = dict.fromkeys((*settings.history_tables, *ALWAYS))
    parts = [_first(known, name) for name in names if known.has(name)]
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def _first(known: Known, name: str) -> ir.Table:
    facts = known.first_facts(name)
    return facts.select(table=ibis.literal(name), delivered_on=_.delivered_on, first_on=_.first_on)


@dataclass(frozen=True)
class History:
    """Since when each table tells of anything, by the deliveries that had come.

    Parameters
    ----------
    facts
        Per table the day of a delivery (None: assumed to have been known all along) and the first
        day that it tells of.
    """

    facts: Mapping[str, tuple[tuple[date | None, date], ...]]

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]], deliveries: Iterable[Delivery] = ()) -> History:
        """Build it from the rows of :func:`first_days`.

        Parameters
        ----------
        deliveries
            What came. One of a header alone has no first fact, but tells as much of its month as
            any: that nothing happened in it.
        """
        facts: dict[str, tuple[tuple[date | None, date], ...]] = {}
        for row in rows:
            fact = (row["delivered_on"], row["first_on"])
            facts[row["table"]] = (*facts.get(row["table"], ()), fact)
        told = {name: {delivered for delivered, _ in firsts} for name, firsts in facts.items()}
        for came in deliveries:
            day = None if came.assumed_lag is not None else came.delivered_on
            if came.table in facts and day not in told[came.table]:
                facts[came.table] += ((day, month_start(came.covers_until)),)
        return cls(facts)

    def __contains__(self, name: object) -> bool:
        """Tell whether any fact of the table was delivered."""
        return name in self.facts

    def begins(self, name: str, day: date) -> date | None:
        """Return the first day the table told of by ``day``; None while it told of none.

        History delivered later was not there to be looked back on.
        """
        days = [
            first
            for delivered, first in self.facts.get(name, ())
            if delivered is None or delivered <= day
        ]
        return min(days, default=None)


def begun(known: Known, history: History) -> bool:
    """Tell whether status events and subscribers had begun by the snapshot."""
    firsts = (history.begins(name, known.day) for name in ALWAYS if name in history)
    return all(first is not None and first < known.day for first in firsts)


def remembers(known: Known, history: History, settings: PanelSettings, time: TimeSettings) -> bool:
    """Tell whether a snapshot sees its whole lookback in every history table delivered.

    A table's history is taken to begin with the month of its first fact that had been delivered
    by then. Status events and subscribers need only have begun.
    """
    if not begun(known, history):
        return False
    for name in settings.history_tables:
        if name in history:
            first = history.begins(name, known.day)
            start = known.window(name, time.lookback).start
            if first is None or start < month_start(first):
                return False
    return True


def too_old(known: Known, history: History, settings: PanelSettings, max_age: int) -> bool:
    """Tell whether some table was older than a night may be scored from.

    Those that are judged are those a night is refused for: status events, subscribers, and the
    history tables delivered.
    """
    names = (name for name in (*ALWAYS, *settings.history_tables) if name in history)
    ages = (known.age(name) for name in names)
    return any(age is not None and age > max_age for age in ages)
