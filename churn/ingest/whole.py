"""One ready-made table as a whole: text as it is recognised or said, JSON lines, Excel, Parquet.

Extracts travel in blocks and lose single bad lines; a ready-made table is one thing of one author.
Any line that cannot be read refuses the file, so that row numbers mean the same to both sides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from churn.errors import ExtractError
from churn.ingest import rules
from churn.ingest.readers import FileFormat, Parquet, Reader, Records, Rejects
from churn.ingest.readers.delimited import Delimited
from churn.ingest.readers.dialects import SAMPLE, headless
from churn.ingest.readers.encodings import UTF_8, WESTERN, Votes
from churn.ingest.readers.excel import Excel
from churn.ingest.readers.json_lines import JsonLines
from churn.ingest.readers.lines import lines_of
from churn.ingest.readers.reader import BLOCK_BYTES
from churn.ingest.recognition import (
    RECOGNISED,
    Written,
    by_rows,
    kind_of,
    text_format,
    titles_of,
)

READ = b"read as"  # of the table's metadata


def read_whole(path: Path, written: Written = RECOGNISED) -> pa.Table:
    """Read a table; lines that are blank are no rows.

    Returns
    -------
    Table
        From Parquet it has the file's types, from all else every column is trimmed text. A header
        without a name is called by its position, as in ``column 1``. :func:`read_as` tells how it
        was read.

    Raises
    ------
    ExtractError
        If the file is absent or damaged, its encoding cannot be told, it has lines that cannot be
        read, no header, two columns of one name, or no rows.
    """
    reader, how = _reader(path, written)
    header = reader.header()
    names = [name.strip() or f"column {at}" for at, name in enumerate(header, 1)]
    blocks = list(reader.records(range(len(header))))
    _require_header(path, how, header, blocks)
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    if twice:
        raise ExtractError(
            f"{len(twice)} headers stand more than once: {', '.join(twice)}",
            where=f"{path.name}, header",
            do="give every column a name of its own",
        )
    _require_readable(path, how, Rejects.joined([each.rejects for each in blocks]), len(header))
    if not sum(len(records.numbers) for records in blocks):
        raise ExtractError(
            "the table has no rows", where=path.name, do="deliver it again, with its rows"
        )
    return _rows(blocks, names).replace_schema_metadata({READ: _read_as(reader, how)})


def read_as(table: pa.Table) -> str:
    """Return how a table was read: its format, of text the encoding and what parts its fields."""
    metadata: dict[bytes, bytes] = table.schema.metadata or {}
    return metadata.get(READ, b"").decode()


def _read_as(reader: Reader, how: FileFormat | None) -> str:
    if how is not None:
        titles = f", below {how.skip:,} lines" if how.skip else ""
        return f"{how.encoding}, parted by {_sign(how)}{titles}"
    return {Parquet: "Parquet", JsonLines: "JSON lines"}.get(type(reader), "a workbook")


def _reader(path: Path, written: Written) -> tuple[Reader, FileFormat | None]:
    """Return the reader of what the file holds, whatever it is called."""
    kind, start = kind_of(path)
    if kind == "excel":
        return Excel(path, None, titles_of(Excel(path, None, 0, None)), None), None
    if kind == "parquet":
        return Parquet(path), None
    if kind == "json":
        return JsonLines(path, FileFormat(encoding=written.encoding or UTF_8)), None
    how = text_format(path, start, written, _encoding)
    return Delimited(path, how, over_lines=True), how


def _encoding(path: Path) -> str:
    votes = Votes.of(_without_zeros(path))
    if votes.encoding is not None:
        return votes.encoding
    if votes.of_money:
        return WESTERN[0]
    proposals = votes.proposals()
    raise ExtractError(
        "the encoding of the file cannot be told",
        where=path.name,
        do=f"name it: --encoding {' or '.join(proposals)}; or save the file as CSV in UTF-8"
        if proposals
        else "save it as CSV in UTF-8, or as Parquet",
    )


def _without_zeros(path: Path) -> Iterator[bytes]:
    for lines in lines_of(path, BLOCK_BYTES):
        if b"\0" in lines.data:
            raise ExtractError(
                "the file holds zero bytes: it is no text that is read",
                where=path.name,
                do="save it as CSV in UTF-8, or as Parquet",
            )
        yield lines.data


def _require_header(
    path: Path, how: FileFormat | None, header: Sequence[str], blocks: Sequence[Records]
) -> None:
    """Refuse text whose first line is a row: somebody would be lost, and no column have a name."""
    if how is None or not blocks:
        return
    columns = [values.slice(0, SAMPLE).to_pylist() for values in blocks[0].fields.values()]
    if headless(header, by_rows(columns)):
        raise ExtractError(
            f"the file has no header: its first line reads as a row of {len(header):,} values",
            where=_place(path, how),
            do="put a line with the names of the columns before it",
        )


def _place(path: Path, how: FileFormat | None) -> str:
    return path.name if how is None else f"{path.name} (as {how.encoding}, parted by {_sign(how)})"


def _sign(how: FileFormat) -> str:
    return {"\t": "tabs"}.get(how.delimiter, repr(how.delimiter))


def _require_readable(path: Path, how: FileFormat | None, rejects: Rejects, width: int) -> None:
    """Refuse a table that has lines, other than blank ones, that are no rows."""
    codes = rejects.codes[rejects.codes != rules.BLANK.code]
    if not len(codes):
        return
    code = codes[0]
    first = rejects.numbers[rejects.codes == code][0]
    lines = {
        rules.DECODES.code: f"are not {how.encoding if how else 'text'}",
        rules.CLEAN.code: "hold a stray carriage return",
        rules.QUOTED.code: "open a quote that no field closes",
        rules.WIDTH.code: f"do not have the {width:,} fields of the header",
        rules.HEADER.code: "repeat the header",
        rules.OBJECT.code: "are no JSON object with each name in it once",
    }[code]
    raise ExtractError(
        f"{(codes == code).sum():,} lines {lines}; the first is line {first:,}",
        where=_place(path, how),
        do="mend these lines; a field that holds the delimiter, a quote or a line end stands in"
        " quotes, with each quote inside it doubled",
    )


def _rows(blocks: Sequence[Records], names: Sequence[str]) -> pa.Table:
    """Return the rows in the order of the file."""
    tables = [pa.table([*records.fields.values()], names=names) for records in blocks]
    numbers = np.concatenate([records.numbers for records in blocks])
    rows = pa.concat_tables(tables)
    return rows if (numbers[1:] > numbers[:-1]).all() else rows.take(np.argsort(numbers))
