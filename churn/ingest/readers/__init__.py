"""Readers of delivered files: one seam, one list.

Whoever needs records asks a :class:`Reader`: for the header, for records in blocks, for a record
as it was delivered, for the hash of the content. What a file's bytes are, only its reader knows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple, Self

from pydantic import Field, field_validator, model_validator

from churn.errors import SettingsError
from churn.ingest.readers.corrected import Corrected
from churn.ingest.readers.delimited import Delimited
from churn.ingest.readers.encodings import UTF_8, of_lines
from churn.ingest.readers.excel import Excel
from churn.ingest.readers.json_lines import JsonLines
from churn.ingest.readers.packing import without_packing
from churn.ingest.readers.parquet import Parquet, ParquetText
from churn.ingest.readers.reader import FIRST_BLOCK, Block, Reader, Records, Rejects
from churn.ingest.readers.text import TextFormat


class Format(NamedTuple):
    """A format: what opens its files, how their names end, packing aside, and its options."""

    reader: Callable[[Path, FileFormat], Reader]
    endings: tuple[str, ...]
    options: frozenset[str] = frozenset()


#: Every format there is. A new one adds its line here, and its options to :class:`FileFormat`.
READERS: Mapping[str, Format] = {
    "delimited": Format(Delimited, (".csv", ".tsv", ".txt"), frozenset(TextFormat.model_fields)),
    "json": Format(JsonLines, (".jsonl", ".ndjson", ".json"), frozenset({"encoding"})),
    "parquet": Format(lambda path, _: ParquetText(path), (".parquet",)),
    "excel": Format(
        lambda path, how: Excel(path, how.sheet, how.skip, how.header),
        (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"),
        frozenset({"sheet", "skip", "header"}),
    ),
}
OTHERWISE = "delimited"  # files whose ending no format claims


class FileFormat(TextFormat):
    """How a kind of file is read: the format, and the options of each."""

    format: str | None = Field(
        None,
        description=f"one of: {', '.join(READERS)}; default: by the file's ending",
        exclude_if=lambda value: value is None,
    )

    sheet: str | None = Field(
        None,
        description="name of a workbook's sheet; default: the first",
        exclude_if=lambda value: value is None,
    )

    @field_validator("format")
    @classmethod
    def _known_format(cls, value: str | None) -> str | None:
        if value is not None and value not in READERS:
            raise ValueError(f"format {value!r} is not read: use {', '.join(READERS)}")
        return value

    @model_validator(mode="after")
    def _options_of_the_format(self) -> Self:
        alien = self.format is not None and _alien(self, self.format)
        if alien:
            raise ValueError(alien)
        return self


def reader_of(path: Path, how: FileFormat) -> Reader:
    """Return the reader of a file: by the format in the settings, else by the file's ending.

    Raises
    ------
    SettingsError
        If an option is set that files of the ending's format do not have.
    """
    ending = without_packing(path).suffix.lower()
    claimed = (name for name, listed in READERS.items() if ending in listed.endings)
    name = how.format or next(claimed, OTHERWISE)
    alien = _alien(how, name)
    if alien:
        raise SettingsError(
            alien, where=path.name, do="leave the option out, or name another `format:`"
        )
    return READERS[name].reader(path, how)


def _alien(how: FileFormat, name: str) -> str:
    """Say which option is set that a format does not have; nothing if none is."""
    others = frozenset(FileFormat.model_fields) - {"format"} - READERS[name].options
    alien = sorted(others & how.model_fields_set)
    return f"files of format {name} have no `{alien[0]}:`" if alien else ""
