"""The mapping language: how one operator's extracts fill the canonical tables (``ingest:``)."""

from __future__ import annotations

import codecs
import difflib
import os
import re
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from churn.errors import SettingsError
from churn.ingest.casting import check_format
from churn.ingest.names import NamePattern
from churn.tables import TABLES, Mode

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

ENCODINGS = ("utf-8", "gb18030")
_ALIASES = {"utf-8-sig": "utf-8", "ascii": "utf-8", "gbk": "gb18030", "gb2312": "gb18030"}
_VARIABLE = re.compile(r"\$\{(\w+)\}")


def nearest(name: str, known: Iterable[str]) -> str:
    """Return `` (did you mean …?)`` for the known name closest to a misspelt one, or nothing."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f" (did you mean {close[0]}?)" if close else ""


def _as_text(value: Any) -> Any:
    """Read numbers and dates that YAML took for such as the text that stands in the extract."""
    if isinstance(value, bool):
        msg = "YAML reads an unquoted Yes, No, true or false as a truth value: put it in quotes"
        raise ValueError(msg)  # noqa: TRY004 - pydantic turns only ValueError into a message
    return str(value) if isinstance(value, int | float | date) else value


def _as_text_keys(value: Any) -> Any:
    return (
        {_as_text(key): item for key, item in value.items()} if isinstance(value, dict) else value
    )


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Cell = Annotated[str, BeforeValidator(_as_text)]
Cells = Annotated[tuple[Cell, ...], BeforeValidator(_as_list)]
Formats = Annotated[
    tuple[Annotated[str, AfterValidator(check_format)], ...], BeforeValidator(_as_list)
]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class ColumnMapping(_Model):
    """Where one canonical column comes from and how its text is read."""

    from_: str | None = Field(None, alias="from", description="header in the operator's file")
    constant: Cell | None = Field(None, description="the same value for every row")
    format: Formats = Field((), description="formats of dates and times, such as %Y%m%d")
    codes: Annotated[dict[str, Cell], BeforeValidator(_as_text_keys)] = Field(
        default_factory=dict, description="the operator's codes and what each means"
    )
    otherwise: Cell | None = Field(None, description="what every code not listed means")
    missing: Cell | None = Field(None, description="what an empty field means")
    round: bool = Field(default=False, description="round amounts with more digits than are stored")

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.from_ is None) == (self.constant is None):
            msg = "a column comes either `from:` a header or is a `constant:`"
            raise ValueError(msg)
        if self.otherwise is not None and not self.codes:
            msg = "`otherwise:` needs `codes:`"
            raise ValueError(msg)
        return self


def _short_form(value: Any) -> Any:
    return {"from": value} if isinstance(value, str) else value


Columns = dict[str, Annotated[ColumnMapping, BeforeValidator(_short_form)] | None]


class Selection(_Model):
    """Which values of a header a source takes; the other rows are counted as not selected."""

    in_: Cells | None = Field(None, alias="in", description="take rows with one of these values")
    not_: Cells | None = Field(None, alias="not", description="take rows with none of these")

    @model_validator(mode="after")
    def _one_side(self) -> Self:
        if (self.in_ is None) == (self.not_ is None):
            msg = "name either the values to take (`in:`) or those to leave (`not:`)"
            raise ValueError(msg)
        return self


def _selection(value: Any) -> Any:
    return {"in": value} if isinstance(value, str | list | tuple) else value


Only = dict[str, Annotated[Selection, BeforeValidator(_selection)]]


class TextFormat(_Model):
    """How a file's bytes become fields."""

    encoding: str = Field("utf-8", description="utf-8 (with or without BOM) or gb18030")
    delimiter: str = Field(",", min_length=1, max_length=1, description="between fields")
    quote: str | None = Field('"', max_length=1, description="quotes fields; null for none")

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        try:
            name = codecs.lookup(value).name
        except LookupError:
            name = value
        name = _ALIASES.get(name, name)
        if name not in ENCODINGS:
            msg = f"encoding {value!r} is not read: use utf-8 or gb18030 (which includes GBK)"
            raise ValueError(msg)
        return name

    @field_validator("delimiter", "quote")
    @classmethod
    def _plain_character(cls, value: str | None) -> str | None:
        if value is not None and (not value.isascii() or value in "\r\n\0"):
            msg = "delimiter and quote are single ASCII characters other than line ends"
            raise ValueError(msg)
        return value


class JoinMapping(TextFormat):
    """A second file beside the first: its columns are added where the key is the same."""

    files: str = Field(description="one file or pattern, relative to the folder")
    key: str = Field(description="header of the key, the same in both files")
    columns: Columns = Field(description="canonical columns taken from this file")


class InitialLoad(_Model):
    """History extracted on one day, whose availability at the time is only assumed."""

    covers_until: date = Field(description="last day whose facts the extract holds")
    assumed_lag: int = Field(ge=0, description="days after a fact at which it was known, assumed")
    current_state: tuple[str, ...] = Field((), description="columns as of the extraction day")
    constant: tuple[str, ...] = Field((), description="columns that never change for a subscriber")


