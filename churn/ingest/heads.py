"""The head of a file, judged as ingest would judge it, and without leaving anything behind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from churn.ingest.joins import read_sides
from churn.ingest.mapping import map_records
from churn.ingest.planning import Feed
from churn.ingest.readers import FIRST_BLOCK
from churn.ingest.sources import SourceMapping
from churn.ingest.staging import resolve_feed, wanted_by
from churn.tables import Mode, Table


@dataclass(frozen=True)
class Head:
    """The first block of a file after mapping.

    Parameters
    ----------
    judged
        Records looked at, without those not selected.
    broken
        Code of a rule: rows that broke it.
    unlisted
        Column and code that the settings do not list: rows.
    shapes
        Column and how a value is written that is not of its type.
    rows
        The accepted ones, with the operator's own identifiers.
    unread
        Column with values that are not of its type: its header, and all its values as they stand.
    """

    judged: int
    broken: Counter[str]
    unlisted: Counter[tuple[str, str]]
    shapes: Counter[tuple[str, str]]
    rows: pa.Table = field(repr=False)
    unread: Mapping[str, tuple[str, pa.Array]] = field(default_factory=dict, repr=False)


def read_head(table: Table, mode: Mode, source: SourceMapping, feed: Feed) -> Head | None:
    """Judge the first block of a file; None where it holds a header alone, or a view is to run.

    Raises
    ------
    ExtractError
        If the file, or one joined to it, cannot be read or lacks a mapped header.
    """
    resolved = resolve_feed(table, mode, source, feed)
    if feed.view is not None:
        return None
    block = next(feed.file.reader.blocks(FIRST_BLOCK), None)
    if block is None:
        return None
    headers = feed.file.reader.header()
    records = block.split(wanted_by(resolved))
    sides = read_sides([extract.reader for extract in feed.joined], source, resolved[0])
    rows = [
        map_records(records, table, row, there, sides, (0, 0))
        for row, there in zip(source.rows(), resolved, strict=True)
    ]
    shapes = sum((mapped.shapes for mapped in rows), Counter())
    unread = {
        column: (headers[origin.position], records.fields[origin.position])
        for there in resolved
        for column in dict.fromkeys(column for column, _ in shapes)
        if (origin := there.origins.get(column)) and origin.join is None and origin.position >= 0
    }
    return Head(
        len(block) * len(rows) - sum(mapped.not_selected for mapped in rows),
        Counter(code for mapped in rows for code in mapped.rejects.codes.tolist()),
        sum((mapped.unlisted for mapped in rows), Counter()),
        shapes,
        pa.concat_tables([mapped.rows for mapped in rows]),
        unread,
    )
