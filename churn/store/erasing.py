"""Taking a person out of files that are already written, whatever their format, and looking again.

A row is the person's where one of its identifying cells is one of the identifiers. In Parquet, CSV
and workbooks the whole row goes, in a page the row of the table; what an identifier is named by
elsewhere in text goes alone, and a page about the person goes whole. Workbooks are looked into, and
so are archives when it is searched whether anything is left.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import html
import io
import json
import lzma
import re
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from churn.store.atomic import write_bytes

NAMING = frozenset(
    {
        "subscriber_id", "customer_id", "account_id", "group_id", "peer_id", "successor_id",
        "payer", "contact_id", "phone", "alternate_phone", "email", "hash", "id",
    }
)  # fmt: skip
"""Columns whose cells name somebody."""
TELLING = 6
"""Characters from which an identifier inside running text is nobody else's number."""
UNMISTAKABLE = 9
"""Characters from which it is nobody else's wherever it stands: longer than a date."""
BLANK = "–"
DATABASES = frozenset(
    {name + part for name in (".sqlite", ".db") for part in ("", "-wal", "-shm", "-journal")}
)
"""Files that are searched and never changed: what writes them owns them."""
_PACKED = {b"\x1f\x8b": gzip.decompress, b"BZh": bz2.decompress, b"\xfd7zXZ\x00": lzma.decompress}
"""How a file begins that is packed whole, and what unpacks it."""


@dataclass(frozen=True)
class Person:
    """Everything that names the person: identifiers as delivered and hashed, phones, mail."""

    names: frozenset[str]

    @cached_property
    def _array(self) -> pa.Array:
        return pa.array(sorted(self.names), pa.string())

    @cached_property
    def _told(self) -> re.Pattern[str]:
        """Find an identifier that stands on its own in running text."""
        long = sorted((name for name in self.names if len(name) >= TELLING), key=len, reverse=True)
        inside = "|".join(map(re.escape, long)) or r"(?!)"
        return re.compile(rf"(?<![0-9A-Za-z])(?:{inside})(?![0-9A-Za-z])")

    def holds(self, cell: object) -> bool:
        """Tell whether a cell is one of the identifiers."""
        return isinstance(cell, str) and cell.strip().lstrip("'") in self.names

    def in_text(self, text: str) -> int:
        """Count the identifiers that stand on their own in a text."""
        return len(self._told.findall(text))

    def out_of(self, text: str) -> tuple[str, int]:
        """Take the identifiers out of a text."""
        return self._told.subn(BLANK, text)

    def anywhere(self, content: bytes) -> int:
        """Count the unmistakable identifiers in bytes, whatever they stand beside."""
        return sum(content.count(name.encode()) for name in self.names if len(name) >= UNMISTAKABLE)

    def mask(self, table: pa.Table | pa.RecordBatch) -> pa.Array:
        """Tell per row whether an identifying cell of it is one of the identifiers."""
        found = pa.repeat(pa.scalar(value=False), table.num_rows)
        for field in table.schema:
            if field.name in NAMING and _is_text(field.type):
                cells = table[field.name]
                cells = cells.combine_chunks() if isinstance(cells, pa.ChunkedArray) else cells
                hit = pc.fill_null(pc.is_in(cells.cast(pa.string()), self._array), fill_value=False)
                found = pc.or_(found, hit)
        return found


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def erase(path: Path, person: Person) -> int:
    """Take the person out of a file, whole or not at all; return how many rows or places went.

    A page about the person alone goes altogether: all of it tells of nobody else.
    """
    match path.suffix:
        case ".parquet":
            content, gone = _parquet(path, person)
        case ".csv":
            content, gone = _csv(path.read_bytes(), person)
        case ".xlsx":
            content, gone = _workbook(path.read_bytes(), person)
        case ".html" if _about(path.read_text("utf-8", errors="ignore"), person):
            path.unlink()
            return 1
        case ".html":
            content, gone = _page(path.read_bytes(), person)
        case ".json":
            content, gone = _json(path.read_bytes(), person)
        case _:
            content, gone = _plain(path.read_bytes(), person)
    if gone:
        write_bytes(path, content, mode=path.stat().st_mode & 0o777)
    return gone


