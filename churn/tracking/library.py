"""MLflow itself, imported with its telemetry off and its progress kept from standard error."""

from __future__ import annotations

import logging
import os
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from churn.errors import ModelError

# MLflow reads these when it is imported: before anything below.
QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
}
os.environ.update(QUIET)

import mlflow  # noqa: E402 - see above
from mlflow import MlflowClient, entities  # noqa: E402 - as above
from mlflow.exceptions import MlflowException  # noqa: E402 - as above
from sqlalchemy.exc import SQLAlchemyError  # noqa: E402 - as above

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MlflowClient", "MlflowException", "entities", "mlflow", "registry_errors"]

logging.getLogger("alembic").setLevel(logging.WARNING)


@contextmanager
def registry_errors(place: str) -> Iterator[None]:
    """Turn what MLflow or its database refuses into an error of the registry.

    Raises
    ------
    ModelError
        With the first line of what was said.
    """
    try:
        yield
    except (MlflowException, SQLAlchemyError, sqlite3.Error) as error:
        said = str(error).strip().partition("\n")[0]
        raise ModelError(
            f"the registry cannot be used: {said}",
            where=place,
            do="see whether the disk is full or the folder `mlflow` was changed by another version;"
            " moved away, it is begun anew: lists do not depend on it",
        ) from error
