"""Delimited text: one line is one record, and its number is that of the line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from churn.errors import ExtractError
from churn.ingest.readers import fields
from churn.ingest.readers.encodings import (
    EASTERN,
    GB18030,
    GLANCE,
    UTF_8,
    Votes,
    of_its_start,
    of_lines,
    transcoded,
)
from churn.ingest.readers.lines import Lines, lines_of
from churn.ingest.readers.packing import opened
from churn.ingest.readers.reader import BLOCK_BYTES, FIRST_BLOCK, Block, Reader, Records
from churn.ingest.readers.text import TextFormat

DAMAGED = 0.05  # share of undecodable lines from which the encoding itself is doubted
HEADER_LINES = 20  # over which a header may run in quotes
_SEPARATOR = re.compile(rb'(?:\xef\xbb\xbf)?"?sep=(\S|\t)"?\r?\n', re.IGNORECASE)


class Head(NamedTuple):
    """What stands before the records of a file.

    Attributes
    ----------
    lines
        How many lines it takes.
    header
        The lines of the header, none where the settings name the columns.
    delimiter
        What a line ``sep=`` names, as spreadsheets write it.
    """

    lines: int
    header: Lines | None
    delimiter: str | None


def head_of(first: Lines, text: TextFormat) -> Head:
    """Find the header: after the lines to skip, blank ones and a line ``sep=``.

    A field of the header in quotes may run over lines.
    """
    rest, delimiter = first.behind(text.skip), None
    while rest.data:
        named = _SEPARATOR.match(rest.data)
        if rest.line(0).strip() and (named is None or delimiter):
            break
        if named is not None:
            delimiter = named[1].decode()
        rest = rest.behind(1)
    before = rest.first - first.first
    if text.header is not None or not rest.data:
        return Head(before, None, delimiter)
    height = _height(rest, text.quote)
    cut = int(rest.ends[height - 1]) + 1
    return Head(before + height, Lines(rest.data[:cut], rest.first), delimiter)


def _height(lines: Lines, quote: str | None) -> int:
    """Return over how many lines the header runs until its quotes are closed."""
    quotes = 0
    for index in range(min(HEADER_LINES, len(lines.ends)) if quote else 0):
        quotes += lines.line(index).count((quote or "").encode())
        if quotes % 2 == 0:
            return index + 1
    return 1


class TextBlock(Block):
    """Lines without the header."""

    def __init__(
        self, lines: Lines, how: TextFormat, header: Sequence[str], *, over_lines: bool
    ) -> None:
        self.first = lines.first
        self._lines = lines
        self._how = how
        self._header = header
        self._over_lines = over_lines

    def __len__(self) -> int:
        """Return the number of lines."""
        return len(self._lines.ends)

    def raw(self, number: int) -> bytes:
        """Return a line as it stands, without its line feed."""
        return self._lines.line(number - self.first)

    def split(self, columns: Sequence[int]) -> Records:
        """Split the lines; those that cannot be split are set aside."""
        return fields.split(
            self._lines, self._how, self._header, columns, over_lines=self._over_lines
        )


class Delimited(Reader):
    """A file of delimited text, plain or packed.

    Where a field in quotes may run ``over_lines``, the file is read in one piece.
    """

    def __init__(self, path: Path, how: TextFormat, *, over_lines: bool = False) -> None:
        super().__init__(path)
        self._how = how
        self._over_lines = over_lines
        self.encoding = of_lines(how.encoding)

    def header(self) -> tuple[str, ...]:
        """Return the trimmed names of the columns, after a look at the first lines."""
        first, head = self._first, self._head
        damaged = len(fields.undecodable_lines(first, self._text.encoding))
        header = self._fields()
        if header is None or damaged > max(1, DAMAGED * len(first.ends)):
            self._doubt_encoding(first, damaged)
        self._doubt_reading(damaged)
        if header is None:
            place = head.header.first if head.header else 1
            raise ExtractError(
                f"the header cannot be split into fields (delimiter {self._text.delimiter!r})",
                where=f"{self.name}, line {place}",
                do="mend the header's quotes, or set `quote:` and `delimiter:` of this source",
            )
        return header

    def blocks(self, size: int = BLOCK_BYTES) -> Iterator[Block]:
        """Yield the lines behind the header."""
        # one that cannot be split is refused by `header`, before any record is
        header = self._fields() or ()
        before = self._head.lines
        stream = lines_of(self.path, size, self._how.encoding)
        if self._over_lines:
            stream = iter([Lines(b"".join(lines.data for lines in stream), 1)])
        for lines in stream:
            rest = lines.behind(before)
            before -= rest.first - lines.first
            if rest.data:
                yield TextBlock(rest, self._text, header, over_lines=self._over_lines)

    def record(self, raw: bytes, number: int) -> Block:
        """Return a block of one line."""
        lines = Lines(raw + b"\n", number)
        return TextBlock(lines, self._text, self._fields() or (), over_lines=False)

    def doubt(self, header: Sequence[str]) -> str:
        """Name the encoding that reads other headers, or the delimiter that splits them."""
        if len(header) == 1 and self._how.header is None:
            return f"; the header is one field: set `delimiter:`, here {self._text.delimiter!r}"
        if all(name.isascii() for name in header):
            return ""
        other = self._recognised()
        doubted = other is not None and other != self._how.encoding
        return f"; if the headers look garbled, set `encoding: {other}`" if doubted else ""

    @cached_property
    def _first(self) -> Lines:
        first = next(lines_of(self.path, FIRST_BLOCK, self._how.encoding), None)
        if first is not None and first.data.strip():
            return first
        if self._how.header is not None:
            return Lines(b"", 1)  # without a header line no line is no row
        raise ExtractError(
            "the file is empty: it has not even a header",
            where=self.name,
            do="deliver it again; a period without rows is a file with its header alone",
        )

    @cached_property
    def _head(self) -> Head:
        head = head_of(self._first, self._how)
        if head.header is None and self._how.header is None:
            raise ExtractError(
                f"the file has no header behind its first {head.lines:,} lines",
                where=self.name,
                do="correct `skip:` of this source: the lines before the header",
            )
        return head

    @cached_property
    def _text(self) -> TextFormat:
        """How the lines are read, once they are UTF-8 if need be, and the file has its say."""
        changes = {"encoding": self.encoding}
        if self._head.delimiter is not None and "delimiter" not in self._how.model_fields_set:
            changes["delimiter"] = self._head.delimiter
        return self._how.model_copy(update=changes)

    def _fields(self) -> tuple[str, ...] | None:
        if self._how.header is not None:
            return self._how.header
        header = self._head.header
        return fields.read_header(header, self._text) if header else None

    def _recognised(self) -> str | None:
        """Return the encoding that the first bytes or lines tell, whatever the settings say."""
        with opened(self.path) as stream:
            start = of_its_start(stream.read(GLANCE))
        return start or (None if transcoded(self._how.encoding) else self._votes.encoding)

    @cached_property
    def _votes(self) -> Votes:
        return Votes.of([self._first.data])

    def _doubt_reading(self, damaged: int) -> None:
        """Refuse what decodes, but garbled: UTF-8 in another encoding, or UTF-16 as bytes."""
        data = self._first.data
        zeros = b"\0" in data
        plain = data.isascii() or damaged or self._how.encoding == UTF_8
        if transcoded(self._how.encoding) or (plain and not zeros):
            return
        other = self._recognised()
        if other is None and self._how.encoding == GB18030 and self._votes.garbled_as_chinese:
            tries = ", ".join(self._votes.proposals())
            raise ExtractError(
                "the first lines decode as gb18030, but to no Chinese: signs stand inside of Latin"
                " words, as accents do; the encoding in the settings would garble them",
                where=self.name,
                do=f"set `encoding:` of this source as the file was written; try {tries}",
            )
        if other is None or other == self._how.encoding:
            return
        if other == UTF_8 and self._how.encoding in {GB18030, *EASTERN} and self._votes.by_chance:
            return
        if zeros if other != UTF_8 else not plain:
            raise ExtractError(
                f"the first lines are {other}; the encoding in the settings is"
                f" {self._how.encoding}, which would garble them",
                where=self.name,
                do=f"set `encoding: {other}` for this source",
            )

    def _doubt_encoding(self, first: Lines, damaged: int) -> None:
        if damaged == 0:
            return
        other = self._recognised()
        tries = [name for name in self._votes.proposals() if name != self._how.encoding]
        if other is not None and other != self._how.encoding:
            hint = f"they read as {other}: set `encoding: {other}` for this source"
        elif tries:
            hint = f"set `encoding:` of this source as the file was written; try {', '.join(tries)}"
        else:
            hint = "no encoding that is read here decodes them: see how the file was written"
        raise ExtractError(
            f"{damaged:,} of the first {len(first.ends):,} lines are not {self._how.encoding};"
            " the encoding in the settings is probably wrong",
            where=self.name,
            do=hint,
        )
