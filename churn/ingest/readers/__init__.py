"""Readers of delivered files: one seam, one list.

Whoever needs records asks a :class:`Reader`: for the header, for records in blocks, for a record
as it was delivered, for the hash of the content. What a file's bytes are, only its reader knows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from pydantic import Field, field_validator

from churn.ingest.readers.delimited import Delimited
from churn.ingest.readers.parquet import Parquet
from churn.ingest.readers.reader import FIRST_BLOCK, Block, Reader, Records, Rejects
from churn.ingest.readers.text import TextFormat


class Format(NamedTuple):
    """A format: what opens its files, and how their names end, ``.gz`` aside."""

    reader: Callable[[Path, FileFormat], Reader]
    endings: tuple[str, ...]


#: Every format there is. A new one adds its line here, and its options to :class:`FileFormat`.
READERS: Mapping[str, Format] = {
    "delimited": Format(Delimited, (".csv", ".tsv", ".txt")),
}
OTHERWISE = READERS["delimited"]  # files whose ending no format claims


class FileFormat(TextFormat):
    """How a kind of file is read: the format, and the options of each."""

    format: str | None = Field(
        None,
        description=f"one of: {', '.join(READERS)}; default: by the file's ending",
        exclude_if=lambda value: value is None,
    )

    @field_validator("format")
    @classmethod
    def _known_format(cls, value: str | None) -> str | None:
        if value is not None and value not in READERS:
            raise ValueError(f"format {value!r} is not read: use {', '.join(READERS)}")
        return value


def reader_of(path: Path, how: FileFormat) -> Reader:
    """Return the reader of a file: by the format in the settings, else by the file's ending."""
    if how.format is not None:
        return READERS[how.format].reader(path, how)
    ending = path.with_suffix("").suffix if path.suffix == ".gz" else path.suffix
    claimed = (listed for listed in READERS.values() if ending.lower() in listed.endings)
    return next(claimed, OTHERWISE).reader(path, how)
