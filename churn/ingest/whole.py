"""One ready-made table as a whole: delimited text in whatever encoding it decodes, or Parquet.

Extracts travel in blocks and lose single bad lines; a ready-made table is one thing of one author.
Any line that cannot be read refuses the file, so that row numbers mean the same to both sides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from pydantic import ValidationInfo, field_validator

from churn.errors import ExtractError
from churn.frozen import Frozen
from churn.ingest import rules
from churn.ingest.readers import FileFormat, Parquet, Reader, Records, Rejects
from churn.ingest.readers.delimited import Delimited
from churn.ingest.readers.fields import read_header, undecodable_lines
from churn.ingest.readers.lines import lines_of, parted
from churn.ingest.readers.packing import opened
from churn.ingest.readers.reader import BLOCK_BYTES
from churn.ingest.readers.text import ENCODINGS, TextFormat

PARQUET = b"PAR1"
DELIMITERS = (",", ";", "\t", "|")


class Written(Frozen):
    """How the text of a table is written, as far as somebody has said; the rest is recognised."""

    delimiter: str | None = None
    encoding: str | None = None

    @field_validator("delimiter", "encoding")
    @classmethod
    def _read(cls, value: str | None, info: ValidationInfo) -> str | None:
        said = {} if value is None else {str(info.field_name): value}
        return value and str(getattr(TextFormat.model_validate(said), str(info.field_name)))


RECOGNISED = Written()


def read_whole(path: Path, written: Written = RECOGNISED) -> pa.Table:
    """Read a table; lines that are blank are no rows.

    Returns
    -------
    Table
        From text every column is trimmed text, from Parquet it has the file's types. A header
        without a name is called by its position, as in ``column 1``.

    Raises
    ------
    ExtractError
        If the file is absent, damaged, in no known encoding, has lines that cannot be read, two
        columns of one name, or no rows.
    """
    reader = _reader(path, written)
    header = reader.header()
    names = [name.strip() or f"column {at}" for at, name in enumerate(header, 1)]
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    if twice:
        raise ExtractError(
            f"{len(twice)} headers stand more than once: {', '.join(twice)}",
            where=f"{path.name}, header",
            do="give every column a name of its own",
        )
    blocks = list(reader.records(range(len(header))))
    _require_readable(path, Rejects.joined([records.rejects for records in blocks]), len(header))
    if not sum(len(records.numbers) for records in blocks):
        raise ExtractError(
            "the table has no rows", where=path.name, do="deliver it again, with its rows"
        )
    return _rows(blocks, names)


def _reader(path: Path, written: Written) -> Reader:
    with opened(path) as stream:
        columnar = stream.read(len(PARQUET)) == PARQUET
    if columnar:
        return Parquet(path)
    return Delimited(path, _recognised(path, written), over_lines=True)


def _recognised(path: Path, written: Written) -> FileFormat:
    """Return the first encoding that decodes every line, and what parts most of the header."""
    possible = (written.encoding,) if written.encoding else ENCODINGS
    encodings = list(possible)
    header = None
    for lines in lines_of(path, BLOCK_BYTES):
        if b"\0" in lines.data:
            raise _no_text(path, "holds zero bytes: it is no text in UTF-8 or GB18030")
        encodings = [name for name in encodings if not len(undecodable_lines(lines, name))]
        if header is None and lines.data.strip():
            header, _ = parted(lines)
    if not encodings:
        neither = "decodes neither as" if len(possible) > 1 else "does not decode as"
        raise _no_text(path, f"{neither} {' nor as '.join(possible)}")
    signs = (written.delimiter,) if written.delimiter else DELIMITERS
    formats = [FileFormat(encoding=encodings[0], delimiter=sign) for sign in signs]
    if header is None:
        return formats[0]
    return max(formats, key=lambda how: len(read_header(header, how) or ()))


def _no_text(path: Path, what: str) -> ExtractError:
    return ExtractError(
        f"the file {what}", where=path.name, do="save it as CSV in UTF-8, or as Parquet"
    )


def _require_readable(path: Path, rejects: Rejects, width: int) -> None:
    """Refuse a table that has lines, other than blank ones, that are no rows."""
    codes = rejects.codes[rejects.codes != rules.BLANK.code]
    if not len(codes):
        return
    code = codes[0]
    first = rejects.numbers[rejects.codes == code][0]
    lines = {
        rules.CLEAN.code: "hold a stray carriage return",
        rules.QUOTED.code: "open a quote that no field closes",
        rules.WIDTH.code: f"do not have the {width:,} fields of the header",
        rules.HEADER.code: "repeat the header",
    }[code]
    raise ExtractError(
        f"{(codes == code).sum():,} lines {lines}; the first is line {first:,}",
        where=path.name,
        do="mend these lines; a field that holds the delimiter, a quote or a line end stands in"
        " quotes, with each quote inside it doubled",
    )


def _rows(blocks: Sequence[Records], names: Sequence[str]) -> pa.Table:
    """Return the rows in the order of the file."""
    tables = [pa.table([*records.fields.values()], names=names) for records in blocks]
    numbers = np.concatenate([records.numbers for records in blocks])
    rows = pa.concat_tables(tables)
    return rows if (numbers[1:] > numbers[:-1]).all() else rows.take(np.argsort(numbers))
