"""A text file as blocks of whole lines, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from churn.errors import ExtractError
from churn.ingest.readers.encodings import UTF_8, to_utf_8, transcoded
from churn.ingest.readers.packing import opened

LONGEST_LINE = 32 << 20
NEWLINE = 10
PROBE = 1 << 20  # bytes in which a file shows what ends its lines


@dataclass(frozen=True)
class Lines:
    """Whole lines of one file, each ended by a line feed.

    Parameters
    ----------
    first
        Number of its first line in the file, counted from 1.
    """

    data: bytes
    first: int

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

    def behind(self, lines: int) -> Lines:
        """Return what is left without so many lines at its beginning."""
        if not lines:
            return self
        gone = min(lines, len(self.ends))
        cut = int(self.ends[gone - 1]) + 1 if gone else 0
        return Lines(self.data[cut:], self.first + gone)


def lines_of(path: Path, size: int, encoding: str = UTF_8) -> Iterator[Lines]:
    """Yield all lines of a file, header included, in blocks of about ``size`` bytes.

    Where the encoding hides line feeds (UTF-16 and the like) the lines are given in UTF-8. A line
    longer than any record is an :class:`ExtractError`.
    """
    with opened(path) as stream:
        number = 1
        pending: list[bytes] = []
        held = 0
        for chunk in _chunks(stream, size, encoding):
            cut = chunk.rfind(b"\n") + 1
            if cut:
                block = Lines(b"".join([*pending, chunk[:cut]]), number)
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
            yield Lines(b"".join([*pending, b"\n"]), number)


def _chunks(stream: IO[bytes], size: int, encoding: str) -> Iterator[bytes]:
    """Yield the content piece by piece; where lines end in carriage returns alone, in line feeds.

    So some spreadsheets on a Mac still write them; a line feed may stand inside a field of theirs.
    """
    pieces = chain([stream.read(PROBE)], iter(lambda: stream.read(size), b""))
    if transcoded(encoding):
        pieces = chain.from_iterable([to_utf_8(pieces, encoding)])
    probe = next(pieces, b"")
    returns = _ends_in_returns(probe)
    small = (probe[at : at + size] for at in range(0, len(probe), size))
    for piece in chain(small, pieces):
        yield piece.replace(b"\r", b"\n") if returns else piece


def _ends_in_returns(probe: bytes) -> bool:
    """Tell whether lines end in carriage returns alone: most do, the first above all.

    A line feed behind an open quote ends no line; one that ends the first is the file's own way,
    however many stray carriage returns follow in a short file.
    """
    start, feed, _ = probe.partition(b"\n")
    own = feed and not start.count(b'"') % 2 and b"\r" not in start.removesuffix(b"\r")
    return not own and probe.count(b"\r") - probe.count(b"\r\n") > probe.count(b"\n")
