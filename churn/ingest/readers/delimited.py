"""Delimited text: one line is one record, and its number is that of the line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from churn.errors import ExtractError
from churn.ingest.readers import fields
from churn.ingest.readers.lines import Lines, lines_of, parted
from churn.ingest.readers.reader import BLOCK_BYTES, FIRST_BLOCK, Block, Reader, Records
from churn.ingest.readers.text import ENCODINGS, TextFormat

DAMAGED = 0.05  # share of undecodable lines from which the encoding itself is doubted


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
    """A file of delimited text, plain or gzip.

    Where a field in quotes may run ``over_lines``, the file is read in one piece.
    """

    def __init__(self, path: Path, how: TextFormat, *, over_lines: bool = False) -> None:
        super().__init__(path)
        self._how = how
        self._over_lines = over_lines

    def header(self) -> tuple[str, ...]:
        """Return the trimmed fields of the first line, after a look at the lines behind it."""
        first = self._first()
        line, _ = parted(first)
        header = fields.read_header(line, self._how)
        damaged = len(fields.undecodable_lines(first, self._how.encoding))
        if header is None or damaged > max(1, DAMAGED * len(first.ends)):
            self._doubt_encoding(first, damaged)
        if header is None:
            raise ExtractError(
                f"the header cannot be split into fields (delimiter {self._how.delimiter!r})",
                where=f"{self.name}, line {line.first}",
                do="mend the header's quotes, or set `quote:` and `delimiter:` of this source",
            )
        return header

    def blocks(self, size: int = BLOCK_BYTES) -> Iterator[Block]:
        """Yield the lines behind the header."""
        stream = lines_of(self.path, size)
        if self._over_lines:
            stream = iter([Lines(b"".join(lines.data for lines in stream), 1)])
        first = next(stream, None)
        if first is None or not first.data.strip():
            raise self._empty()
        line, rest = parted(first)
        # one that cannot be split is refused by `header`, before any record is
        header = fields.read_header(line, self._how) or ()
        if rest.data:
            yield TextBlock(rest, self._how, header, over_lines=self._over_lines)
        for lines in stream:
            yield TextBlock(lines, self._how, header, over_lines=self._over_lines)

    def doubt(self, header: Sequence[str]) -> str:
        """Name the encoding that reads other headers."""
        if all(name.isascii() for name in header):
            return ""
        others = self._other_encodings(self._first())
        return f"; if the headers look garbled, set `encoding: {others[0]}`" if others else ""

    def _first(self) -> Lines:
        first = next(lines_of(self.path, FIRST_BLOCK), None)
        if first is None or not first.data.strip():
            raise self._empty()
        return first

    def _empty(self) -> ExtractError:
        return ExtractError(
            "the file is empty: it has not even a header",
            where=self.name,
            do="deliver it again; a period without rows is a file with its header alone",
        )

    def _other_encodings(self, first: Lines) -> list[str]:
        """Return the encodings, other than that of the settings, that decode all lines."""
        others = [name for name in ENCODINGS if name != self._how.encoding]
        return [name for name in others if not len(fields.undecodable_lines(first, name))]

    def _doubt_encoding(self, first: Lines, damaged: int) -> None:
        others = self._other_encodings(first)
        if not others and damaged == 0:
            return
        hint = (
            f"{others[0]} decodes them all: set `encoding: {others[0]}` for this source"
            if others
            else "no encoding that is read here decodes them: see how the file was written"
        )
        raise ExtractError(
            f"{damaged:,} of the first {len(first.ends):,} lines are not {self._how.encoding};"
            " the encoding in the settings is probably wrong",
            where=self.name,
            do=hint,
        )
