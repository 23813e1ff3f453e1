"""Databases, and the queries whose rows are kept as delivered files (``ingest.databases:``)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import Field, field_validator

from churn.ingest.columns import MappingModel
from churn.tables.attributes import NAME

FOLDER = "queries"  # of the snapshots, in the folder of the extracts
SINCE = "%(since)s"
_PASSWORD = re.compile(r"(?:^[a-z]+://[^/@]*:(?P<url>[^@]*)@)|(?:password=(?P<pair>[^\s&]+))")


def snapshots(query: str) -> str:
    """Return the pattern of the files in which a query's rows are kept."""
    return f"{FOLDER}/{query}/{query}_*.parquet"


class DatabaseMapping(MappingModel):
    """Where a PostgreSQL server is found, and who asks it."""

    address: str = Field(
        description="postgresql://USER:${PASSWORD}@HOST:PORT/NAME; ${VARIABLES} are filled in, and"
        " a password is always one"
    )

    @field_validator("address")
    @classmethod
    def _keeps_its_secret(cls, value: str) -> str:
        if not value.startswith(("postgresql://", "postgres://")):
            raise ValueError("an address begins with postgresql://")
        for match in _PASSWORD.finditer(value):
            secret = match["url"] or match["pair"]
            if secret and not re.fullmatch(r"\$\{\w+\}", secret):
                raise ValueError(
                    "a password does not stand in a settings file: write ${NAME} in its place, and"
                    " set that environment variable"
                )
        return value


class QueryMapping(MappingModel):
    """A SELECT whose rows are kept as files, for sources to read (``query:``)."""

    database: str = Field(description="name of the database it asks")
    sql: str = Field(
        min_length=1,
        description="one SELECT; %(since)s stands for the last day of delivery that is kept",
    )
    delivered_on: str | None = Field(
        None,
        description="column with the day on which a row was delivered; default: all rows are"
        " delivered on the day of asking, which is asked once",
    )
    period: str | None = Field(
        None, description="column with the period a row belongs to, such as 202501, if any"
    )
    zone: str | None = Field(
        None, description="where times with a zone are local, such as Asia/Shanghai"
    )

    @field_validator("sql")
    @classmethod
    def _one_statement(cls, value: str) -> str:
        return value.strip().rstrip(";").strip()


def with_snapshots(content: Any) -> Any:
    """Name, for every source that reads a query, the files in which its rows are kept.

    Parameters
    ----------
    content
        The ``ingest:`` section as it was read, before it is checked.
    """
    if not isinstance(content, Mapping) or not isinstance(content.get("queries"), Mapping):
        return content
    queries, tables = content["queries"], content.get("tables")
    if not isinstance(tables, Mapping):
        return content
    return {
        **content,
        "tables": {
            name: {**table, "sources": [_named(source, queries) for source in table["sources"]]}
            if isinstance(table, Mapping) and isinstance(table.get("sources"), list | tuple)
            else table
            for name, table in tables.items()
        },
    }


def _named(source: Any, queries: Mapping[str, Any]) -> Any:
    name = source.get("query") if isinstance(source, Mapping) else None
    if not isinstance(name, str) or name not in queries or source.get("files"):
        return source
    query = queries[name]
    period = query.period if isinstance(query, QueryMapping) else query.get("period")
    pattern = "{period}_{delivered_on}" if period else "{delivered_on}"
    return {
        **source,
        "files": snapshots(name),
        "name": f"{name}_{pattern}.parquet",
    }


def check_queries(
    databases: Mapping[str, DatabaseMapping], queries: Mapping[str, QueryMapping]
) -> None:
    """Refuse queries whose database is not listed, and names that cannot be files."""
    for name, query in queries.items():
        if not NAME.fullmatch(name):
            raise ValueError(f"query {name!r} is not lower case with underscores")
        if query.database not in databases:
            raise ValueError(
                f"query {name} asks {query.database}, which `databases:` does not list"
            )
