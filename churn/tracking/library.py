"""MLflow itself, imported with its telemetry off and its progress kept from standard error."""

from __future__ import annotations

import errno
import logging
import os
import sqlite3
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from churn.errors import ModelError, StorageError

# MLflow reads these when it is imported: before anything below.
QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
}
os.environ.update(QUIET)

with warnings.catch_warnings():
    # tqdm, where a notebook's kernel has no widgets to draw progress with
    warnings.filterwarnings("ignore", message="IProgress not found")
    import mlflow
from mlflow import MlflowClient, entities  # noqa: E402 - as above
from mlflow.exceptions import MlflowException  # noqa: E402 - as above
from sqlalchemy.exc import SQLAlchemyError  # noqa: E402 - as above

__all__ = ["MlflowClient", "MlflowException", "entities", "mlflow", "registry_errors"]

logging.getLogger("alembic").setLevel(logging.WARNING)

# What SQLite calls a disk or a permission that refuses; the low byte tells the kind.
_REFUSED = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PERM,
    }
)


@contextmanager
def registry_errors(place: str) -> Iterator[None]:
    """Turn what MLflow or its database refuses into an error of the registry.

    Raises
    ------
    ModelError
        With the first line of what was said.
    StorageError
        If the disk refused: the database's files, or artefacts.
    """
    try:
        yield
    except OSError as error:
        raise _refused(place, errno.errorcode.get(error.errno or 0, "OSError")) from error
    except (MlflowException, SQLAlchemyError, sqlite3.Error) as error:
        refused = _disk_error(error)
        if refused is not None:
            raise _refused(place, refused) from error
        first_line = str(error).strip().partition("\n")[0]
        raise ModelError(
            f"the registry cannot be used: {first_line}",
            where=place,
            do="see whether the disk is full or the folder `mlflow` was changed by another version;"
            " moved away, it is begun anew: lists do not depend on it",
        ) from error


def _refused(place: str, code: str) -> StorageError:
    return StorageError(
        f"the store of trainings cannot be read or written ({code})",
        where=place,
        do="free disk space, or give this user the right to read and write the folder `mlflow` of "
        "the workspace; then run `churn train` again: lists do not depend on it",
    )


def _disk_error(error: BaseException | None) -> str | None:
    """Name what the disk refused, if that is what MLflow or SQLAlchemy tells of."""
    while error is not None:
        if isinstance(error, OSError):
            return errno.errorcode.get(error.errno or 0, "OSError")
        code = getattr(error, "sqlite_errorcode", None)
        if isinstance(error, sqlite3.Error) and code is not None and code & 0xFF in _REFUSED:
            return str(error.sqlite_errorname)
        error = error.__cause__ or error.__context__
    return None
