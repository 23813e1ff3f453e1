"""A delivered file some of whose records were corrected by hand: these are read as corrected."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np
import pyarrow as pa

from churn.errors import ExtractError
from churn.ingest.readers.reader import BLOCK_BYTES, Block, Reader, Records, Rejects


class CorrectedBlock(Block):
    """Records of which some stand in place of those delivered.

    Parameters
    ----------
    corrected
        By number in the file, each as :meth:`Block.raw` would give it.
    read
        :meth:`Reader.record` of the file.
    """

    def __init__(
        self, block: Block, corrected: Mapping[int, bytes], read: Callable[[bytes, int], Block]
    ) -> None:
        self.first = block.first
        self._block = block
        self._corrected = corrected
        self._read = read

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self._block)

    def raw(self, number: int) -> bytes:
        """Return a record as it was delivered or corrected."""
        corrected = self._corrected.get(number)
        return self._block.raw(number) if corrected is None else corrected

    def split(self, columns: Sequence[int]) -> Records:
        """Split what was delivered, then what was corrected."""
        numbers = np.fromiter(self._corrected, dtype=np.int64)
        delivered = self._block.split(columns)
        rest = ~np.isin(delivered.numbers, numbers)
        rejected = ~np.isin(delivered.rejects.numbers, numbers)
        kept = {i: values.filter(pa.array(rest)) for i, values in delivered.fields.items()}
        instead = [
            self._read(raw, number).split(columns) for number, raw in self._corrected.items()
        ]
        fields = {
            i: pa.concat_arrays([values, *(each.fields[i].cast(values.type) for each in instead)])
            for i, values in kept.items()
        }
        rejects = Rejects(delivered.rejects.numbers[rejected], delivered.rejects.codes[rejected])
        return Records(
            fields,
            np.concatenate([delivered.numbers[rest], *(each.numbers for each in instead)]),
            Rejects.joined([rejects, *(each.rejects for each in instead)]),
        )


class Corrected(Reader):
    """A file as it was delivered, but for the records corrected.

    Its hashes are those of what was delivered: a copy that comes again is the same file.
    """

    def __init__(self, reader: Reader, corrections: Mapping[int, str]) -> None:
        super().__init__(reader.path)
        self._reader = reader
        self._corrections = corrections
        self.encoding = reader.encoding

    def header(self) -> tuple[str, ...]:
        """Return the header as delivered."""
        return self._reader.header()

    def blocks(self, size: int = BLOCK_BYTES) -> Iterator[Block]:
        """Yield the records, those corrected in the place of those delivered."""
        for block in self._reader.blocks(size):
            here = range(block.first, block.first + len(block))
            corrected = {n: raw for n, raw in self._raw.items() if n in here}
            yield CorrectedBlock(block, corrected, self.record) if corrected else block

    def record(self, raw: bytes, number: int) -> Block:
        """Return a block of one record."""
        return self._reader.record(raw, number)

    def doubt(self, header: Sequence[str]) -> str:
        """Say what may explain that a name is not in the header."""
        return self._reader.doubt(header)

    @cached_property
    def _raw(self) -> dict[int, bytes]:
        try:
            return {n: text.encode(self.encoding) for n, text in self._corrections.items()}
        except UnicodeEncodeError as error:
            raise ExtractError(
                f"a record of it was corrected with signs that {self.encoding} does not have",
                where=self.name,
                do="correct `encoding:` of the source, or the record (`churn quarantine replay`)",
            ) from error
