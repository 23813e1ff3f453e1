"""What is costly to make, made once per run of the tests, whichever worker needs it first."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path


class Once:
    """Folders in the run's own temporary folder: they are of this code, and never stale.

    Parameters
    ----------
    base
        A folder that all workers of the run share, and no other run.
    """

    def __init__(self, base: Path) -> None:
        self._root = base / "once"
        self._root.mkdir(exist_ok=True)

    def __call__(self, name: str, make: Callable[[Path], object]) -> Path:
        """Return the folder of that name; the first to ask makes it, others wait for it.

        Nobody changes what lies in it: tests that do so work on a copy.
        """
        folder, done = self._root / name, self._root / f"{name}.done"
        with (self._root / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)  # what a failure left half-made
                folder.mkdir()
                make(folder)
                done.touch()
        return folder
