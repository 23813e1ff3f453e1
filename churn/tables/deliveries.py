"""Deliveries: which rows arrived when, and which of them a given day already knew.

A delivery is (table, partition, ``delivered_on``). Choosing deliveries is choosing files, so what
a day did not know is never even read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from churn.tables.schema import Mode


@dataclass(frozen=True)
class Delivery:
    """One delivery of one table, as ingest stored it.

    Parameters
    ----------
    partition
        The period or slice that the delivery holds, as its name gives it; ``""`` without one.
    delivered_on
        The day it was available.
    covers_until
        The last day whose facts it is meant to hold.
    assumed_lag
        For an initial load of history extracted on one day: the days after its occurrence at which
        a fact is assumed to have been available. ``None`` for a delivery that came in its time.
    current_state
        Columns that hold the state of the extraction day: null for every earlier day.
    constant
        Columns that never change, so that the extraction tells them of every earlier day too.
    paths
        The Parquet files with its accepted rows.
    gives_way
        Columns: its rows give way to rows of other deliveries that are equal in all of them.
    summed
        The Parquet files with sums of its rows by subscriber and day, where such are kept.
    """

    table: str
    partition: str
    delivered_on: date
    covers_until: date
    mode: Mode
    assumed_lag: int | None = None
    current_state: tuple[str, ...] = ()
    constant: tuple[str, ...] = ()
    paths: tuple[Path, ...] = ()
    gives_way: tuple[str, ...] = ()
    summed: tuple[Path, ...] = ()

    def known_by(self, day: date) -> bool:
        """Tell whether any row of it may have been known on ``day``."""
        return self.assumed_lag is not None or self.delivered_on <= day

    def in_time(self, day: date) -> bool:
        """Tell whether it was there on ``day``, if known: its availability is not assumed."""
        return self.assumed_lag is None or self.delivered_on <= day

    def observed_through(self, day: date) -> date:
        """Return the last day whose facts this delivery had shown by ``day``."""
        if self.in_time(day):
            return self.covers_until
        return min(self.covers_until, day - timedelta(days=self.assumed_lag or 0))


def known_deliveries(deliveries: Iterable[Delivery], table: str, day: date) -> list[Delivery]:
    """Return the deliveries of ``table`` that make up what ``day`` knew, oldest first.

    *append*: all known by then. *full*: the latest of them. *partition*: the latest of each
    partition. Deliveries of the same slot and day are files of one delivery and stay together. An
    initial load counts as the oldest on days before its extraction, which it only assumes to know.
    """

    def age(delivery: Delivery) -> tuple[bool, date]:
        return (delivery.delivered_on <= day, delivery.delivered_on)

    known = sorted((d for d in deliveries if d.table == table and d.known_by(day)), key=age)
    latest: dict[str | None, tuple[bool, date]] = {}
    for delivery in known:
        latest[_slot(delivery)] = age(delivery)
    return [d for d in known if d.mode == "append" or age(d) == latest[_slot(d)]]


def observed_through(deliveries: Iterable[Delivery], table: str, day: date) -> date | None:
    """Return the last day whose facts the known deliveries of ``table`` hold; None without one.

    A *full* table knows what its latest delivery does. In any other, a partition delivered anew
    takes no day away from what was observed, even if fewer rows are left in it.
    """
    every = list(deliveries)
    known = known_deliveries(every, table, day)
    replaced = [
        d for d in every if d.table == table and d.mode == "partition" and d.delivered_on <= day
    ]
    days = [delivery.observed_through(day) for delivery in (*known, *replaced)]
    return min(day, max(days)) if days else None


def _slot(delivery: Delivery) -> str | None:
    return delivery.partition if delivery.mode == "partition" else None
