"""The first half of a delivery: every file read once, good rows staged, bad ones set aside."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TypeVar

import pyarrow.parquet as pq

from churn.engines import Engine
from churn.ingest.columns import AS_OF
from churn.ingest.control import require_content, require_rows
from churn.ingest.extracts import Extract
from churn.ingest.headers import Resolved, resolve
from churn.ingest.joins import Side, read_sides
from churn.ingest.mapping import Mapped, map_records, staged_schema
from churn.ingest.planning import Feed, Planned
from churn.ingest.quarantine import Quarantine
from churn.ingest.readers import Block, Parquet, Rejects
from churn.ingest.registry import FileEntry
from churn.ingest.sources import SourceMapping
from churn.ingest.view_rows import (
    inputs_of,
    read_input,
    run_view,
    taken_of,
    view_header,
    write_once,
)
from churn.ingest.views import ViewMapping
from churn.tables import Mode, Table

READERS = 2
AHEAD = 4

In = TypeVar("In")
Out = TypeVar("Out")


@dataclass
class Staged:
    """The staged rows of a delivery and their counts, one entry per file and source.

    ``extracts`` hold the records its rows are, one per feed: those delivered, or made by views.
    """

    parts: list[Path] = field(default_factory=list)
    extracts: list[Extract] = field(default_factory=list)
    files: list[FileEntry] = field(default_factory=list)
    unlisted: Counter[tuple[str, str]] = field(default_factory=Counter)
    shapes: Counter[tuple[str, str]] = field(default_factory=Counter)


def stage(
    delivery: int,
    planned: Planned,
    table: Table,
    sources: tuple[SourceMapping, ...],
    folder: Path,
    quarantine: Quarantine,
    engine: Engine,
) -> Staged:
    """Read all files of a delivery into Parquet files under ``folder``.

    ``delivery`` is its number among those that travel together.
    """
    staged = Staged()
    for number, feed in enumerate(planned.feeds):
        source = sources[feed.source]
        part = folder / f"{number}.parquet"
        resolved = resolve_feed(table, planned.mode, source, feed)
        extract = feed.file
        if feed.view is not None:
            extract = _make_view(
                source, feed, feed.view, folder / str(number), engine, quarantine, staged
            )
        sides = _read_sides(source, feed, resolved[0], quarantine, staged)
        read = _reader(table, source, resolved, sides, (delivery, number))
        plain = {"compression": "lz4", "use_dictionary": False}  # read once, then gone
        with pq.ParquetWriter(part, staged_schema(table), **plain) as writer:
            entry = _stage_file(feed, extract, read, quarantine, staged, writer)
        if source.control is not None:
            records = entry.delivered // len(resolved)
            require_rows(feed.file.reader.path, source.control, records)
        for delivered in feed.extracts:
            delivered.require_unchanged()
        staged.files.append(replace(entry, rows_per_record=len(resolved)))
        staged.parts.append(part)
        staged.extracts.append(extract)
    return staged


def resolve_feed(
    table: Table, mode: Mode, source: SourceMapping, feed: Feed
) -> tuple[Resolved, ...]:
    """Find the mapped columns in a file's and its partners' headers, for each row of a record."""
    if source.control is not None:
        require_content(feed.file.reader.path, source.control)
    if feed.view is not None:
        header = view_header(feed.view, inputs_of(feed, feed.view))
        joined = []
    else:
        header = feed.file.reader.header()
        joined = [(extract.reader, extract.reader.header()) for extract in feed.joined]
    reader = feed.file.reader
    rows = (_dated(row, feed.as_of) for row in source.rows())
    return tuple(resolve(table, mode, row, reader, header, joined) for row in rows)


def _dated(row: SourceMapping, as_of: date | None) -> SourceMapping:
    """Put the day that the file's name tells in place of its constant."""
    dated = {
        name: how.model_copy(update={"constant": f"{as_of:%Y-%m-%d}"})
        for name, how in row.columns.items()
        if how is not None and how.constant == AS_OF and as_of is not None
    }
    return row.model_copy(update={"columns": {**row.columns, **dated}}) if dated else row


def wanted_by(rows: tuple[Resolved, ...]) -> tuple[int, ...]:
    """Return all positions that the rows of a record are read from."""
    return tuple(sorted({position for row in rows for position in row.wanted}))


