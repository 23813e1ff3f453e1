"""How a text file that no settings describe is read: what decodes it, what parts its fields."""

from __future__ import annotations

from pathlib import Path

from churn.errors import ExtractError
from churn.ingest.readers import FileFormat
from churn.ingest.readers.fields import read_header, undecodable_lines
from churn.ingest.readers.lines import lines_of, parted
from churn.ingest.readers.reader import BLOCK_BYTES
from churn.ingest.readers.text import ENCODINGS

DELIMITERS = (",", ";", "\t", "|")


def recognised(path: Path) -> FileFormat:
    """Return the first encoding that decodes every line, and what parts most fields of the header.

    Raises
    ------
    ExtractError
        If the file is no text in an encoding that is read here.
    """
    encodings = list(ENCODINGS)
    header = None
    for lines in lines_of(path, BLOCK_BYTES):
        if b"\0" in lines.data:
            raise _no_text(path, "holds zero bytes: it is no text in UTF-8 or GB18030")
        encodings = [name for name in encodings if not len(undecodable_lines(lines, name))]
        if header is None and lines.data.strip():
            header, _ = parted(lines)
    if not encodings:
        raise _no_text(path, f"decodes neither as {' nor as '.join(ENCODINGS)}")
    formats = [FileFormat(encoding=encodings[0], delimiter=sign) for sign in DELIMITERS]
    if header is None:
        return formats[0]
    return max(formats, key=lambda how: len(read_header(header, how) or ()))


def _no_text(path: Path, what: str) -> ExtractError:
    return ExtractError(
        f"the file {what}", where=path.name, do="save it as CSV in UTF-8, or as Parquet"
    )
