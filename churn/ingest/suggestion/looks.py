"""A look at a batch: how its files are written, and a sample of their rows, newest file first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from churn.errors import ChurnError, ExtractError
from churn.ingest.casting import bare
from churn.ingest.readers import FIRST_BLOCK, FileFormat, Reader, Records, reader_of
from churn.ingest.readers.dialects import SAMPLE, headless
from churn.ingest.readers.encodings import WESTERN, Votes
from churn.ingest.readers.excel import Excel, sheets_of
from churn.ingest.readers.lines import lines_of
from churn.ingest.recognition import Written, by_rows, kind_of, text_format, titles_of
from churn.ingest.rules import by_code
from churn.ingest.suggestion.batches import Batch
from churn.ingest.suggestion.profiles import Profile, profile_of
from churn.language import Text

ROWS = 200_000  # of a batch that are looked at
VOTING = 4  # blocks of a file that tell its encoding
CHINESE = 0.1  # share of headers from which files are written in Chinese
HAN = re.compile(r"[\u4e00-\u9fff]")
DEFAULTS = FileFormat()


@dataclass(frozen=True)
class Look:
    """What a look at a batch shows.

    Attributes
    ----------
    batch
        The files that are alike in their header.
    how
        How they are read; ``options`` are those that differ from the defaults.
    rows
        The sample: one column of text per header, by its position, and the file's number.
    damaged
        File's number: lines that are no records.
    doubts
        What the bytes leave open, in words.
    """

    batch: Batch
    how: FileFormat
    options: Mapping[str, Any]
    header: tuple[str, ...]
    rows: pa.Table = field(repr=False)
    profiles: tuple[Profile, ...] = field(repr=False)
    damaged: Mapping[int, int] = field(default_factory=dict)
    doubts: tuple[Text, ...] = ()

    def profile(self, header: str) -> Profile:
        """Return the profile of a column."""
        return self.profiles[self.header.index(header)]

    def texts(self, profile: Profile) -> pa.ChunkedArray:
        """Return a column of the sample, shape (rows,)."""
        texts = self.rows.column(profile.position)
        return bare(texts, profile.prefix) if profile.prefix else texts


def are_chinese(looks: Sequence[Look]) -> bool:
    """Tell files of a Chinese operator: by their encoding, or most of their headers."""
    headers = [header for look in looks for header in look.header if header]
    chinese = sum(not header.isascii() and bool(HAN.search(header)) for header in headers)
    named = any(look.options.get("encoding") == "gb18030" for look in looks)
    return named or chinese > CHINESE * len(headers)


def look_at(batch: Batch, encoding: str | None = None) -> list[Look]:
    """Look at a batch: one look for each header that its files have, the most files first.

    Of a workbook every sheet that holds a table is looked at.

    Parameters
    ----------
    encoding
        Of text, where the files that came with it tell one.

    Raises
    ------
    ExtractError
        If a file cannot be read, or its encoding not be told.
    """
    ways = _ways(batch.paths[-1], encoding)
    return [look for how in ways for look in _of_headers(batch, how, encoding)]


def _ways(path: Path, encoding: str | None) -> list[FileFormat]:
    """Return how a file is read: once, or once for each sheet with a table."""
    if kind_of(path)[0] != "excel":
        return [format_of(path, encoding)]
    names = sheets_of(path)
    tables = [name for name in names if _holds_a_table(Excel(path, name, 0, None))]
    if len(names) < 2 or not tables:  # noqa: PLR2004 - one sheet needs no name
        return [format_of(path)]
    return [_of_sheet(path, name) for name in tables]


def _of_headers(batch: Batch, how: FileFormat, encoding: str | None) -> list[Look]:
    newest = batch.paths[-1]
    by_header: dict[tuple[str, ...], list[int]] = {}
    for at, path in enumerate(batch.paths):
        try:
            header = reader_of(path, how).header()
        except ExtractError:
            if path == newest:
                raise
            if how.sheet is not None:
                continue  # a workbook without this sheet
            how_else = format_of(path, encoding)  # written in another way than the newest
            header = ("\0", *reader_of(path, how_else).header())
        by_header.setdefault(header, []).append(at)
    looks = []
    for header, places in sorted(by_header.items(), key=lambda item: -len(item[1])):
        part = Batch(
            batch.folder,
            tuple(batch.paths[at] for at in places),
            tuple(batch.tokens[at] for at in places),
        )
        other = how if header[:1] != ("\0",) else format_of(part.paths[-1], encoding)
        looks.append(_look(part, other, tuple(name for name in header if name != "\0")))
    return looks


def _holds_a_table(sheet: Excel) -> bool:
    """Tell a sheet of rows with several cells from a cover or a note."""
    if not sheet.cells.num_rows:
        return False
    return int((_filled(sheet.cells) > 1).sum()) > 1


def _filled(cells: pa.RecordBatch) -> npt.NDArray[np.int64]:
    """Count the cells of each row that hold something, shape (rows,)."""
    held = (pc.not_equal(column.fill_null(""), "").cast("int64") for column in cells.columns)
    return sum((each.to_numpy() for each in held), np.zeros(cells.num_rows, dtype=np.int64))


def _of_sheet(path: Path, sheet: str | None) -> FileFormat:
    skip = titles_of(Excel(path, sheet, 0, None))
    named = {"sheet": sheet} if sheet is not None else {}
    return FileFormat(format="excel", **named, **({"skip": skip} if skip else {}))


def format_of(path: Path, encoding: str | None = None) -> FileFormat:
    """Tell how a file is written; its encoding may be given."""
    kind, start = kind_of(path)
    if kind == "excel":
        return _of_sheet(path, None)
    if kind == "parquet":
        return FileFormat(format="parquet")
    how = text_format(path, start, Written(encoding=encoding), _encoding)
    if kind == "json":
        return FileFormat(format="json", encoding=how.encoding)
    return _with_header(path, how)


def _with_header(path: Path, how: FileFormat) -> FileFormat:
    """Name the columns of a file without a header by their places."""
    reader = reader_of(path, how)
    header = reader.header()
    block = next(iter(reader.blocks(FIRST_BLOCK)), None)
    if block is None:
        return how
    columns = block.split(range(len(header))).fields.values()
    if not headless(header, by_rows(values.slice(0, SAMPLE).to_pylist() for values in columns)):
        return how
    names = tuple(f"column_{at}" for at in range(1, len(header) + 1))
    return how.model_copy(update={"header": names})


def _votes(path: Path) -> Votes:
    return Votes.of(lines.data for lines in islice(lines_of(path, FIRST_BLOCK), VOTING))


def _encoding(path: Path) -> str:
    votes = _votes(path)
    if votes.encoding is not None:
        return votes.encoding
    if votes.of_money:
        return WESTERN[0]
    accented = votes.of_accents()
    if accented:
        return accented[0]
    tries = votes.proposals()
    raise ExtractError(
        "the encoding of the file cannot be told",
        where=path.name,
        do=f"save it as UTF-8, or map it by hand with `encoding: {' or '.join(tries)}`"
        if tries
        else "save it as CSV in UTF-8, or as Parquet",
    )


def options_of(path: Path, how: FileFormat) -> dict[str, Any]:
    """Return the options that a source must name for its files to be read so."""
    options: dict[str, Any] = {}
    if how.format is not None and type(reader_of(path, DEFAULTS)) is not type(reader_of(path, how)):
        options["format"] = how.format
    if how.format in {None, "json"} and how.encoding != DEFAULTS.encoding:
        options["encoding"] = how.encoding
    if how.format is None:
        if how.delimiter != DEFAULTS.delimiter:
            options["delimiter"] = how.delimiter
        if how.quote != DEFAULTS.quote:
            options["quote"] = how.quote
    if how.sheet is not None:
        options["sheet"] = how.sheet
    if how.skip:
        options["skip"] = how.skip
    if how.header is not None:
        options["header"] = list(how.header)
    return options


def _look(batch: Batch, how: FileFormat, header: tuple[str, ...]) -> Look:
    tables: list[pa.Table] = []
    damaged: dict[int, int] = {}
    count = 0
    every = range(len(header))
    names = [str(at) for at in every]
    limit = max(ROWS // 4, ROWS // max(1, len(batch.paths)))
    for number, path in reversed(list(enumerate(batch.paths))):
        if count >= ROWS:
            break
        of_file = 0
        for records in _records(reader_of(path, how), every):
            rows = pa.table([records.fields[at] for at in every], names=names)
            damaged[number] = damaged.get(number, 0) + _harmful(records)
            tables.append(rows.append_column("file", pa.array([number] * len(rows), pa.int32())))
            of_file += len(rows)
            if of_file >= limit:
                break
        count += of_file
    schema = pa.schema([*((name, pa.string()) for name in names), ("file", pa.int32())])
    rows = pa.concat_tables([schema.empty_table(), *tables])
    profiles = tuple(profile_of(name, at, rows) for at, name in enumerate(header))
    options = options_of(batch.paths[-1], how)
    doubts = _doubts(batch.paths[-1], how)
    return Look(batch, how, options, header, rows, profiles, damaged, doubts)


def _doubts(path: Path, how: FileFormat) -> tuple[Text, ...]:
    """Tell of other encodings that make letters of the same bytes, but others."""
    if how.format is not None or how.encoding not in WESTERN:
        return ()
    others = [name for name in _votes(path).of_accents() if name != how.encoding]
    if not others:
        return ()
    names = ", ".join(others)
    return (
        Text(
            f"its letters with accents are read as {how.encoding}; or is it {names}?",
            f"带变音符号的字母按 {how.encoding} 读取；还是 {names}？",
        ),
    )


def _records(reader: Reader, columns: Sequence[int]) -> Iterator[Records]:
    try:
        for block in reader.blocks(FIRST_BLOCK):
            yield block.split(columns)
    except ChurnError:
        return  # damage further down is for ingest to tell


def _harmful(records: Records) -> int:
    known = by_code()
    return sum(not known[code].harmless for code in records.rejects.codes.tolist())
