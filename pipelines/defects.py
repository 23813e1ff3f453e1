"""What happens to an error that is no one's fault but ours, and to a full disk."""

from __future__ import annotations

import tempfile
import traceback
from pathlib import Path

from churn.errors import ChurnError, StorageError
from churn.store.atomic import FULL


def as_user_error(error: Exception, logs: Path | None = None) -> ChurnError:
    """Turn any exception into an error with an exit code.

    A full disk is the storage's (15). Anything else is a defect (1): its traceback, which may name
    values, goes to a file, never to the terminal.
    """
    if isinstance(error, ChurnError):
        return error
    if isinstance(error, OSError) and error.errno in FULL:
        return StorageError(
            "no space is left to write to",
            where=Path(str(error.filename)).name if error.filename else "the workspace",
            do="free disk space and run the same command again; nothing half-written was kept",
        )
    log = (logs or Path(tempfile.gettempdir())) / "defect.log"
    log.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    return ChurnError(
        f"a defect of ours: {type(error).__name__}",
        where=str(log),
        do="report it with the traceback in that file",
    )
