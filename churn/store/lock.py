"""Advisory locks, which the kernel frees when their holder dies: one run, and readers beside it."""

from __future__ import annotations

import fcntl
import os
import tempfile
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


_HELD = ".held"
"""In a folder, what tells whether anybody holds it: a file, since not every disk locks folders."""


@contextmanager
def held_folder(root: Path) -> Iterator[Path]:
    """Make a folder of its own for the block, and hold it so that others can tell."""
    while True:
        with storage_errors("the workspace"):
            folder = Path(tempfile.mkdtemp(dir=root))
            try:
                held = os.open(folder / _HELD, os.O_RDWR | os.O_CREAT, 0o600)
            except FileNotFoundError:
                continue  # taken for one left behind before it could be held
        fcntl.flock(held, fcntl.LOCK_EX)
        if folder.exists():
            break
        os.close(held)
    try:
        yield folder
    finally:
        os.close(held)


def is_held(folder: Path) -> bool:
    """Tell whether a folder of :func:`held_folder` is in use; one that has gone is not."""
    try:
        opened = os.open(folder / _HELD, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(opened)
    return False