class SourceMapping(TextFormat):
    """One kind of file that feeds a table."""

    files: str = Field(description="pattern of the files, relative to the folder")
    name: NamePattern | None = Field(
        None, description="pattern of the file's name with {period} {delivered_on} {part}"
    )
    delivered_on: date | None = Field(None, description="day of delivery, where no name tells it")
    period: Cell | None = Field(None, description="period of the files, where no name tells it")
    optional: bool = Field(default=False, description="whether there may be no such file")
    nulls: Cells = Field(("", "NULL"), description="field contents that mean: no value")
    only: Only = Field(default_factory=dict, description="rows that this source feeds into it")
    columns: Columns = Field(default_factory=dict, description="canonical column: where from")
    join: tuple[JoinMapping, ...] = Field((), description="further files, side by side")
    initial_load: InitialLoad | None = Field(None, description="for history extracted at once")
    refused: dict[str, str] = Field(
        default_factory=dict, description="headers that must not be used, and why"
    )

    @model_validator(mode="after")
    def _delivery_is_dated(self) -> Self:
        named = self.name.fields if self.name else ()
        if ("delivered_on" in named) == (self.delivered_on is not None):
            msg = (
                "say once when a file was delivered: {delivered_on} in `name:`, or `delivered_on:`"
            )
            raise ValueError(msg)
        if "period" in named and self.period is not None:
            msg = "say once what period a file holds: {period} in `name:`, or `period:`"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _refused_is_refused(self) -> Self:
        blocks = [self.columns, *(join.columns for join in self.join)]
        used = {how.from_ for block in blocks for how in block.values() if how}
        for header in self.refused:
            if header in used | set(self.only):
                msg = f"{header} is listed under `refused:` and used all the same"
                raise ValueError(msg)
        return self


class TableMapping(_Model):
    """All sources of one canonical table, and how much of it may be bad."""

    mode: Mode | None = Field(None, description="append, full or partition; default: the table's")
    max_rejected: float = Field(
        0.001, ge=0, le=1, description="share of a delivery's rows that may be set aside"
    )
    sources: tuple[SourceMapping, ...] = Field(min_length=1, description="the files that feed it")


class IngestSettings(_Model):
    """From the operator's files to the canonical tables (``ingest:`` in the settings file)."""

    folder: str = Field(
        description="the extracts; relative to the settings file, ${VARIABLES} work"
    )
    id_key: str = Field(min_length=8, description="key of the hash that replaces identifiers")
    tables: dict[str, TableMapping] = Field(min_length=1, description="canonical table: sources")

    @model_validator(mode="after")
    def _targets_exist(self) -> Self:
        for name, mapping in self.tables.items():
            if name not in TABLES:
                msg = f"there is no canonical table {name}{nearest(name, TABLES)}"
                raise ValueError(msg)
            for source in mapping.sources:
                _check_targets(name, mapping.mode or TABLES[name].mode, source)
        return self

    def extracts(self, base: Path) -> Path:
        """Return the folder of the extracts, environment variables filled in.

        Raises
        ------
        SettingsError
            If a variable is not set.
        """
        return base / expand(self.folder, "ingest.folder")

    def key(self) -> str:
        """Return the key of the identifiers' hash, environment variables filled in."""
        return expand(self.id_key, "ingest.id_key")


def expand(text: str, where: str) -> str:
    """Fill in ``${NAME}`` from the environment.

    Raises
    ------
    SettingsError
        If it is not set.
    """
    for name in _VARIABLE.findall(text):
        if not os.environ.get(name):
            raise SettingsError(
                f"the environment variable {name} is not set",
                where=where,
                do=f"set {name}, or write the value into the settings file",
            )
    return _VARIABLE.sub(lambda match: os.environ[match[1]], text)


def _check_targets(name: str, mode: Mode, source: SourceMapping) -> None:
    table = TABLES[name]
    columns = [*source.columns, *(target for join in source.join for target in join.columns)]
    load = source.initial_load
    for target in [*columns, *((*load.current_state, *load.constant) if load else ())]:
        if target not in table:
            msg = f"table {name} has no column {target}{nearest(target, table.names)}"
            raise ValueError(msg)
        if target == "delivered_on":
            msg = f"{name}.delivered_on is the day of the delivery and cannot be mapped"
            raise ValueError(msg)
        if columns.count(target) > 1:
            msg = f"{name}.{target} is mapped twice in one source"
            raise ValueError(msg)
    blocks = [source.columns, *(join.columns for join in source.join)]
    coded = {target for block in blocks for target, how in block.items() if how and how.codes}
    for target in coded:
        if table[target].identifier:
            msg = f"{name}.{target} identifies somebody: it cannot have `codes:`"
            raise ValueError(msg)
    has_period = source.period is not None or (source.name and "period" in source.name.fields)
    if mode == "partition" and not has_period:
        msg = f"table {name} is delivered by partition: its sources need a period"
        raise ValueError(msg)
    if load and mode == "full":
        _check_declared(name, columns, load)


def _check_declared(name: str, columns: list[str], load: InitialLoad) -> None:
    """Refuse an attribute of an initial load that nobody has called constant or current state."""
    table = TABLES[name]
    both = set(load.constant) & set(load.current_state)
    if both:
        msg = f"{name}.{min(both)} is declared constant and current state"
        raise ValueError(msg)
    dated = {*table.key, table.occurs_on, *load.constant, *load.current_state}
    silent = [c for c in columns if c not in dated and not table[c].known_from]
    if silent:
        msg = (
            f"{name}.{silent[0]} comes from an initial load: list it under `constant:`, or under"
            " `current_state:`, which hides it on every day before the extraction"
        )
        raise ValueError(msg)
