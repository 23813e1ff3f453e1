"""Deliveries are built: staged, keys compared, identifiers hashed, sorted into one file each.

Deliveries of one table go through the engine together until there are enough rows to be worth a
query; what comes out does not depend on who travelled with whom.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import ibis
import ibis.expr.types as ir

from churn.engines import Engine
from churn.errors import ExtractError
from churn.ingest.contracts import Work, breach, unique
from churn.ingest.erasure import Erased
from churn.ingest.identifiers import IdMap, hashed
from churn.ingest.mapping import DELIVERY, staged_schema
from churn.ingest.names import last_day
from churn.ingest.planning import Planned
from churn.ingest.quarantine import Quarantine
from churn.ingest.registry import Entry
from churn.ingest.settings import TableMapping
from churn.ingest.staging import stage
from churn.ingest.writing import TableFile, by_delivery, order
from churn.store import Workspace
from churn.tables import TABLES, Table

TOGETHER = 1_000_000  # rows from which a query is worth its preparation


@dataclass(frozen=True)
class Built:
    """What became of some deliveries; those that broke their contract left an error instead."""

    entries: tuple[Entry, ...]
    failures: tuple[ExtractError, ...]


@dataclass(frozen=True)
class Builder:
    """What building any delivery needs."""

    workspace: Workspace
    engine: Engine
    key: str
    code_version: str

    @cached_property
    def erased(self) -> Erased:
        """Who was erased, and is left out of whatever comes."""
        return Erased.read(self.workspace.personal, self.key)

    @property
    def incoming(self) -> Path:
        """Where rows wait, with the operator's own identifiers: among the personal data."""
        return self.workspace.personal / "incoming"

    def clear(self) -> None:
        """Remove what was staged, now or by a run that was killed."""
        shutil.rmtree(self.incoming, ignore_errors=True)

    def build(
        self, deliveries: Sequence[Planned], mapping: TableMapping, tell: Callable[[Planned], None]
    ) -> Iterator[Built]:
        """Turn the files of each delivery of one table into one Parquet file.

        ``tell`` is called with each delivery before its files are read.
        """
        works: list[Work] = []
        failures: list[ExtractError] = []
        rows = 0
        self.clear()
        for number, planned in enumerate(deliveries):
            tell(planned)
            try:
                work = self._stage(number, planned, mapping)
            except ExtractError as error:
                failures.append(error)
                continue
            works.append(work)
            rows += sum(file.accepted for file in work.staged.files if file.role == "rows")
            if rows >= TOGETHER:
                yield self._finish(works, failures, mapping)
                works, failures, rows = [], [], 0
        yield self._finish(works, failures, mapping)

    def _stage(self, number: int, planned: Planned, mapping: TableMapping) -> Work:
        table = TABLES[planned.table]
        folder = self.incoming / str(number)
        folder.mkdir(mode=0o700, parents=True)
        quarantine = Quarantine(folder / "quarantine.parquet", self.erased.blank)
        try:
            staged = stage(number, planned, table, mapping.sources, folder, quarantine, self.engine)
        except BaseException:  # stopped or failed, its file is closed before that goes on
            quarantine.close()
            raise
        return Work(number, planned, staged, quarantine)

    def _finish(
        self, works: list[Work], failures: list[ExtractError], mapping: TableMapping
    ) -> Built:
        """Compare keys, weigh contracts, and write the deliveries that keep theirs."""
        if not works:
            return Built((), tuple(failures))
        table = TABLES[works[0].planned.table]
        rows = self.engine.read_parquet(
            [part for work in works for part in work.staged.parts],
            ibis.Schema.from_pyarrow(staged_schema(table)),
        )
        rows = unique(rows, table, works, self.engine)
        aside = {work.number: self._keep_quarantine(work) for work in works}
        breaches = {work.number: breach(work, mapping, self._aside(work)) for work in works}
        failures += [error for error in breaches.values() if error is not None]
        sound = [work for work in works if breaches[work.number] is None]
        if sound and len(sound) < len(works):
            rows = rows.filter(rows[DELIVERY].isin([work.number for work in sound]))
        entries: list[Entry] = []
        if sound:
            IdMap(self.workspace.personal / "id_map.parquet", self.key, self.erased.ids).add(
                rows, table, self.engine
            )
            written = self._write(rows, table, sound)
            entries = [
                self._entry(work, table, mapping, aside[work.number], written[work.number])
                for work in sound
            ]
        self.clear()
        return Built(tuple(entries), tuple(failures))

    def _aside(self, work: Work) -> Path:
        return self.workspace.quarantine / work.planned.table / f"{work.label}.parquet"

    def _keep_quarantine(self, work: Work) -> str | None:
        final = self._aside(work)
        kept = work.quarantine.keep(final)
        return final.relative_to(self.workspace.root).as_posix() if kept else None

    def _write(
        self, rows: ir.Table, table: Table, works: list[Work]
    ) -> dict[int, tuple[Path, date | None]]:
        """Sort the rows into one file per delivery; return each with the latest day in it."""
        ids = {c.name: hashed(rows[c.name], self.key) for c in table.columns if c.identifier}
        columns = order(table)
        stored = self.erased.out_of(rows.mutate(**ids), table).select(DELIVERY, *columns)
        files = {
            work.number: TableFile(
                self.incoming / f"{work.number}.parquet", table, work.planned.delivered_on
            )
            for work in works
        }
        for number, batch in by_delivery(
            self.engine.batches(stored, order_by=[DELIVERY, *columns])
        ):
            files[number].add(batch)
        home = self.workspace.personal / "tables" if table.personal else self.workspace.tables
        return {
            work.number: files[work.number].finish(home / table.name, work.label) for work in works
        }

    def _entry(
        self,
        work: Work,
        table: Table,
        mapping: TableMapping,
        quarantine: str | None,
        written: tuple[Path, date | None],
    ) -> Entry:
        planned, load = work.planned, work.planned.load
        path, latest = written
        return Entry(
            table=table.name,
            partition=planned.partition,
            delivered_on=planned.delivered_on.isoformat(),
            covers_until=_covers_until(planned, latest).isoformat(),
            mode=planned.mode,
            path=path.relative_to(self.workspace.root).as_posix(),
            mapping=planned.mapping,
            code_version=self.code_version,
            files=tuple(work.staged.files),
            rules=dict(sorted(work.quarantine.counts.items())),
            quarantine=quarantine,
            assumed_lag=load.assumed_lag if load else None,
            current_state=load.current_state if load else (),
            constant=load.constant if load else (),
            refused={k: v for s in mapping.sources for k, v in s.refused.items()},
        )


def _covers_until(planned: Planned, latest: date | None) -> date:
    """Say through which day a delivery holds facts: as declared, by its period, by its rows.

    A delivery holds no fact of the days after it, whatever its period or a date typed wrongly
    claims: a month delivered before it has ended is not observed to its end.
    """
    if planned.covers_until is not None:
        return planned.covers_until
    covered = last_day(planned.partition) or latest or planned.delivered_on
    return min(covered, planned.delivered_on)
