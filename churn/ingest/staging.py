"""The first half of a delivery: every file read once, good rows staged, bad ones set aside."""

from __future__ import annotations

from collections import Counter, deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import pyarrow.parquet as pq

from churn.ingest.blocks import fetch_lines, head_and_body
from churn.ingest.headers import header_of, resolve
from churn.ingest.joins import read_side
from churn.ingest.mapping import Mapped, map_records, staged_schema
from churn.ingest.records import read_records
from churn.ingest.registry import FileEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from churn.ingest.blocks import Block
    from churn.ingest.headers import Resolved
    from churn.ingest.joins import Side
    from churn.ingest.planning import Feed, Planned
    from churn.ingest.quarantine import Quarantine
    from churn.ingest.settings import SourceMapping
    from churn.tables import Mode, Table

READERS = 2
AHEAD = 4

In = TypeVar("In")
Out = TypeVar("Out")


@dataclass
class Staged:
    """The staged rows of a delivery and their counts, one entry per file and source."""

    parts: list[Path] = field(default_factory=list)
    files: list[FileEntry] = field(default_factory=list)
    unlisted: Counter[tuple[str, str]] = field(default_factory=Counter)


def stage(
    delivery: int,
    planned: Planned,
    table: Table,
    sources: tuple[SourceMapping, ...],
    folder: Path,
    quarantine: Quarantine,
) -> Staged:
    """Read all files of a delivery into Parquet files under ``folder``.

    ``delivery`` is its number among those that travel together.
    """
    staged = Staged()
    for number, feed in enumerate(planned.feeds):
        source = sources[feed.source]
        part = folder / f"{number}.parquet"
        resolved = resolve_feed(table, planned.mode, source, feed)
        sides = _read_sides(source, feed, resolved, quarantine, staged)
        read = _reader(table, source, resolved, sides, (delivery, number))
        plain = {"compression": "lz4", "use_dictionary": False}  # read once, then gone
        with pq.ParquetWriter(part, staged_schema(table), **plain) as writer:
            entry = _stage_file(feed, read, quarantine, staged, writer)
        staged.files.append(entry)
        staged.parts.append(part)
    return staged


def resolve_feed(table: Table, mode: Mode, source: SourceMapping, feed: Feed) -> Resolved:
    """Find the mapped columns in the headers of a file and of the files joined to it."""
    header = header_of(feed.file.path, source)
    joined = [
        (extract.path, header_of(extract.path, join))
        for extract, join in zip(feed.joined, source.join, strict=True)
    ]
    return resolve(table, mode, source, feed.file.path, header, joined)


def _reader(
    table: Table,
    source: SourceMapping,
    resolved: Resolved,
    sides: dict[int, Side],
    place: tuple[int, int],
) -> Callable[[Block], tuple[Block, Mapped]]:
    def read(block: Block) -> tuple[Block, Mapped]:
        records = read_records(block, source, resolved.header, resolved.wanted)
        return block, map_records(records, table, source, resolved, sides, place)

    return read


def _stage_file(
    feed: Feed,
    read: Callable[[Block], tuple[Block, Mapped]],
    quarantine: Quarantine,
    staged: Staged,
    writer: pq.ParquetWriter,
) -> FileEntry:
    stream = head_and_body(feed.file.path)
    next(stream)
    delivered = accepted = quarantined = not_selected = 0
    for block, mapped in _in_order(read, stream):
        delivered += len(block.ends)
        accepted += mapped.rows.num_rows
        quarantined += len(mapped.rejects.lines)
        not_selected += mapped.not_selected
        staged.unlisted.update(mapped.unlisted)
        quarantine.add_from(feed.file.name, mapped.rejects, block)
        writer.write_table(mapped.rows)
    return FileEntry(
        feed.file.name,
        feed.file.sha256,
        feed.source,
        delivered=delivered,
        accepted=accepted,
        quarantined=quarantined,
        not_selected=not_selected,
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


def _read_sides(
    source: SourceMapping,
    feed: Feed,
    resolved: Resolved,
    quarantine: Quarantine,
    staged: Staged,
) -> dict[int, Side]:
    sides: dict[int, Side] = {}
    for i, (join, extract) in enumerate(zip(source.join, feed.joined, strict=True)):
        header = header_of(extract.path, join)
        position = resolved.positions[join.key]
        side = read_side(extract.path, join, header, resolved.wanted_of(i), position)
        lines = side.rejects.lines.tolist()
        raw = fetch_lines(extract.path, lines)
        quarantine.add(extract.name, side.rejects, [raw[line] for line in lines])
        staged.files.append(
            FileEntry(
                extract.name,
                extract.sha256,
                feed.source,
                role="joined",
                delivered=side.delivered,
                accepted=side.delivered - len(lines),
                quarantined=len(lines),
            )
        )
        sides[i] = side
    return sides