def _reader(
    table: Table,
    source: SourceMapping,
    resolved: tuple[Resolved, ...],
    sides: dict[int, Side],
    place: tuple[int, int],
) -> Callable[[Block], tuple[Block, list[Mapped]]]:
    """Return what reads a block once and maps it to each of its records' rows."""
    wanted = wanted_by(resolved)
    rows = list(zip(source.rows(), resolved, strict=True))

    def read(block: Block) -> tuple[Block, list[Mapped]]:
        records = block.split(wanted)
        return block, [
            map_records(records, table, row, header, sides, place) for row, header in rows
        ]

    return read


def _stage_file(
    feed: Feed,
    extract: Extract,
    read: Callable[[Block], tuple[Block, list[Mapped]]],
    quarantine: Quarantine,
    staged: Staged,
    writer: pq.ParquetWriter,
) -> FileEntry:
    counts: Counter[str] = Counter()
    for block, rows in _in_order(read, extract.reader.blocks()):
        for mapped in rows:
            counts["delivered"] += len(block)
            counts["accepted"] += mapped.rows.num_rows
            counts["quarantined"] += len(mapped.rejects.numbers)
            counts["not_selected"] += mapped.not_selected
            staged.unlisted.update(mapped.unlisted)
            staged.shapes.update(mapped.shapes)
            raw = [block.raw(record) for record in mapped.rejects.numbers.tolist()]
            quarantine.add(extract.name, mapped.rejects, raw)
            writer.write_table(mapped.rows)
    file = feed.file
    return FileEntry(
        file.name, file.sha256, feed.source, corrections=file.corrections, role="rows", **counts
    )


def _in_order(read: Callable[[In], Out], stream: Iterable[In]) -> Iterator[Out]:
    """Work on a few blocks at a time; hand results over in the order of the file."""
    waiting: deque[Future[Out]] = deque()
    with ThreadPoolExecutor(READERS) as pool:
        for item in stream:
            waiting.append(pool.submit(read, item))
            if len(waiting) >= AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _make_view(
    source: SourceMapping,
    feed: Feed,
    view: ViewMapping,
    at: Path,
    engine: Engine,
    quarantine: Quarantine,
    staged: Staged,
) -> Extract:
    """Run a view over its inputs; every line of them is accounted for as well."""
    parts: dict[str, Path] = {}
    entries: list[FileEntry] = []
    starts: list[int] = []
    for number, (name, extract) in enumerate(inputs_of(feed, view).items()):
        parts[name] = at.with_name(f"{at.name}-{name}.parquet")
        with_it = (feed.further, *feed.earlier)[number] if number <= len(feed.earlier) else ()
        extracts = (extract, *with_it)
        readers = [each.reader for each in extracts]
        files = read_input(readers, view.inputs[name], parts[name])
        if view.inputs[name].once:
            write_once(parts[name], view.inputs[name].once, engine)
        starts = starts or [file.before for file in files]  # of the first input
        entries += [
            _beside(feed, each, file.delivered, file.rejects, quarantine)
            for each, file in zip(extracts, files, strict=True)
        ]
    made = at.with_name(f"{at.name}-rows.parquet")
    taken = [run_view(view.checked, source.view or "", parts, engine, made)]
    if feed.further:
        taken = taken_of(view.checked, parts, engine, starts)
    for number, records in enumerate(taken):
        left = entries[number].accepted - records
        entries[number] = replace(
            entries[number], role="viewed", accepted=records, not_selected=left
        )
    staged.files += entries
    return Extract(f"{feed.file.name} (view {source.view})", Parquet(made), feed.file.sha256)


def _read_sides(
    source: SourceMapping,
    feed: Feed,
    resolved: Resolved,
    quarantine: Quarantine,
    staged: Staged,
) -> dict[int, Side]:
    if feed.view is not None:
        return {}
    sides = read_sides([extract.reader for extract in feed.joined], source, resolved)
    staged.files += [
        _beside(feed, feed.joined[i], side.delivered, side.rejects, quarantine)
        for i, side in sides.items()
    ]
    return sides


def _beside(
    feed: Feed, extract: Extract, delivered: int, rejects: Rejects, quarantine: Quarantine
) -> FileEntry:
    """Set the unreadable records of a file beside the first aside; return its counts."""
    quarantine.fetch(extract, rejects)
    bad = len(rejects.numbers)
    counts = {"delivered": delivered, "accepted": delivered - bad, "quarantined": bad}
    return FileEntry(
        extract.name,
        extract.sha256,
        feed.source,
        role="joined",
        corrections=extract.corrections,
        **counts,
    )
