"""Files and folders that are whole or absent: written beside their name, then renamed onto it."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from churn.errors import StorageError

# No space, a used-up quota, a file larger than this user may write.
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@contextmanager
def storage_errors(place: str) -> Iterator[None]:
    """Turn a full or unwritable disk into an error with its remedy."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise StorageError(
                "no space is left to write to",
                where=place,
                do="free disk space and run the same command again; nothing half-written was kept",
            ) from error
        if error.errno in {errno.EACCES, errno.EROFS, errno.EPERM}:
            raise StorageError(
                f"the place cannot be written ({errno.errorcode[error.errno]})",
                where=place,
                do="give this user the right to write there, or name another workspace",
            ) from error
        if error.errno in {errno.EEXIST, errno.ENOTDIR}:
            raise StorageError(
                f"a file stands where a folder is needed ({errno.errorcode[error.errno]})",
                where=place,
                do="move the file away, or name another place",
            ) from error
        raise


def write_bytes(path: Path, data: bytes, *, mode: int | None = None) -> None:
    """Write a whole file: beside its name, flushed to the disk, then renamed onto it."""
    with storage_errors(path.name):
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.name}.partial")
        with partial.open("wb") as file:
            if mode is not None:
                os.fchmod(file.fileno(), mode)  # before the content is there to be read
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        _keep(path.parent)


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """Give a place beside ``path`` to write a file to that is too large for memory."""
    with storage_errors(path.name):
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.name}.partial")
        yield partial
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.replace(path)
        _keep(path.parent)


def json_bytes(content: Any) -> bytes:
    """Render JSON whose bytes depend on the content alone."""
    text = json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True, allow_nan=False)
    return (text + "\n").encode()


def write_json(path: Path, content: Any) -> None:
    """Write JSON whole or not at all, with sorted keys."""
    write_bytes(path, json_bytes(content))


@contextmanager
def folder(final: Path) -> Iterator[Path]:
    """Give a temporary folder that becomes ``final`` when the block ends without an error.

    An older ``final`` is replaced. What a killed run left behind is mended first.
    """
    with storage_errors(final.name):
        partial, old = _beside(final)
        _mend(final)
        partial.mkdir(parents=True)
        yield partial
        for path in partial.rglob("*"):
            if path.is_file():
                with path.open("rb") as file:
                    os.fsync(file.fileno())
        if final.exists():
            final.rename(old)
        partial.rename(final)
        _keep(final.parent)
        if old.exists():
            shutil.rmtree(old)


def mend(root: Path) -> None:
    """Undo below ``root`` what a killed run left half-done.

    Only for who holds the workspace: another run's temporary folders look the same. A folder that
    was being replaced is put back; what was being written goes.
    """
    with storage_errors(root.name):
        for left in sorted(root.rglob("*.partial")) + sorted(root.rglob(".*.old")):
            if left.is_dir():
                _mend(left.with_name(left.name[1:].rpartition(".")[0]))
            else:
                left.unlink(missing_ok=True)


def _beside(final: Path) -> tuple[Path, Path]:
    """Name the folder being written and the one being replaced."""
    return final.with_name(f".{final.name}.partial"), final.with_name(f".{final.name}.old")


def _mend(final: Path) -> None:
    partial, old = _beside(final)
    if partial.exists():
        shutil.rmtree(partial)
    if old.exists() and not final.exists():
        old.rename(final)  # killed between the two renames: the older one still stands
    elif old.exists():
        shutil.rmtree(old)


def _keep(directory: Path) -> None:
    """Make a rename survive a loss of power, too."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
