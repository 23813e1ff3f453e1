"""What any engine offers: read, materialise, hand over batches. Nothing else differs above."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Literal, Protocol, Self

import ibis.expr.schema as sch
import ibis.expr.types as ir
import pyarrow as pa
from pydantic import Field, field_validator

from churn.frozen import Frozen

_SIZE = re.compile(r"[1-9]\d*(\.\d+)? ?([KMGT]i?)?B", re.IGNORECASE)


class EngineSettings(Frozen):
    """How much of the machine the engine may use (``engine:`` in the settings file)."""

    name: Literal["duckdb"] = Field("duckdb", description="the engine")
    memory: str = Field("4GB", description="memory the engine may take")
    threads: int = Field(2, gt=0, description="threads; fixed, so that results are the same bytes")
    spill: str = Field("20GB", description="disk the engine may spill to before it gives up")

    @field_validator("memory", "spill")
    @classmethod
    def _is_a_size(cls, size: str) -> str:
        if not _SIZE.fullmatch(size):
            msg = "is a size like 4GB or 500MiB"
            raise ValueError(msg)
        return size


class Engine(Protocol):
    """A place where Ibis expressions run."""

    def read_parquet(self, paths: Sequence[Path], schema: sch.Schema) -> ir.Table:
        """Return the rows of ``paths`` as one lazy table; no path gives an empty table.

        Columns are exactly those of ``schema``, in its order and types.
        """
        ...

    def from_arrow(self, rows: pa.Table) -> ir.Table:
        """Return in-memory rows as a lazy table."""
        ...

    def to_arrow(self, table: ir.Table, *, order_by: Sequence[str] = ()) -> pa.Table:
        """Run the expression and return its rows, sorted by ``order_by``."""
        ...

    def to_parquet(self, table: ir.Table, path: Path, *, order_by: Sequence[str]) -> int:
        """Run the expression into one Parquet file sorted by ``order_by``; return its rows.

        The file is written beside its final name and renamed, so it is whole or absent.
        """
        ...

    def batches(
        self, table: ir.Table, *, order_by: Sequence[str] = (), rows: int = 65_536
    ) -> Iterator[pa.RecordBatch]:
        """Run the expression and hand over its rows in batches."""
        ...

    def sql(self, query: str, inputs: Mapping[str, Path]) -> Iterator[pa.RecordBatch]:
        """Run one query over Parquet files, cut off from all else: no file, network or setting.

        Parameters
        ----------
        query
            A SELECT in sqlglot's own dialect, checked by who hands it over.
        inputs
            The only tables there are: name and file.

        Raises
        ------
        SettingsError
            If the query does not run.
        """
        ...

    def close(self) -> None:
        """Give memory and spill space back."""
        ...

    def __enter__(self) -> Self:
        """Enter a ``with`` block."""
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close at the end of a ``with`` block."""
        ...
