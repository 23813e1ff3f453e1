"""One run at a time: an advisory lock that the kernel frees when its holder dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from churn.errors import LockedError
from churn.store.atomic import storage_errors


@contextmanager
def exclusive(root: Path) -> Iterator[None]:
    """Hold the workspace for this run.

    Raises
    ------
    LockedError
        If another run holds it.
    """
    with storage_errors("the workspace"):
        root.mkdir(parents=True, exist_ok=True)
        opened = (root / "lock").open("a+", encoding="utf-8")
    with opened as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise LockedError(
                f"another run (process {holder}) is working in this workspace",
                where="lock",
                do="wait until it has finished; `churn status` shows what it does",
            ) from error
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        try:
            yield
        finally:
            file.seek(0)
            file.truncate()
            file.flush()
