"""The second half of a delivery: keys checked, identifiers hashed, rows sorted into one file."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from churn.errors import ExtractError
from churn.ingest.blocks import fetch_lines
from churn.ingest.identifiers import IdMap, hashed
from churn.ingest.mapping import FILE, LINE, staged_schema
from churn.ingest.names import last_day
from churn.ingest.quarantine import Quarantine
from churn.ingest.records import Rejects
from churn.ingest.registry import Entry
from churn.ingest.rules import by_code, rule
from churn.ingest.staging import stage
from churn.store.hashing import sha256_file
from churn.tables import TABLES
from churn.windows import month_end

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import ibis.expr.types as ir

    from churn.engines import Engine
    from churn.ingest.planning import Planned
    from churn.ingest.settings import TableMapping
    from churn.ingest.staging import Staged
    from churn.store import Workspace
    from churn.tables import Table

ROW_GROUP = 1 << 20
NAMED_CODES = 5


@dataclass(frozen=True)
class Builder:
    """What building any delivery needs."""

    workspace: Workspace
    engine: Engine
    key: str
    code_version: str

    @property
    def incoming(self) -> Path:
        """Where rows wait, with the operator's own identifiers: among the personal data."""
        return self.workspace.personal / "incoming"

    def clear(self) -> None:
        """Remove what was staged, now or by a run that was killed."""
        shutil.rmtree(self.incoming, ignore_errors=True)

    def build(self, planned: Planned, mapping: TableMapping) -> Entry:
        """Turn the files of one delivery into one Parquet file; say what became of each record.

        Raises
        ------
        ExtractError
            If more records break a rule than the settings allow. The quarantine is kept to look
            at; nothing else is.
        """
        table = TABLES[planned.table]
        self.clear()
        self.incoming.mkdir(mode=0o700, parents=True)
        final = self.workspace.quarantine / table.name / f"{_label(planned)}.parquet"
        with Quarantine(self.incoming / "quarantine.parquet", final) as quarantine:
            staged = stage(planned, table, mapping.sources, self.incoming, quarantine)
            rows = self.engine.read_parquet(
                staged.parts, ibis.Schema.from_pyarrow(staged_schema(table))
            )
            rows = self._unique(rows, table, planned, staged, quarantine)
            kept = quarantine.keep()
        _check_share(planned, mapping, staged, quarantine)
        IdMap(self.workspace.personal / "id_map.parquet", self.key).add(rows, table, self.engine)
        path, latest = self._write(rows, table, planned)
        self.clear()
        load = planned.load
        root = self.workspace.root
        return Entry(
            table=table.name,
            partition=planned.partition,
            delivered_on=planned.delivered_on.isoformat(),
            covers_until=_covers_until(planned, table, latest).isoformat(),
            mode=planned.mode,
            path=path.relative_to(root).as_posix(),
            mapping=planned.mapping,
            code_version=self.code_version,
            files=tuple(staged.files),
            rules=dict(sorted(quarantine.counts.items())),
            quarantine=final.relative_to(root).as_posix() if kept else None,
            assumed_lag=load.assumed_lag if load else None,
            current_state=load.current_state if load else (),
            constant=load.constant if load else (),
            refused={k: v for s in mapping.sources for k, v in s.refused.items()},
        )

    def _unique(
        self,
        rows: ir.Table,
        table: Table,
        planned: Planned,
        staged: Staged,
        quarantine: Quarantine,
    ) -> ir.Table:
        """Set aside all but one row of each key: the first by content, wherever it stood."""
        if not table.key:
            return rows
        rest = [name for name in rows.columns if name not in {*table.key, FILE, LINE}]
        per_key = ibis.window(group_by=list(table.key), order_by=[*rest, FILE, LINE])
        content = ibis.window(group_by=list(table.key), order_by=rest)
        ranked = rows.mutate(
            _nth=ibis.row_number().over(per_key),
            _other=ibis.dense_rank().over(content) if rest else ibis.literal(0),
        )
        again = self.engine.to_arrow(
            ranked.filter(ranked["_nth"] > 0).select(FILE, LINE, "_other"), order_by=[FILE, LINE]
        )
        if again.num_rows == 0:
            return rows
        contradicting = again["_other"].to_numpy() > 0
        codes = np.where(
            contradicting, rule(table, "contradiction").code, rule(table, "duplicate").code
        ).astype(object)
        files, lines = again[FILE].to_numpy(), again[LINE].to_numpy()
        feeds = [i for i, file in enumerate(staged.files) if file.role == "rows"]
        for number in np.unique(files).tolist():
            mine = files == number
            file = planned.feeds[number].file
            rejects = Rejects(lines[mine], codes[mine])
            raw = fetch_lines(file.path, rejects.lines.tolist())
            quarantine.add(file.name, rejects, [raw[line] for line in rejects.lines.tolist()])
            at, lost = feeds[number], int(mine.sum())
            entry = staged.files[at]
            staged.files[at] = replace(
                entry, accepted=entry.accepted - lost, quarantined=entry.quarantined + lost
            )
        return ranked.filter(ranked["_nth"] == 0).drop("_nth", "_other")

    def _write(self, rows: ir.Table, table: Table, planned: Planned) -> tuple[Path, date | None]:
        """Sort the rows into their Parquet file; return it and the latest day that occurs."""
        ids = {c.name: hashed(rows[c.name], self.key) for c in table.columns if c.identifier}
        stored = rows.drop(FILE, LINE).mutate(
            **ids, delivered_on=ibis.literal(planned.delivered_on, type="date")
        )
        schema = table.arrow_schema
        stored = stored.select(*schema.names)
        batches = self.engine.batches(stored, order_by=_order(table))
        latest: date | None = None
        partial = self.incoming / "table.parquet"
        with pq.ParquetWriter(partial, schema, compression="zstd") as writer:
            for group in _row_groups(batches, schema):
                writer.write_table(group, row_group_size=ROW_GROUP)
                latest = _later(latest, group, table)
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        home = self.workspace.personal / "tables" if table.personal else self.workspace.tables
        final = home / table.name / f"{_label(planned)}-{sha256_file(partial)[:8]}.parquet"
        final.parent.mkdir(parents=True, exist_ok=True)
        partial.replace(final)
        return final, latest