def found(path: Path, person: Person) -> int:
    """Count where a file still names the person; archives and columns are looked into.

    Its own name counts, too: somebody may have called it after the person.
    """
    called = person.anywhere(path.name.encode())
    if path.suffix in DATABASES:
        return called + person.anywhere(path.read_bytes())
    if path.suffix == ".parquet":  # column by column, not read whole: tables may be large
        return called + _in_columns(pq.ParquetFile(path), person)
    return called + sum(_in_bytes(content, name, person) for name, content in _unpacked(path))


def _in_columns(file: pq.ParquetFile, person: Person) -> int:
    return sum(
        int(pc.sum(person.mask(batch)).as_py() or 0) + _raw(batch, person)
        for batch in _telling(file)
    )


def _telling(file: pq.ParquetFile) -> Iterator[pa.RecordBatch]:
    """Yield the columns that may name somebody, and raw records; tables may be large."""
    columns = [
        field.name
        for field in file.schema_arrow
        if field.name in NAMING or pa.types.is_binary(field.type)
    ]
    if columns:
        yield from file.iter_batches(columns=columns)


def _raw(batch: pa.RecordBatch, person: Person) -> int:
    """Count the identifiers in a batch's binary cells: records as they were delivered."""
    return sum(
        person.in_text(cell.decode("utf-8", errors="ignore"))
        for field in batch.schema
        if pa.types.is_binary(field.type)
        for cell in batch[field.name].to_pylist()
        if cell
    )


