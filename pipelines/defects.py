"""What becomes of an error that is no user's fault, and of a disk or memory that is full."""

from __future__ import annotations

import tempfile
import traceback
from pathlib import Path

from churn.errors import ChurnError, StorageError
from churn.store import Workspace
from churn.store.atomic import storage_errors, write_bytes

LOG = "defect.log"


def as_user_error(error: Exception, workspace: Workspace | None = None) -> ChurnError:
    """Turn any exception into an error with an exit code.

    What the disk or the memory refused is the storage's (15). Anything else is a defect (1). Its
    message may name values: it goes to the personal folder, the places it passed go to the logs.
    """
    if isinstance(error, ChurnError):
        return error
    if isinstance(error, MemoryError):
        return StorageError(
            "there is not enough memory",
            where="this machine",
            do="give the run more memory, or lower engine.memory in the settings",
        )
    if isinstance(error, OSError):
        place = Path(str(error.filename)).name if error.filename else "the workspace"
        try:
            with storage_errors(place):
                raise error
        except StorageError as known:
            return known
        except OSError:
            pass  # not one that the user can mend: a defect
    return ChurnError(
        f"a defect of ours: {type(error).__name__}",
        where=_log(error, workspace),
        do="report it with the traceback in that file",
    )


def places(error: BaseException) -> str:
    """Return the traceback without any message: a message may hold a customer's values."""
    parts = []
    seen: BaseException | None = error
    while seen is not None:
        frames = "".join(traceback.format_tb(seen.__traceback__))
        parts.append(f"{frames}{type(seen).__name__}\n")
        seen = seen.__cause__ or seen.__context__
    return "\n".join(reversed(parts))


def _log(error: Exception, workspace: Workspace | None) -> str:
    """Write the log file and return its name; a log that cannot be written hides nothing else."""
    try:
        if workspace is None or not workspace.made:
            with tempfile.NamedTemporaryFile(
                "w", prefix="churn-defect-", suffix=".log", delete=False, encoding="utf-8"
            ) as file:
                file.write(places(error))
            return file.name
        full = "".join(traceback.format_exception(error))
        write_bytes(workspace.personal / LOG, full.encode(errors="replace"), mode=0o600)
        write_bytes(workspace.logs / LOG, places(error).encode(errors="replace"))
        return str(workspace.logs / LOG)
    except (OSError, StorageError):
        return "nowhere: the log file could not be written"
