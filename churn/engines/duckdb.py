"""DuckDB in this process, through Ibis."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.schema as sch
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
import sqlglot.expressions as sge
from ibis.backends.duckdb import Backend
from ibis.backends.sql.compilers.duckdb import DuckDBCompiler
from ibis.expr import operations as ops
from sqlglot import ErrorLevel

from churn.engines.base import AT_ONCE, Engine
from churn.engines.duckdb_errors import as_churn_error
from churn.engines.parts import worth_keeping
from churn.engines.settings import BATCH_ROWS, EngineSettings
from churn.engines.shapes import Queries, Shape, shape, stand_in
from churn.errors import ChurnError, StorageError


class Compiler(DuckDBCompiler):  # type: ignore[misc] # ibis is not typed
    """Ibis's compiler, with what several places read kept in memory only where it was computed.

    DuckDB holds all rows of such a part. Of a part that only filters a file, that is the file.

    Parameters
    ----------
    places
        The literals and tables in whose place something else is compiled, with their numbers.
    """

    def __init__(self, places: Mapping[Any, int] | None = None) -> None:
        super().__init__()
        self._places = places or {}

    def visit_Literal(self, op: Any, *, value: Any, dtype: Any) -> Any:  # noqa: N802 - Ibis's name
        """Write a value, or what stands in for it."""
        if op in self._places:
            value = stand_in(op, self._places[op])
        return super().visit_Literal(op, value=value, dtype=dtype)

    def visit_DatabaseTable(self, op: Any, *, name: str, **of_it: Any) -> Any:  # noqa: N802 - Ibis's name
        """Write a table's name, or what stands in for it."""
        if op in self._places:
            name = stand_in(op, self._places[op])
        return super().visit_DatabaseTable(op, name=name, **of_it)

    def to_sqlglot(self, expr: ir.Expr, **options: Any) -> Any:
        """Return the expression as a query."""
        query = super().to_sqlglot(expr, **options)
        for part in query.find_all(sge.CTE):
            if not worth_keeping(part):
                part.args["materialized"] = False
        return query


DIALECT = Compiler.dialect
QUERIES = Queries()
"""Of all connections of the process: they compile alike."""


class Connection(Backend):  # type: ignore[misc] # ibis is not typed
    """Ibis's connection, which compiles expressions of one shape once."""

    compiler = Compiler()

    def compile(self, expr: ir.Expr, /, **options: Any) -> str:
        """Return the expression as the text of a query."""
        given = shape(expr) if all(value is None for value in options.values()) else None
        if given is None:
            return str(super().compile(expr, **options))
        return QUERIES.get(given, lambda: _compiled(expr, given), _written)


def _compiled(expr: ir.Expr, given: Shape) -> str:
    query = Compiler(given.places).to_sqlglot(expr)
    return str(query.sql(DIALECT, copy=False, unsupported_level=ErrorLevel.RAISE))


def _written(place: ops.Literal | ops.DatabaseTable, value: Any) -> str:
    """Write a day, or a table's name, as the compiler does."""
    if isinstance(place, ops.DatabaseTable):
        return str(sge.to_identifier(value, quoted=True).sql(DIALECT))
    day = Compiler().visit_Literal(place, value=value, dtype=place.dtype)
    return str(day.sql(DIALECT))


def _rows_of(files: Sequence[Path], schema: sch.Schema) -> Iterator[pa.RecordBatch]:
    """Hand over what lies in files, of which nothing is asked: Arrow reads that in half the time.

    Where a file ends, a batch does. StorageError if one cannot be read.
    """
    types = schema.to_pyarrow()
    for file in files:
        try:
            with pq.ParquetFile(file) as opened:
                for batch in opened.iter_batches(
                    BATCH_ROWS // AT_ONCE, columns=schema.names, use_threads=False
                ):
                    yield batch if batch.schema == types else batch.select(types.names).cast(types)
        except (OSError, pa.ArrowInvalid) as error:
            raise StorageError(
                f"a stored Parquet file is damaged or gone ({type(error).__name__})",
                where="engine duckdb",
                do="see whether the disk is full and the workspace can be read and written; a"
                " table's folder that is removed is written anew by `churn ingest`",
            ) from error


class DuckDBEngine(Engine):
    """An embedded DuckDB."""

    def __init__(self, settings: EngineSettings, *, spill: Path | None = None) -> None:
        self._files: dict[str, tuple[Path, ...]] = {}
        super().__init__(settings, spill=spill)

    def _connect(self, spill: str) -> Any:
        connection = Connection().connect(
            threads=self.settings.threads,
            memory_limit=self.settings.memory,
            temp_directory=spill,
            max_temp_directory_size=self.settings.spill,
            autoinstall_known_extensions=False,
            # A file rewritten under its old name within the clock's tick would be read stale.
            enable_external_file_cache=False,
        )
        # A notebook's kernel has it off, and refuses to be told so.
        shown = connection.raw_sql("SELECT current_setting('enable_progress_bar')").fetchone()
        if shown[0]:
            connection.raw_sql("SET enable_progress_bar = false")
        # DuckDB merges nested selects by itself; done by Ibis, it took half of the compilation.
        ibis.options.sql.fuse_selects = False
        return connection

    def _scan(self, paths: Sequence[Path]) -> ir.Table:
        table = self._connection.read_parquet([str(path) for path in paths])
        self._files[table.get_name()] = tuple(paths)
        return table

    def _handed(self, table: ir.Table) -> Iterable[pa.RecordBatch]:
        operation = table.op()
        if isinstance(operation, ops.DatabaseTable) and operation.name in self._files:
            return _rows_of(self._files[operation.name], table.schema())
        return super()._handed(table)

    def _load(self, rows: pa.Table) -> ir.Table:
        return self._connection.create_table(ibis.util.gen_name("rows"), rows, temp=True)

    def _as_churn_error(self, error: Exception) -> ChurnError | None:
        return as_churn_error(error, self.settings)
