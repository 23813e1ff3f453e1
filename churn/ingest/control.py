"""The file beside a delivery that says what was sent: how many records, which checksum."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from churn.errors import ExtractError
from churn.ingest.columns import MappingModel
from churn.ingest.readers.text import delimiter_of

ControlField = Literal["file", "rows", "bytes", "md5", "sha1", "sha256", "-"]
CHECKSUMS = ("md5", "sha1", "sha256")
LONGEST = 1 << 20  # bytes of a control file that are looked at


class ControlMapping(MappingModel):
    """A control file: which one, and what stands on its lines."""

    name: str = Field(
        description="its name beside the delivered file; {file} stands for that one's name, {stem}"
        " for it without endings"
    )
    fields: tuple[ControlField, ...] = Field(
        ("md5", "file"),
        min_length=1,
        description="what stands on a line, in its order: file, rows, bytes, md5, sha1, sha256, or"
        " - for anything else; by default as md5sum writes it",
    )
    delimiter: str | None = Field(None, description="between these; blanks if not set")

    @field_validator("fields")
    @classmethod
    def _says_something(cls, value: tuple[ControlField, ...]) -> tuple[ControlField, ...]:
        named = [field for field in value if field != "-"]
        if len(set(named)) < len(named):
            raise ValueError("a field of a control file is named twice")
        if not set(named) - {"file"}:
            raise ValueError("a control file says rows, bytes or a checksum")
        return value

    @field_validator("delimiter")
    @classmethod
    def _parts_fields(cls, value: str | None) -> str | None:
        return value if value is None else delimiter_of(value)

    @model_validator(mode="after")
    def _tells_which_file(self) -> Self:
        if "file" not in self.fields and not {"{file}", "{stem}"} & _placeholders(self.name):
            raise ValueError(
                "one control file for all needs `file` among its fields; else its name has {file}"
                " or {stem}"
            )
        return self

    def beside(self, path: Path) -> Path:
        """Return where the control file of a delivered one lies."""
        stem = path.name.split(".")[0]
        return path.with_name(self.name.replace("{file}", path.name).replace("{stem}", stem))


def _placeholders(name: str) -> set[str]:
    return {field for field in ("{file}", "{stem}") if field in name}


def told_of(path: Path, how: ControlMapping) -> Mapping[str, str]:
    """Return what the control file says of a delivered one, by field.

    Raises
    ------
    ExtractError
        If it is not there, or has no line for the file or several.
    """
    control = how.beside(path)
    try:
        with control.open("rb") as file:
            text = file.read(LONGEST).decode("utf-8-sig", "replace")
    except OSError as error:
        raise ExtractError(
            f"its control file {control.name} cannot be read",
            where=path.name,
            do="deliver it beside the file, or correct `control:` of this source",
        ) from error
    lines = [_fields(line, how) for line in text.splitlines() if line.strip()]
    mine = [line for line in lines if line and line.get("file", path.name) == path.name]
    if len(mine) != 1 or mine[0] is None:
        raise ExtractError(
            f"its control file has {len(mine):,} lines about it, of {len(lines):,}",
            where=f"{path.name}, {control.name}",
            do=f"deliver one line of {', '.join(how.fields)}, or correct `control:` of this source",
        )
    return mine[0]


def _fields(line: str, how: ControlMapping) -> dict[str, str] | None:
    """Return the fields of a line by name; None of one that has other ones."""
    parts = [part.strip() for part in line.split(how.delimiter)]
    if len(parts) != len(how.fields):
        return None
    told = dict[str, str](zip(how.fields, parts, strict=True))
    told.pop("-", None)
    if "file" in told:
        told["file"] = Path(told["file"].removeprefix("*")).name  # * for binary, as md5sum has it
    numbers = all(told[field].isdigit() for field in ("rows", "bytes") if field in told)
    return told if numbers else None


def require_content(path: Path, how: ControlMapping) -> None:
    """Hold a delivered file's size and checksum to its control file.

    Raises
    ------
    ExtractError
        If they differ, or the control file cannot be read.
    """
    told = told_of(path, how)
    if "bytes" in told and int(told["bytes"]) != path.stat().st_size:
        raise _differs(path, "bytes", int(told["bytes"]), path.stat().st_size)
    for name in CHECKSUMS:
        if name in told:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, name).hexdigest()
            if found != told[name].lower():
                raise ExtractError(
                    f"the file is not the one that was sent: its {name} differs from that of"
                    f" {how.beside(path).name}",
                    where=path.name,
                    do="deliver it again",
                )


def require_rows(path: Path, how: ControlMapping, rows: int) -> None:
    """Hold the records of a delivered file, its header not among them, to its control file.

    Raises
    ------
    ExtractError
        If they differ.
    """
    told = told_of(path, how).get("rows")
    if told is not None and int(told) != rows:
        raise _differs(path, "records", int(told), rows)


def _differs(path: Path, what: str, sent: int, found: int) -> ExtractError:
    return ExtractError(
        f"{sent:,} {what} were sent and {found:,} arrived, by its control file",
        where=path.name,
        do="deliver it again, or correct `control:` of this source if it counts otherwise",
    )
