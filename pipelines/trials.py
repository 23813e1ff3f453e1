"""Finished trials of a search for capacity, one file each: who is killed does not begin anew."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, MutableMapping
from pathlib import Path

from churn.store.atomic import storage_errors, write_bytes


class Trials(MutableMapping[str, bytes]):
    """A journal in a folder; what a key stands for is the search's business.

    Parameters
    ----------
    folder
        Made with the first trial.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __getitem__(self, key: str) -> bytes:
        """Read one."""
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError:
            raise KeyError(key) from None

    def __setitem__(self, key: str, content: bytes) -> None:
        """Write one, whole or not at all."""
        with storage_errors("the journal of trials"):
            self.folder.mkdir(parents=True, exist_ok=True)
            write_bytes(self._path(key), content)

    def __delitem__(self, key: str) -> None:
        """Remove one."""
        self._path(key).unlink()

    def __iter__(self) -> Iterator[str]:
        """Name those there are."""
        return (path.stem for path in sorted(self.folder.glob("*.npz")))

    def __len__(self) -> int:
        """Count them."""
        return sum(1 for _ in self)

    def done(self) -> None:
        """Remove them all: what they led to is written."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.npz"