def _unpacked(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the parts of an archive with their names, archives in it unpacked; else the file."""
    yield from _parts(path.name, path.read_bytes())


def _parts(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    for head, unpack in _PACKED.items():
        if content.startswith(head):
            yield from _parts(name.rpartition(".")[0], unpack(content))
            return
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as zipped:
            for inner in zipped.namelist():
                yield from _parts(inner, zipped.read(inner))
    elif tarfile.is_tarfile(io.BytesIO(content)):
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            for member in archive:
                file = archive.extractfile(member)
                if file is not None:
                    yield from _parts(member.name, file.read())
    else:
        yield name, content


def _in_bytes(content: bytes, name: str, person: Person) -> int:
    suffix = name[name.rfind(".") :]
    if suffix == ".parquet":
        return _in_columns(pq.ParquetFile(io.BytesIO(content)), person)
    text = content.decode("utf-8", errors="ignore")
    if suffix == ".csv":
        records = csv.reader(io.StringIO(text), delimiter=_delimiter(text))
        return max(sum(person.holds(cell) for row in records for cell in row), person.in_text(text))
    if suffix not in {".html", ".xml"}:
        return person.in_text(text)
    if suffix == ".html" and _about(text, person):
        return 1
    rows = [text] if suffix == ".xml" else _TABLE_ROW.findall(text)
    cell = _TEXT if suffix == ".xml" else _CELL_TEXT
    # a short identifier is one only where it is the whole of a cell
    cells = sum(person.holds(html.unescape(each)) for row in rows for each in cell.findall(row))
    return max(cells, person.in_text(html.unescape(text)))


def _parquet(path: Path, person: Person) -> tuple[bytes, int]:
    file = pq.ParquetFile(path)
    if not any(bool(pc.any(person.mask(batch)).as_py()) for batch in _telling(file)):
        return b"", 0
    out, gone = io.BytesIO(), 0
    compression = file.metadata.row_group(0).column(0).compression
    with pq.ParquetWriter(out, file.schema_arrow, compression=compression) as writer:
        for number in range(file.num_row_groups):
            table = file.read_row_group(number)
            mask = person.mask(table)
            gone += int(pc.sum(mask).as_py() or 0)
            writer.write_table(table.filter(pc.invert(mask)))
    return out.getvalue(), gone


def _csv(content: bytes, person: Person) -> tuple[bytes, int]:
    """Take out records; all others keep their bytes, line ends and encoding."""
    for encoding in ("utf-8-sig", "utf-8", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text.encode(encoding) == content:
            break
    lines = list(io.StringIO(text, newline=""))
    reader = csv.reader(lines, delimiter=_delimiter(text))
    kept, gone, start = [], 0, 0
    named: list[int] | None = None
    for row in reader:
        if named is None:
            named = [at for at, name in enumerate(row) if name in NAMING]
        cells = [row[at] for at in named if at < len(row)] if named else row
        if any(person.holds(cell) for cell in cells):
            gone += 1
        else:
            kept += lines[start : reader.line_num]
        start = reader.line_num
    return "".join(kept).encode(encoding), gone


def _delimiter(text: str) -> str:
    """Return what parts the cells of the head: copies are saved with other signs than ours."""
    head = text.partition("\n")[0]
    return max(",;\t|", key=head.count)


_ROW = re.compile(r"<row\b[^>]*?/>|<row\b.*?</row>", re.DOTALL)
_SHARED = re.compile(r'<c\b[^>]*\bt="s"[^>]*><v>(\d+)</v></c>')
_STRING = re.compile(r"<si\b[^>]*/>|<si\b.*?</si>", re.DOTALL)
_TEXT = re.compile(r"<t\b[^>]*>(.*?)</t>", re.DOTALL)
_INLINE = re.compile(r"<is>(.*?)</is>", re.DOTALL)
_STRINGS = "xl/sharedStrings.xml"


def _workbook(content: bytes, person: Person) -> tuple[bytes, int]:
    """Take rows out of every sheet, and the texts that no row refers to any more."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = [(info, archive.read(info)) for info in archive.infolist()]
    shared = next((body.decode() for info, body in parts if info.filename == _STRINGS), "")
    strings = [html.unescape("".join(_TEXT.findall(each))) for each in _STRING.findall(shared)]
    names = {number for number, each in enumerate(strings) if person.holds(each)}
    gone, used = 0, set()
    for at, (info, body) in enumerate(parts):
        if not info.filename.startswith("xl/worksheets/"):
            continue
        text, kept, end = body.decode(), [], 0
        for row in _ROW.finditer(text):
            refers = {int(number) for number in _SHARED.findall(row.group())}
            inline = (
                html.unescape("".join(_TEXT.findall(i))) for i in _INLINE.findall(row.group())
            )
            if refers & names or any(person.holds(each) for each in inline):
                kept.append(text[end : row.start()])
                end = row.end()
                gone += 1
            else:
                used |= refers
        parts[at] = (info, "".join([*kept, text[end:]]).encode())
    if not gone:
        return content, 0
    numbers = iter(range(len(strings)))
    blanked = _STRING.sub(
        lambda each: each.group() if next(numbers) in used else "<si><t/></si>", shared
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for info, body in parts:
            archive.writestr(info, blanked.encode() if info.filename == _STRINGS else body)
    return out.getvalue(), gone


_TABLE_ROW = re.compile(r"<tr\b(?:(?!<tr\b).)*?</tr>", re.DOTALL)
_CELL_TEXT = re.compile(r">([^<>]+)<")


_ABOUT = re.compile(r'<main\b[^>]*\bdata-about="([^"]*)"')


def _about(text: str, person: Person) -> bool:
    """Tell whether a page is about the person alone."""
    whom = _ABOUT.search(text)
    return whom is not None and person.holds(html.unescape(whom.group(1)))


def _page(content: bytes, person: Person) -> tuple[bytes, int]:
    gone = 0

    def without(row: re.Match[str]) -> str:
        nonlocal gone
        if any(person.holds(html.unescape(cell)) for cell in _CELL_TEXT.findall(row.group())):
            gone += 1
            return ""
        return row.group()

    text = _TABLE_ROW.sub(without, content.decode())
    text, more = person.out_of(text)
    return text.encode(), gone + more


def _json(content: bytes, person: Person) -> tuple[bytes, int]:
    try:
        read = json.loads(content)
    except ValueError:
        return _plain(content, person)
    kept, gone = _without(read, person)
    if not gone:
        return content, 0
    text = json.dumps(kept, ensure_ascii=False, indent=2, sort_keys=True)
    return (text + "\n").encode(), gone


def _without(value: Any, person: Person) -> tuple[Any, int]:
    """Take entries out that name the person: whole records of a list, single keys of the rest."""
    if isinstance(value, dict):
        kept, gone = {}, 0
        for key, each in value.items():
            if person.holds(key) or person.holds(each):
                gone += 1
                continue
            kept[key], more = _without(each, person)
            gone += more
        return kept, gone
    if isinstance(value, list):
        rows, gone = [], 0
        for each in value:
            named = isinstance(each, dict) and any(person.holds(cell) for cell in each.values())
            if named or person.holds(each):
                gone += 1
                continue
            row, more = _without(each, person)
            rows.append(row)
            gone += more
        return rows, gone
    if isinstance(value, str):
        return person.out_of(value)
    return value, 0


def _plain(content: bytes, person: Person) -> tuple[bytes, int]:
    try:
        text, gone = person.out_of(content.decode())
    except UnicodeDecodeError:
        return content, 0  # a picture, a network's numbers: looked at again when all is searched
    return text.encode(), gone
