"""What every reader gives, whatever the format: a header, records in blocks, raw records, hashes.

A format is one subclass of :class:`Reader` and one of :class:`Block`, listed in
:data:`churn.ingest.readers.READERS`. What makes a record of it unreadable is a rule of its own in
:mod:`churn.ingest.rules`, told in ``docs/extracts.md``. A format whose records name their columns
has the header of all of them: it looks at every record, or refuses what the first does not name.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from churn.errors import ExtractError
from churn.ingest.readers.encodings import UTF_8
from churn.ingest.readers.packing import opened, trailer_of
from churn.ingest.rules import Rule
from churn.store.hashing import sha256_file

BLOCK_BYTES = 8 << 20
FIRST_BLOCK = 1 << 20  # what a look at a file reads


@dataclass(frozen=True)
class Rejects:
    """Records set aside: their numbers in the file and the code of the first rule each broke."""

    numbers: npt.NDArray[np.int64]
    codes: npt.NDArray[np.object_]

    @classmethod
    def of(cls, numbers: npt.NDArray[np.int64], rule: Rule) -> Rejects:
        """Return records that all broke the same rule."""
        return cls(numbers, np.full(len(numbers), rule.code, dtype=object))

    @classmethod
    def joined(cls, parts: Sequence[Rejects]) -> Rejects:
        """Return all of several, by number."""
        numbers = np.concatenate([np.empty(0, np.int64), *(part.numbers for part in parts)])
        codes = np.concatenate([np.empty(0, object), *(part.codes for part in parts)])
        order = np.argsort(numbers, kind="stable")
        return cls(numbers[order], codes[order])


@dataclass(frozen=True)
class Records:
    """The readable records of a block, and which could not be read.

    Parameters
    ----------
    fields
        Position in the header: the field's values, each of shape (records,). Strings, trimmed,
        for the mapping to read; null where the format itself says that there is no value.
    numbers
        Number of each record in the file, shape (records,), in any order within the block.
    """

    fields: Mapping[int, pa.Array]
    numbers: npt.NDArray[np.int64]
    rejects: Rejects

    @property
    def delivered(self) -> int:
        """Records of the block, readable or not."""
        return len(self.numbers) + len(self.rejects.numbers)


class Block(ABC):
    """Consecutive records of a file as they were delivered, not yet split into fields.

    Attributes
    ----------
    first
        Number of its first record in the file.
    """

    first: int

    @abstractmethod
    def __len__(self) -> int:
        """Return how many records it holds, readable or not."""

    @abstractmethod
    def raw(self, number: int) -> bytes:
        """Return the record of that number as it was delivered, for the quarantine.

        A line of text as it stands; of a format without lines, the record as JSON.
        """

    @abstractmethod
    def split(self, columns: Sequence[int]) -> Records:
        """Split the records into the fields at these positions of the header.

        May run beside other blocks in another thread.
        """


class RowsBlock(Block):
    """Rows that are Arrow already."""

    def __init__(self, rows: pa.RecordBatch, first: int) -> None:
        self.first = first
        self._rows = rows

    def __len__(self) -> int:
        """Return the number of rows."""
        return int(self._rows.num_rows)


class Reader(ABC):
    """One delivered file as records, each with its number; its blocks are in the file's order.

    Attributes
    ----------
    encoding
        Of a record as :meth:`Block.raw` gives it.
    """

    encoding: str = UTF_8

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def name(self) -> str:
        """Its name in errors."""
        return self.path.name

    @abstractmethod
    def header(self) -> tuple[str, ...]:
        """Return the names of the columns, after a look at the first records.

        Raises
        ------
        ExtractError
            If the file cannot be read, or is plainly not as the settings say.
        """

    @abstractmethod
    def blocks(self, size: int = BLOCK_BYTES) -> Iterator[Block]:
        """Yield all records in blocks of about ``size`` bytes, none of them empty.

        Raises
        ------
        ExtractError
            If the file cannot be read.
        """

    def record(self, raw: bytes, number: int) -> Block:  # noqa: ARG002 - a format may read them
        """Return a block of one record, given as :meth:`Block.raw` gives those of this file.

        Raises
        ------
        ExtractError
            If records of the format cannot be corrected one by one.
        """
        raise ExtractError(
            "records of this format cannot be corrected one by one",
            where=f"{self.name}, record {number}",
            do="deliver the file again, corrected",
        )

    def records(self, columns: Sequence[int]) -> Iterator[Records]:
        """Yield the fields of all records at these positions of the header, block by block."""
        for block in self.blocks():
            yield block.split(columns)

    def has_records(self) -> bool:
        """Tell whether there is more than a header."""
        return next(self.blocks(), None) is not None

    def raw(self, numbers: Iterable[int]) -> dict[int, bytes]:
        """Return the records with these numbers, as they were delivered."""
        wanted = np.unique(np.fromiter(numbers, dtype=np.int64))
        if not len(wanted):
            return {}
        return {
            number: block.raw(number)
            for block in self.blocks()
            for number in wanted[
                (wanted >= block.first) & (wanted < block.first + len(block))
            ].tolist()
        }

    def doubt(self, header: Sequence[str]) -> str:  # noqa: ARG002 - a format may have doubts
        """Say what may explain that a name is not in the header; nothing if nothing does."""
        return ""

    def sha256(self) -> str:
        """Return the SHA-256 of what was delivered."""
        return sha256_file(self.path)

    def trailer(self) -> bytes | None:
        """Return what packed files of one content share; None where it is not packed."""
        return trailer_of(self.path)

    def sha256_of_content(self) -> str:
        """Return the SHA-256 of the content, however it is packed."""
        digest = hashlib.sha256()
        with opened(self.path) as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
        return digest.hexdigest()
