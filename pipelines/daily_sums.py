"""Sums kept of large deliveries by subscriber and day, so that a night has fewer rows to add up.

A file of sums is named by the delivery's own, whose name tells its content, and by the version of
what sums it: it is there and right, or it is not there. Of a delivery that was replaced or erased
from nothing stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow.parquet as pq

from churn.engines import Engine
from churn.features.daily_use import DAILY_USE
from churn.store import Workspace
from churn.tables import TABLES, DailySums, Delivery

KEPT: tuple[DailySums, ...] = (DAILY_USE,)


@dataclass(frozen=True)
class SumsKept:
    """Where the sums of a workspace's deliveries are.

    Parameters
    ----------
    version
        That of the code that sums: other code's sums are made anew.
    least
        Rows of a delivery from which on its sums are kept; None: of none.
    """

    workspace: Workspace
    version: str
    least: int | None

    def beside(self, deliveries: Iterable[Delivery]) -> list[Delivery]:
        """Return the deliveries, each with its sums where they are kept."""
        if self.least is None:
            return list(deliveries)
        return [self._with_sums(delivery) for delivery in deliveries]

    def missing(self, deliveries: Iterable[Delivery]) -> list[tuple[DailySums, Path, Path]]:
        """Return what is to be summed, from which file, and where the sums go."""
        return [each for each in self._wanted(deliveries) if not each[2].exists()]

    def remove_orphans(self, deliveries: Iterable[Delivery]) -> None:
        """Remove what no delivery has, and what a killed run left half-written."""
        wanted = {to for _, _, to in self._wanted(deliveries)}
        for path in sorted(self.workspace.sums.glob("*/*")):
            if path not in wanted:
                path.unlink()

    def _with_sums(self, delivery: Delivery) -> Delivery:
        for sums in KEPT:
            places = [self._place(sums, path) for path in delivery.paths]
            if delivery.table == sums.table and all(place.exists() for place in places):
                return replace(delivery, summed=tuple(places))
        return delivery

    def _wanted(self, deliveries: Iterable[Delivery]) -> Iterator[tuple[DailySums, Path, Path]]:
        if self.least is None:
            return
        of = {sums.table: sums for sums in KEPT}
        for delivery in deliveries:
            for path in delivery.paths if delivery.table in of else ():
                if pq.read_metadata(path).num_rows >= self.least:
                    sums = of[delivery.table]
                    yield sums, path, self._place(sums, path)

    def _place(self, sums: DailySums, path: Path) -> Path:
        return self.workspace.sums / sums.table / f"{path.stem}-{self.version}.parquet"


def make(engine: Engine, missing: Iterable[tuple[DailySums, Path, Path]]) -> str:
    """Sum what is missing; return counts for people."""
    files = rows = 0
    for sums, path, to in missing:
        to.parent.mkdir(parents=True, exist_ok=True)
        records = engine.read_parquet([path], TABLES[sums.table].schema)
        order = [name for name in sums.schema.names if name not in sums.values]
        rows += engine.to_parquet(sums.by_day(records), to, order_by=order)
        files += 1
    return f"{files:,} deliveries summed by subscriber and day: {rows:,} rows"
