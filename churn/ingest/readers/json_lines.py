"""JSON lines: one line is one record, an object whose names are the columns."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from churn.errors import ExtractError
from churn.ingest import rules
from churn.ingest.readers.encodings import of_lines
from churn.ingest.readers.lines import Lines, lines_of
from churn.ingest.readers.reader import BLOCK_BYTES, Block, Reader, Records, Rejects
from churn.ingest.readers.text import TextFormat
from churn.ingest.rules import Rule


class JsonBlock(Block):
    """Lines, each an object."""

    def __init__(self, lines: Lines, encoding: str, header: Sequence[str], name: str) -> None:
        self.first = lines.first
        self._lines = lines
        self._encoding = encoding
        self._header = header
        self._name = name

    def __len__(self) -> int:
        """Return the number of lines."""
        return len(self._lines.ends)

    def raw(self, number: int) -> bytes:
        """Return a line as it stands, without its line feed."""
        return self._lines.line(number - self.first)

    def split(self, columns: Sequence[int]) -> Records:
        """Take the objects apart; a name that one lacks is no value."""
        rows: list[dict[str, str | None]] = []
        good: list[int] = []
        bad: list[int] = []
        codes: list[str] = []
        for number, outcome in enumerate(_objects(self._lines, self._encoding), self.first):
            if isinstance(outcome, Rule):
                bad.append(number)
                codes.append(outcome.code)
            else:
                good.append(number)
                rows.append(outcome)
        fields = {
            i: pa.array([row.get(self._header[i]) for row in rows], pa.string()) for i in columns
        }
        rejects = Rejects(np.array(bad, np.int64), np.array(codes, dtype=object))
        return Records(fields, np.array(good, np.int64), rejects)


class JsonLines(Reader):
    """A file of JSON lines; its header is all names that any record has, as they first appear."""

    def __init__(self, path: Path, how: TextFormat) -> None:
        super().__init__(path)
        self._how = how
        self.encoding = of_lines(how.encoding)

    def header(self) -> tuple[str, ...]:
        """Return the names, after a look at every record."""
        return self._names

    def blocks(self, size: int = BLOCK_BYTES) -> Iterator[Block]:
        """Yield the lines."""
        for lines in lines_of(self.path, size, self._how.encoding):
            yield JsonBlock(lines, self.encoding, self._names, self.name)

    def record(self, raw: bytes, number: int) -> Block:
        """Return a block of one line."""
        return JsonBlock(Lines(raw + b"\n", number), self.encoding, self._names, self.name)

    @cached_property
    def _names(self) -> tuple[str, ...]:
        names: dict[str, None] = {}
        lines = 0
        for block in lines_of(self.path, BLOCK_BYTES, self._how.encoding):
            lines += len(block.ends)
            for outcome in _objects(block, self.encoding):
                if not isinstance(outcome, Rule):
                    names.update(dict.fromkeys(outcome))
        if not names:
            raise ExtractError(
                f"none of the {lines:,} lines is a JSON object with a name in it",
                where=self.name,
                do="deliver JSON lines: on each line one object, not a list of all",
            )
        return tuple(names)


def _objects(lines: Lines, encoding: str) -> Iterator[dict[str, str | None] | Rule]:
    """Yield the fields of each line's object, or the rule that it breaks."""
    for index in range(len(lines.ends)):
        try:
            text = lines.line(index).decode(encoding).strip("\ufeff \t\r")
        except UnicodeDecodeError:
            yield rules.DECODES
            continue
        yield _fields(text) if text else rules.BLANK


def _fields(text: str) -> dict[str, str | None] | Rule:
    try:
        record = json.loads(
            text, parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_unique
        )
        fields = dict(_flat(record)) if isinstance(record, dict) else None
        if fields and "\\u" in text:
            "".join(filter(None, (*fields, *fields.values()))).encode()  # half signs are no text
    except (ValueError, RecursionError):
        return rules.OBJECT
    # names that differ only in how they are nested would hide one another
    return rules.OBJECT if fields is None or len(fields) < _leaves(record) else fields


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        raise ValueError
    return record


def _flat(record: dict[str, Any], before: str = "") -> Iterator[tuple[str, str | None]]:
    for name, value in record.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{before}{name}.")
        else:
            yield before + name.strip(), _text(value)


def _leaves(record: dict[str, Any]) -> int:
    return sum(_leaves(v) if isinstance(v, dict) and v else 1 for v in record.values())


def _text(value: Any) -> str | None:
    """Write a value as text; numbers stand as they are written, single values of a list by `;`."""
    if value is None or value in ("NaN", {}, []):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and not any(isinstance(item, list | dict) for item in value):
        return ";".join(_text(item) or "" for item in value)
    return value.strip() if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
