"""What a file is and how its text is written, told by its bytes and lines where nobody says it."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal

from pydantic import field_validator

from churn.errors import ExtractError
from churn.frozen import Frozen
from churn.ingest.readers import READERS, FileFormat
from churn.ingest.readers.dialects import SAMPLE, TITLES, dialect_of, titles_in
from churn.ingest.readers.encodings import GLANCE, named, of_its_start, of_lines
from churn.ingest.readers.excel import Excel
from churn.ingest.readers.lines import lines_of
from churn.ingest.readers.packing import opened, unzipping
from churn.ingest.readers.reader import FIRST_BLOCK
from churn.ingest.readers.text import delimiter_of

PARQUET = b"PAR1"
CONTAINER = bytes.fromhex("d0cf11e0a1b11ae1")  # of workbooks before 2007
OBJECT = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"')
LIST = re.compile(rb'(?:\xef\xbb\xbf)?\s*\[\s*\{\s*"[^"\n]*"\s*:')
Kind = Literal["excel", "parquet", "json", "delimited"]


class Written(Frozen):
    """How the text of a table is written, as far as somebody has said; the rest is recognised."""

    delimiter: str | None = None
    encoding: str | None = None

    @field_validator("delimiter")
    @classmethod
    def _parts_fields(cls, value: str | None) -> str | None:
        return value if value is None else delimiter_of(value)

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str | None) -> str | None:
        return value if value is None else named(value)


RECOGNISED = Written()


def kind_of(path: Path) -> tuple[Kind, bytes]:
    """Tell what a file holds, whatever it is called; and, of text, how it begins.

    Raises
    ------
    ExtractError
        If it cannot be opened, or is one list of all objects.
    """
    if _is_workbook(path):
        return "excel", b""
    named_so = path.suffix.lower() in READERS["excel"].endings
    with opened(path) as stream:
        start = stream.read(GLANCE)
    if named_so and not _is_plain(start):
        return "excel", b""  # damaged: told when it is read
    if LIST.match(start):
        raise ExtractError(
            "the file is one JSON list of objects, which is not read",
            where=path.name,
            do="write JSON lines: on each line one object, without brackets or commas around them",
        )
    if start.startswith(PARQUET):
        return "parquet", start
    return ("json" if OBJECT.match(start) else "delimited"), start


def _is_workbook(path: Path) -> bool:
    """Tell a workbook by what it holds: parts of a document, or the container of older ones."""
    if not path.is_file():
        return False  # told when it is opened
    with path.open("rb") as file:
        if file.read(len(CONTAINER)) == CONTAINER:
            return True
        if not zipfile.is_zipfile(file):
            return False
        try:
            with unzipping(path), zipfile.ZipFile(file) as archive:
                return bool({"xl/workbook.xml", "xl/workbook.bin"} & set(archive.namelist()))
        except ExtractError:
            return False  # told when it is opened


def _is_plain(start: bytes) -> bool:
    """Tell text that is no page of markup, as some programs save under a workbook's name."""
    bare = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    return bool(bare) and b"\0" not in start and not bare.startswith(b"<")


def titles_of(sheet: Excel) -> int:
    """Count the titles of a sheet: rows of few cells above rows of several."""
    rows = sheet.cells.slice(0, TITLES)
    if rows.num_columns <= 2:  # noqa: PLR2004 - a name and a blank
        return 0
    texts = by_rows(column.cast("string").to_pylist() for column in rows.columns)
    return titles_in(texts, max((sum(map(bool, row)) for row in texts), default=0))


def text_format(
    path: Path, start: bytes, written: Written, encoding_of: Callable[[Path], str]
) -> FileFormat:
    """Return how text is written: as somebody says, else as its bytes and lines tell.

    Parameters
    ----------
    start
        As :func:`kind_of` gives it.
    encoding_of
        What tells the encoding where neither somebody nor the first bytes do.
    """
    encoding = written.encoding or of_its_start(start) or encoding_of(path)
    dialect = dialect_of(first_lines(path, encoding), written.delimiter)
    return FileFormat(
        encoding=encoding, delimiter=dialect.delimiter, quote=dialect.quote, skip=dialect.skip
    )


def first_lines(path: Path, encoding: str) -> list[str]:
    """Return the first lines of a text without their ends."""
    first = next(iter(lines_of(path, FIRST_BLOCK, encoding)), None)
    text = first.data.decode(of_lines(encoding), "replace") if first is not None else ""
    return [line.rstrip("\r") for line in text.split("\n", SAMPLE)[:SAMPLE]]


def by_rows(columns: Iterable[Iterable[str | None]]) -> list[list[str]]:
    """Turn columns of text into rows, no value as an empty one."""
    return [[value or "" for value in row] for row in zip(*columns, strict=True)]
