"""One ready-made table as a whole: CSV as text in whatever encoding it decodes, or Parquet.

Extracts travel in blocks and lose single bad lines; a ready-made table is one thing of one author.
Any line that cannot be read refuses the file, so that row numbers mean the same to both sides.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from churn.errors import ExtractError
from churn.ingest.readers.packing import opened
from churn.ingest.readers.text import ENCODINGS

DELIMITERS = (",", ";", "\t", "|")
PARQUET = b"PAR1"
LARGEST_BLOCK = 1 << 30
BOM = "\ufeff"


def read_whole(path: Path) -> pa.Table:
    """Read a table.

    Returns
    -------
    Table
        From CSV every column is trimmed text, from Parquet it has the file's types. A header
        without a name is called by its position, as in ``column 1``.

    Raises
    ------
    ExtractError
        If the file is absent, damaged, in no known encoding, has lines of another width, two
        columns of one name, or no rows.
    """
    with opened(path) as stream:
        content = stream.read()
    table = _parquet(path, content) if content.startswith(PARQUET) else _csv(path, content)
    names = [name.strip() or f"column {at}" for at, name in enumerate(table.column_names, 1)]
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    if twice:
        raise ExtractError(
            f"{len(twice)} headers stand more than once: {', '.join(twice)}",
            where=f"{path.name}, header",
            do="give every column a name of its own",
        )
    if not table.num_rows:
        raise ExtractError(
            "the table has no rows", where=path.name, do="deliver it again, with its rows"
        )
    return table.rename_columns(names)


def _parquet(path: Path, content: bytes) -> pa.Table:
    try:
        return pq.read_table(pa.BufferReader(content))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        raise ExtractError(
            "the Parquet file is damaged or cut off", where=path.name, do="deliver it again"
        ) from error


def _csv(path: Path, content: bytes) -> pa.Table:
    text = _decoded(path, content).removeprefix(BOM).lstrip("\r\n")
    if not text.strip():
        raise ExtractError(
            "the file is empty: it has not even a header",
            where=path.name,
            do="deliver it again",
        )
    first = text.split("\n", 1)[0].rstrip("\r")
    delimiter = max(DELIMITERS, key=lambda sign: len(_fields(first, sign)))
    names = _fields(first, delimiter)
    data = text.encode()
    wrong: list[int] = []

    def count(row: pacsv.InvalidRow) -> str:
        wrong.append(row.number)
        return "skip"

    keys = [str(at) for at in range(len(names))]
    try:
        read = pacsv.read_csv(
            pa.BufferReader(data),
            read_options=pacsv.ReadOptions(
                use_threads=False,
                block_size=min(len(data) + 1, LARGEST_BLOCK),
                column_names=keys,
                skip_rows=1,
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, invalid_row_handler=count
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(keys, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        # a header alone ends here too
        if not text.rstrip("\r\n").count("\n"):
            return pa.table([pa.array([], pa.string())] * len(names), names=names)
        raise ExtractError(
            "the lines cannot be split into fields",
            where=path.name,
            do="mend its quotes; every line has the fields of the header",
        ) from error
    if wrong:
        raise ExtractError(
            f"{len(wrong):,} lines do not have the {len(names):,} fields of the header;"
            f" the first is record {wrong[0]:,}",
            where=path.name,
            do="mend these lines; a field that holds the delimiter stands in quotes",
        )
    trimmed = [pc.utf8_trim_whitespace(column) for column in read.columns]
    return pa.table(trimmed, names=names)


def _decoded(path: Path, content: bytes) -> str:
    if b"\0" in content:
        raise ExtractError(
            "the file holds zero bytes: it is no text in UTF-8 or GB18030",
            where=path.name,
            do="save it as CSV in UTF-8, or as Parquet",
        )
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ExtractError(
        f"the file decodes neither as {' nor as '.join(ENCODINGS)}",
        where=path.name,
        do="save it as CSV in UTF-8, or as Parquet",
    )


def _fields(line: str, delimiter: str) -> list[str]:
    return next(csv.reader(io.StringIO(line), delimiter=delimiter), [""])
