"""What DuckDB's errors mean to the user."""

from __future__ import annotations

import duckdb

from churn.engines.settings import EngineSettings
from churn.errors import ChurnError, StorageError


def as_churn_error(error: Exception, settings: EngineSettings) -> ChurnError | None:
    """Say that memory, disk or a stored file failed, and the remedy; None for any other error."""
    where = f"engine {settings.name}"
    if isinstance(error, duckdb.OutOfMemoryException):
        return StorageError(
            f"the engine needs more than {settings.memory} of memory or {settings.spill} of disk",
            where=where,
            do="raise engine.memory or engine.spill in the settings, or free disk space",
        )
    if isinstance(error, duckdb.IOException):
        return StorageError(
            f"the engine could not read or write a file ({type(error).__name__})",
            where=where,
            do="see whether the disk is full and the workspace can be read and written",
        )
    if isinstance(error, duckdb.InvalidInputException) and "parquet" in str(error).lower():
        return StorageError(
            "a stored Parquet file is damaged",
            where=where,
            do="remove the table's folder from the workspace's tables and run `churn ingest`",
        )
    return None
