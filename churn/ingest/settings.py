"""The mapping language: how one operator's extracts fill the canonical tables (``ingest:``)."""

from __future__ import annotations

import os
import re
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Self

from pydantic import Field, model_validator

from churn.errors import SettingsError
from churn.ingest.columns import (
    Cell,
    Cells,
    ColumnMapping,
    Columns,
    ExtraColumn,
    MappingModel,
    Only,
    UnpivotGroup,
    nearest,
)
from churn.ingest.names import NamePattern
from churn.ingest.targets import check_targets
from churn.ingest.text import TextFormat
from churn.ingest.views import ViewMapping
from churn.tables import TABLES, Attribute, Mode

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ATTRIBUTES = "attributes"
_VARIABLE = re.compile(r"\$\{(\w+)\}")


class JoinMapping(TextFormat):
    """A second file beside the first: its columns are added where the key is the same."""

    files: str = Field(description="one file or pattern, relative to the folder")
    key: str = Field(description="header of the key, the same in both files")
    columns: Columns = Field(description="canonical columns taken from this file")


class InitialLoad(MappingModel):
    """History extracted on one day, whose availability at the time is only assumed."""

    covers_until: date = Field(description="last day whose facts the extract holds")
    assumed_lag: int = Field(ge=0, description="days after a fact at which it was known, assumed")
    current_state: tuple[str, ...] = Field((), description="columns as of the extraction day")
    constant: tuple[str, ...] = Field((), description="columns that never change for a subscriber")


class SourceMapping(TextFormat):
    """One kind of file that feeds a table."""

    files: str | None = Field(None, description="pattern of the files, relative to the folder")
    view: str | None = Field(None, description="name of a view whose rows are read instead")
    name: NamePattern | None = Field(
        None,
        description="pattern of the file's name with {period} {delivered_on} {covers_until} {part}",
    )
    delivered_on: date | None = Field(None, description="day of delivery, where no name tells it")
    period: Cell | None = Field(None, description="period of the files, where no name tells it")
    covers_until: date | None = Field(
        None,
        description="last day whose facts the files hold; default: the period's end, else their"
        " latest occurrence",
    )
    optional: bool = Field(default=False, description="whether there may be no such file")
    nulls: Cells = Field(("", "NULL"), description="field contents that mean: no value")
    only: Only = Field(default_factory=dict, description="rows that this source feeds into it")
    columns: Columns = Field(default_factory=dict, description="canonical column: where from")
    unpivot: tuple[UnpivotGroup, ...] = Field(
        (), description="the rows that each record becomes, where a file is wide"
    )
    extra: dict[str, ExtraColumn] = Field(
        default_factory=dict,
        description="subscribers only: attributes no canonical column holds, by the feature's name",
    )
    join: tuple[JoinMapping, ...] = Field((), description="further files, side by side")
    initial_load: InitialLoad | None = Field(None, description="for history extracted at once")
    refused: dict[str, str] = Field(
        default_factory=dict, description="headers that must not be used, and why"
    )

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.files is None) == (self.view is None):
            msg = "a source reads either `files:` or a `view:`"
            raise ValueError(msg)
        alien = sorted({"encoding", "delimiter", "quote", "join"} & self.model_fields_set)
        if self.view is not None and alien:
            msg = f"`{alien[0]}:` belongs to the inputs and the query of the view"
            raise ValueError(msg)
        return self

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
        said = ("covers_until" in named, self.covers_until is not None, bool(self.initial_load))
        if sum(said) > 1:
            msg = (
                "say once what a file covers: {covers_until} in `name:`, or `covers_until:` of the"
                " source or of its `initial_load:`"
            )
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _refused_is_refused(self) -> Self:
        blocks = [self.columns, *(row.columns for row in self.unpivot)]
        blocks += [join.columns for join in self.join]
        used = {how.from_ for block in blocks for how in block.values() if how}
        used |= {extra.from_ for extra in self.extra.values()}
        used |= set(self.only).union(*(group.only for group in self.unpivot))
        for header in self.refused:
            if header in used:
                msg = f"{header} is listed under `refused:` and used all the same"
                raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _groups_add(self) -> Self:
        for group in self.unpivot:
            for target in group.columns:
                if target in self.columns:
                    msg = f"{target} is mapped for all rows and again under `unpivot:`"
                    raise ValueError(msg)
            for header in group.only:
                if header in self.only:
                    msg = f"{header} selects records and again rows under `unpivot:`"
                    raise ValueError(msg)
        return self

    def rows(self) -> tuple[SourceMapping, ...]:
        """Return one mapping for each row that a record becomes; without `unpivot`, this one."""
        if not self.unpivot:
            return (self,)
        return tuple(
            self.model_copy(
                update={
                    "columns": {**self.columns, **group.columns},
                    "only": {**self.only, **group.only},
                    "unpivot": (),
                }
            )
            for group in self.unpivot
        )

    def attributes(self) -> SourceMapping:
        """Return the source that feeds the extra columns into their table, a row for each."""
        identity = self.columns.get("subscriber_id")
        load = self.initial_load
        groups = tuple(
            UnpivotGroup(
                columns={
                    "name": ColumnMapping(constant=name),
                    "text" if extra.unit == "class" else "number": extra.mapping(),
                }
            )
            for name, extra in self.extra.items()
        )
        kept = {name: getattr(load, name) for name in ("constant", "current_state")} if load else {}
        return self.model_copy(
            update={
                "columns": {"subscriber_id": identity} if identity else {},
                "unpivot": groups,
                "extra": {},
                "join": (),
                "refused": {},
                "initial_load": load
                and load.model_copy(
                    update={
                        what: tuple(name for name in names if name in self.extra)
                        for what, names in kept.items()
                    }
                ),
            }
        )


