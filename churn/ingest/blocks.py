"""A file as a stream of blocks of whole lines, plain or gzip, in bounded memory."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, cast

import numpy as np
import numpy.typing as npt

from churn.errors import ExtractError

BLOCK_BYTES = 8 << 20
LONGEST_LINE = 32 << 20
NEWLINE = 10


@dataclass(frozen=True)
class Block:
    """Whole lines of one file, each ended by a line feed.

    Parameters
    ----------
    first_line
        Number of its first line in the file, counted from 1.
    """

    data: bytes
    first_line: int

    @cached_property
    def ends(self) -> npt.NDArray[np.int64]:
        """Offset of each line's line feed, shape (lines,)."""
        octets = np.frombuffer(self.data, dtype=np.uint8)
        return np.flatnonzero(octets == NEWLINE)

    @cached_property
    def starts(self) -> npt.NDArray[np.int64]:
        """Offset of each line's first byte, shape (lines,)."""
        return np.concatenate([[0], self.ends[:-1] + 1]).astype(np.int64)

    def line(self, index: int) -> bytes:
        """Return one line as it was delivered, without its line feed."""
        return self.data[self.starts[index] : self.ends[index]]


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


def blocks(path: Path, size: int = BLOCK_BYTES) -> Iterator[Block]:
    """Yield all lines of a file, header included, in blocks of about ``size`` bytes."""
    with opened(path) as stream:
        number = 1
        pending: list[bytes] = []
        held = 0
        while chunk := stream.read(size):
            cut = chunk.rfind(b"\n") + 1
            if cut:
                block = Block(b"".join([*pending, chunk[:cut]]), number)
                number += block.data.count(b"\n")
                yield block
                pending, held = [], 0
            pending.append(chunk[cut:])
            held += len(chunk) - cut
            if held > LONGEST_LINE:
                raise ExtractError(
                    f"a line is longer than {LONGEST_LINE >> 20} MiB",
                    where=f"{path.name}, line {number}",
                    do="deliver text with one record per line",
                )
        if held:
            yield Block(b"".join([*pending, b"\n"]), number)


def head_and_body(path: Path, size: int = BLOCK_BYTES) -> Iterator[Block]:
    """Yield the header line as a block of its own, then all other lines.

    Raises
    ------
    ExtractError
        If the file is empty.
    """
    stream = blocks(path, size)
    first = next(stream, None)
    if first is None:
        raise ExtractError(
            "the file is empty: it has not even a header",
            where=path.name,
            do="deliver it again; a period without rows is a file with its header alone",
        )
    cut = first.data.index(b"\n") + 1
    yield Block(first.data[:cut], 1)
    if cut < len(first.data):
        yield Block(first.data[cut:], 2)
    yield from stream


def fetch_lines(path: Path, numbers: Iterable[int]) -> dict[int, bytes]:
    """Return the lines with these numbers, as they were delivered."""
    wanted = np.unique(np.fromiter(numbers, dtype=np.int64))
    found: dict[int, bytes] = {}
    for block in blocks(path):
        inside = wanted[
            (wanted >= block.first_line) & (wanted < block.first_line + len(block.ends))
        ]
        for number in inside.tolist():
            found[number] = block.line(number - block.first_line)
    return found
