"""What Spark's errors mean to the user."""

from __future__ import annotations

import pyarrow as pa
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException

from churn.engines.settings import EngineSettings
from churn.errors import ChurnError, StorageError

# Words of Spark's errors -> what went wrong, and the remedy; the first that occurs counts.
_KNOWN = (
    (
        ("JAVA_GATEWAY_EXITED",),
        "Spark did not start: no Java of version 17 or later was found",
        "install Java 17, or set JAVA_HOME to where it is",
    ),
    (
        ("All masters are unresponsive", "Could not parse Master URL", "Failed to connect to"),
        "the cluster's master cannot be reached",
        "see whether engine.master names it and whether it runs",
    ),
    (
        ("No space left on device", "Disk quota exceeded"),
        "no space is left for what the engine spills",
        "free disk space and run the same command again",
    ),
    (
        ("OutOfMemoryError", "ExecutorLostFailure", "Cannot allocate memory"),
        "the engine needs more than {memory} of memory, or lost a worker",
        "raise engine.memory or engine.shuffle_partitions, and see the worker's log",
    ),
    (
        ("FAILED_READ_FILE", "PATH_NOT_FOUND", "FileNotFoundException", "FileAlreadyExists"),
        "the engine could not read or write a file",
        "see whether the disk is full and each worker reads and writes the workspace at one path",
    ),
)


def as_churn_error(error: Exception, settings: EngineSettings) -> ChurnError | None:
    """Say that Java, cluster, memory, disk or a stored file failed; None for any other error."""
    where = f"engine {settings.name}"
    if isinstance(error, pa.ArrowInvalid) and "parquet" in str(error).lower():
        return StorageError(
            "a stored Parquet file is damaged",
            where=where,
            do="remove the table's folder from the workspace's tables and run `churn ingest`",
        )
    if isinstance(error, OSError):
        return StorageError(
            f"the engine could not read or write a file ({type(error).__name__})",
            where=where,
            do="see whether the disk is full and the workspace can be read and written",
        )
    if not isinstance(error, PySparkException | Py4JError):
        return None
    text = str(error)
    for words, what, do in _KNOWN:
        if any(word in text for word in words):
            return StorageError(what.format(memory=settings.memory), where=where, do=do)
    return None