class TableMapping(MappingModel):
    """All sources of one canonical table, and how much of it may be bad."""

    mode: Mode | None = Field(None, description="append, full or partition; default: the table's")
    max_rejected: float = Field(
        0.001, ge=0, le=1, description="share of a delivery's rows that may be set aside"
    )
    sources: tuple[SourceMapping, ...] = Field(min_length=1, description="the files that feed it")


class IngestSettings(MappingModel):
    """From the operator's files to the canonical tables (``ingest:`` in the settings file)."""

    folder: str = Field(
        description="the extracts; relative to the settings file, ${VARIABLES} work"
    )
    id_key: str = Field(min_length=8, description="key of the hash that replaces identifiers")
    views: dict[str, ViewMapping] = Field(
        default_factory=dict, description="queries over delivered files, for sources to read"
    )
    tables: dict[str, TableMapping] = Field(min_length=1, description="canonical table: sources")

    @model_validator(mode="after")
    def _targets_exist(self) -> Self:
        for name, mapping in self.tables.items():
            if name not in TABLES:
                msg = f"there is no canonical table {name}{nearest(name, TABLES)}"
                raise ValueError(msg)
            if name == ATTRIBUTES:
                msg = f"{name} are delivered with subscribers: list them there under `extra:`"
                raise ValueError(msg)
            for source in mapping.sources:
                if source.view is not None and source.view not in self.views:
                    msg = f"there is no view {source.view}{nearest(source.view, self.views)}"
                    raise ValueError(msg)
                check_targets(name, mapping.mode or TABLES[name].mode, source)
        return self

    @model_validator(mode="after")
    def _extras_agree(self) -> Self:
        told: dict[str, Attribute] = {}
        for source in self._subscribers():
            for attribute in _attributes(source):
                if told.setdefault(attribute.name, attribute) != attribute:
                    msg = f"extra column {attribute.name} means different things in two sources"
                    raise ValueError(msg)
        return self

    def _subscribers(self) -> tuple[SourceMapping, ...]:
        mapping = self.tables.get("subscribers")
        return mapping.sources if mapping else ()

    @cached_property
    def attributes(self) -> tuple[Attribute, ...]:
        """The extra columns of subscribers, in the order in which they are first listed."""
        found = {a.name: a for source in self._subscribers() for a in _attributes(source)}
        return tuple(found.values())

    @cached_property
    def mappings(self) -> Mapping[str, TableMapping]:
        """The mapping of every table that is filled: those listed, and that of extra columns."""
        if not self.attributes:
            return self.tables
        sources = tuple(source.attributes() for source in self._subscribers() if source.extra)
        extra = self.tables["subscribers"].model_copy(update={"sources": sources})
        return {**self.tables, ATTRIBUTES: extra}

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


def _attributes(source: SourceMapping) -> list[Attribute]:
    return [
        Attribute(name, extra.unit, extra.en, extra.zh, extra.words)
        for name, extra in source.extra.items()
    ]
