"""The mapping language: how one operator's extracts fill the canonical tables (``ingest:``)."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from pydantic import Field, model_validator

from churn.errors import SettingsError
from churn.ingest.columns import MappingModel, nearest
from churn.ingest.databases import DatabaseMapping, QueryMapping, check_queries, with_snapshots
from churn.ingest.fit_settings import FitSettings
from churn.ingest.sources import SourceMapping
from churn.ingest.targets import check_targets
from churn.ingest.views import ViewMapping
from churn.tables import TABLES, Attribute, Mode

ATTRIBUTES = "attributes"
_VARIABLE = re.compile(r"\$\{(\w+)\}")


class TableMapping(MappingModel):
    """All sources of one canonical table, and how much of it may be bad."""

    mode: Mode | None = Field(None, description="append, full or partition; default: the table's")
    max_rejected: float = Field(
        0.001, ge=0, le=1, description="share of a delivery's rows that may be set aside"
    )
    max_rejected_rows: int = Field(
        0,
        ge=0,
        description="rows of a delivery that may be set aside whatever their share",
        exclude_if=lambda value: value == 0,
    )
    min_matched: float = Field(
        0.2, ge=0, le=1, description="share of rows that must name who is or was on the books"
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
    databases: dict[str, DatabaseMapping] = Field(
        default_factory=dict,
        description="PostgreSQL servers, for queries to ask",
        exclude_if=lambda value: not value,
    )
    queries: dict[str, QueryMapping] = Field(
        default_factory=dict,
        description="SELECTs whose rows are kept as files, for sources to read",
        exclude_if=lambda value: not value,
    )
    tables: dict[str, TableMapping] = Field(min_length=1, description="canonical table: sources")
    fit: FitSettings = Field(
        FitSettings(),
        description="how far the tables may fail to fit each other",
        exclude_if=lambda value: value == FitSettings(),
    )

    @model_validator(mode="before")
    @classmethod
    def _snapshots_are_files(cls, content: Any) -> Any:
        return with_snapshots(content)

    @model_validator(mode="after")
    def _queries_ask_databases(self) -> Self:
        check_queries(self.databases, self.queries)
        return self

    @model_validator(mode="after")
    def _targets_exist(self) -> Self:
        for name, mapping in self.tables.items():
            if name not in TABLES:
                near = nearest(name, TABLES)
                raise ValueError(
                    f"there is no canonical table {name}{near}: docs/canonical.md lists them"
                )
            if name == ATTRIBUTES:
                raise ValueError(
                    f"{name} are delivered with subscribers: list them there under `extra:`"
                )
            for source in mapping.sources:
                if source.view is not None and source.view not in self.views:
                    raise ValueError(
                        f"there is no view {source.view}{nearest(source.view, self.views)}"
                    )
                check_targets(name, mapping.mode or TABLES[name].mode, source)
        return self

    @model_validator(mode="after")
    def _extras_agree(self) -> Self:
        meanings: dict[str, Attribute] = {}
        for source in self._subscribers():
            for attribute in _attributes(source):
                if meanings.setdefault(attribute.name, attribute) != attribute:
                    raise ValueError(
                        f"extra column {attribute.name} means different things in two sources"
                    )
        return self

    def _subscribers(self) -> tuple[SourceMapping, ...]:
        mapping = self.tables.get("subscribers")
        return mapping.sources if mapping else ()

    @cached_property
    def attributes(self) -> tuple[Attribute, ...]:
        """The extra columns of subscribers, in the order in which they are first listed."""
        attributes = {a.name: a for source in self._subscribers() for a in _attributes(source)}
        return tuple(attributes.values())

    @cached_property
    def mappings(self) -> Mapping[str, TableMapping]:
        """The mapping of every table that is filled: those listed, and that of extra columns."""
        if not self.attributes:
            return self.tables
        sources = tuple(source.attributes() for source in self._subscribers() if source.extra)
        extra = self.tables["subscribers"].model_copy(update={"sources": sources})
        return {**self.tables, ATTRIBUTES: extra}

    def extracts(self, base: Path) -> Path:
        """Return the folder of the extracts, environment variables filled in."""
        return base / expand(self.folder, "ingest.folder")

    def key(self) -> str:
        """Return the key of the identifiers' hash, environment variables filled in."""
        return expand(self.id_key, "ingest.id_key")


def expand(text: str, where: str, written: Callable[[str], str] = str) -> str:
    """Fill in ``${NAME}`` from the environment, as ``written``; refuse a name that is not set."""
    for name in _VARIABLE.findall(text):
        if not os.environ.get(name):
            raise SettingsError(
                f"the environment variable {name} is not set",
                where=where,
                do=f"set {name}, or write the value into the settings file",
            )
    return _VARIABLE.sub(lambda match: written(os.environ[match[1]]), text)


def _attributes(source: SourceMapping) -> list[Attribute]:
    return [
        Attribute(name, extra.unit, extra.en, extra.zh, extra.words)
        for name, extra in source.extra.items()
    ]