def _label(planned: Planned) -> str:
    partition = re.sub(r"[^\w.-]", "_", planned.partition) or "all"
    return f"{partition}-{planned.delivered_on:%Y%m%d}"


def _order(table: Table) -> list[str]:
    """Sort by key, else by subscriber and time; then by all else, so that order is total."""
    first = table.key or tuple(filter(None, (table.names[0], table.occurs_on)))
    return [*first, *(name for name in table.names if name not in first)]


def _row_groups(batches: Iterator[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    """Cut batches into groups of equal size, so that bytes do not depend on an engine's batches."""
    waiting: list[pa.Table] = []
    rows = 0
    for batch in batches:
        table = pa.Table.from_batches([batch])
        waiting.append(table.cast(schema) if table.schema != schema else table)
        rows += table.num_rows
        while rows >= ROW_GROUP:
            merged = pa.concat_tables(waiting)
            yield merged.slice(0, ROW_GROUP).combine_chunks()
            waiting, rows = [merged.slice(ROW_GROUP)], rows - ROW_GROUP
    if rows:
        yield pa.concat_tables(waiting).combine_chunks()


def _later(latest: date | None, group: pa.Table, table: Table) -> date | None:
    if table.occurs_on is None:
        return None
    moment = pc.max(group[table.occurs_on]).as_py()
    if moment is None:
        return latest
    day = date(moment.year, moment.month, moment.day)
    return day if latest is None else max(latest, day)


def _covers_until(planned: Planned, table: Table, latest: date | None) -> date:
    """Say through which day a delivery holds facts: as declared, by its period, by its rows."""
    if planned.load is not None:
        return planned.load.covers_until
    by_name = last_day(planned.partition)
    if by_name is not None:
        return by_name
    if latest is None:
        return planned.delivered_on
    return month_end(latest) if table.occurs_at_month_end else latest


def _check_share(
    planned: Planned, mapping: TableMapping, staged: Staged, quarantine: Quarantine
) -> None:
    judged = sum(file.delivered - file.not_selected for file in staged.files)
    if quarantine.harmful <= mapping.max_rejected * judged:
        return
    known = by_code()
    counts = [
        (n, known[code]) for code, n in quarantine.counts.most_common() if not known[code].harmless
    ]
    total = f"{quarantine.harmful:,} of {judged:,} rows"
    if len(counts) == 1:
        broken = f"{total} fail {counts[0][1]}"
    else:
        broken = f"{total}: " + ", ".join(f"{n:,} fail {broken_rule}" for n, broken_rule in counts)
    codes = [f"{c}={v} ({n:,})" for (c, v), n in staged.unlisted.most_common(NAMED_CODES)]
    unlisted = f"; codes not listed: {', '.join(codes)}" if codes else ""
    what = planned.partition or "without period"
    raise ExtractError(
        f"extract breaks its contract: {broken}{unlisted};"
        f" the limit is {mapping.max_rejected * 100:g} %",
        where=f"{planned.table}, delivery {what} of {planned.delivered_on},"
        f" quarantine/{planned.table}/{_label(planned)}.parquet",
        do=f"correct the extract, or raise ingest.tables.{planned.table}.max_rejected",
    )
