"""DuckDB in this process, through Ibis."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import ibis
import ibis.expr.schema as sch
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
import sqlglot
from sqlglot import exp

from churn.engines.base import EngineSettings
from churn.errors import SettingsError, StorageError, VersionError

BATCH_ROWS = 65_536


@contextmanager
def _as_storage_error(settings: EngineSettings) -> Iterator[None]:
    """Turn the engine's lack of memory or disk into an error with its remedy."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise StorageError(
            f"the engine needs more than {settings.memory} of memory or {settings.spill} of disk",
            where="engine duckdb",
            do="raise engine.memory or engine.spill in the settings, or free disk space",
        ) from error
    except duckdb.IOException as error:
        raise StorageError(
            f"the engine could not read or write a file ({type(error).__name__})",
            where="engine duckdb",
            do="see whether the disk is full and the workspace can be read and written",
        ) from error
    except duckdb.InvalidInputException as error:
        if "parquet" not in str(error).lower():
            raise
        raise StorageError(
            "a stored Parquet file is damaged",
            where="engine duckdb",
            do="remove the table's folder from the workspace's tables and run `churn ingest`",
        ) from error


def _require_columns(table: ir.Table, schema: sch.Schema) -> None:
    """Refuse stored rows that another version of the program wrote with other columns."""
    absent = [name for name in schema.names if name not in table.columns]
    if absent:
        raise VersionError(
            f"stored rows lack {', '.join(absent)}: another version of this program wrote them",
            where="engine duckdb",
            do="run `churn ingest`, which reads the extracts anew",
        )


class DuckDBEngine:
    """An embedded DuckDB that spills to a folder of its own, gone when it closes."""

    def __init__(self, settings: EngineSettings, *, spill: Path | None = None) -> None:
        self._settings = settings
        if spill is not None:
            spill.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._spill = tempfile.TemporaryDirectory(prefix="churn-spill-", dir=spill)
        self._connection = ibis.duckdb.connect(
            threads=settings.threads,
            memory_limit=settings.memory,
            temp_directory=self._spill.name,
            max_temp_directory_size=settings.spill,
            autoinstall_known_extensions=False,
            # A file rewritten under its old name within the clock's tick would be read stale.
            enable_external_file_cache=False,
        )
        # A notebook's kernel has it off, and refuses to be told so.
        shown = self._connection.raw_sql("SELECT current_setting('enable_progress_bar')").fetchone()
        if shown[0]:
            self._connection.raw_sql("SET enable_progress_bar = false")

    def read_parquet(self, paths: Sequence[Path], schema: sch.Schema) -> ir.Table:
        """Return the rows of ``paths`` as one lazy table; no path gives an empty table."""
        with _as_storage_error(self._settings):
            if paths:
                table = self._connection.read_parquet([str(path) for path in paths])
            else:
                table = self.from_arrow(schema.to_pyarrow().empty_table())
        _require_columns(table, schema)
        return table.select(*schema.names).cast(dict(schema.items()))

    def from_arrow(self, rows: pa.Table) -> ir.Table:
        """Return in-memory rows as a lazy table of this connection."""
        name = ibis.util.gen_name("rows")
        return self._connection.create_table(name, rows, temp=True)

    def to_arrow(self, table: ir.Table, *, order_by: Sequence[str] = ()) -> pa.Table:
        """Run the expression and return its rows, sorted by ``order_by``."""
        with _as_storage_error(self._settings):
            ordered = table.order_by(list(order_by)) if order_by else table
            return self._connection.to_pyarrow(ordered)

    def batches(
        self, table: ir.Table, *, order_by: Sequence[str] = (), rows: int = BATCH_ROWS
    ) -> Iterator[pa.RecordBatch]:
        """Run the expression and hand over its rows in batches."""
        with _as_storage_error(self._settings):
            ordered = table.order_by(list(order_by)) if order_by else table
            yield from self._connection.to_pyarrow_batches(ordered, chunk_size=rows)

    def to_parquet(self, table: ir.Table, path: Path, *, order_by: Sequence[str]) -> int:
        """Run the expression into one Parquet file sorted by ``order_by``; return its rows.

        Arrow writes the file, not the engine: its bytes then depend on the rows alone.
        """
        schema = table.schema().to_pyarrow()
        partial = path.with_name(path.name + ".partial")
        count = 0
        with pq.ParquetWriter(partial, schema, compression="zstd") as writer:
            for batch in self.batches(table, order_by=order_by):
                writer.write_batch(batch.cast(schema) if batch.schema != schema else batch)
                count += batch.num_rows
        partial.replace(path)
        return count

    def sql(self, query: str, inputs: Mapping[str, Path]) -> Iterator[pa.RecordBatch]:
        """Run one query over Parquet files, cut off from all else: no file, network or setting.

        One thread of a database of its own: the order of a sum is then the order of the rows.
        """
        config: dict[str, str | bool | int | float | list[str]] = {
            "threads": "1",
            "memory_limit": self._settings.memory,
            "temp_directory": self._spill.name,
            "max_temp_directory_size": self._settings.spill,
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "python_enable_replacements": "false",
        }
        text = sqlglot.transpile(query, write="duckdb")[0]
        with _as_storage_error(self._settings), duckdb.connect(":memory:", config=config) as alone:
            for name, path in inputs.items():
                file = exp.Literal.string(str(path)).sql("duckdb")
                view = exp.to_identifier(name, quoted=True).sql("duckdb")
                alone.execute(f"CREATE VIEW {view} AS SELECT * FROM read_parquet([{file}])")
            paths = ", ".join(exp.Literal.string(str(p)).sql("duckdb") for p in inputs.values())
            alone.execute(f"SET allowed_paths = [{paths}]")
            alone.execute("SET enable_external_access = false")
            alone.execute("SET lock_configuration = true")
            try:
                yield from alone.execute(text).to_arrow_reader(BATCH_ROWS)
            except (duckdb.OutOfMemoryException, duckdb.IOException):
                raise
            except duckdb.Error as error:  # its words may hold a value
                raise SettingsError(
                    f"the query does not run ({type(error).__name__})",
                    where="engine duckdb",
                    do="every column of an input is text: CAST what is compared or added as a"
                    " number or a date; a cast that fails gives null",
                ) from None

    def close(self) -> None:
        """Give memory and spill space back."""
        self._connection.disconnect()
        self._spill.cleanup()

    def __enter__(self) -> Self:
        """Enter a ``with`` block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close at the end of a ``with`` block."""
        self.close()
