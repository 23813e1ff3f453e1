"""Files and folders that are whole or absent: written beside their name, then renamed onto it."""

from __future__ import annotations

import errno
import json
import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from churn.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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
        raise


def write_bytes(path: Path, data: bytes, *, mode: int | None = None) -> None:
    """Write a whole file: beside its name, flushed to the disk, then renamed onto it."""
    with storage_errors(path.name):
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.name}.partial")
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            partial.chmod(mode)
        partial.replace(path)


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

    An older ``final`` is replaced. What a killed run left behind is removed first.
    """
    with storage_errors(final.name):
        partial = final.with_name(f".{final.name}.partial")
        old = final.with_name(f".{final.name}.old")
        for leftover in (partial, old):
            if leftover.exists():
                shutil.rmtree(leftover)
        partial.mkdir(parents=True)
        yield partial
        for path in partial.rglob("*"):
            if path.is_file():
                with path.open("rb") as file:
                    os.fsync(file.fileno())
        if final.exists():
            final.rename(old)
        partial.rename(final)
        if old.exists():
            shutil.rmtree(old)
