"""Files as they lie on disk: plain, or packed with gzip where their name ends in ``.gz``."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from churn.errors import ExtractError


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Open a file, through gzip where its name ends in ``.gz``.

    Raises
    ------
    ExtractError
        If it is gone, cannot be read, or its compression is damaged or cut off.
    """
    try:
        if path.suffix == ".gz":
            with gzip.open(path, "rb") as packed:
                yield cast("IO[bytes]", packed)
        else:
            with path.open("rb") as plain:
                yield plain
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ExtractError(
            "the gzip file is damaged or cut off",
            where=path.name,
            do="deliver it again; nothing of it was taken",
        ) from error
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        raise ExtractError(
            f"the file cannot be opened ({type(error).__name__})",
            where=path.name,
            do="see that the file is there and that this user may read it",
        ) from error
