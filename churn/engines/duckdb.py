"""DuckDB in this process, through Ibis."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.duckdb import DuckDBCompiler

from churn.engines.base import Engine
from churn.engines.duckdb_errors import as_churn_error
from churn.engines.parts import worth_keeping
from churn.errors import ChurnError


class Compiler(DuckDBCompiler):  # type: ignore[misc] # ibis is not typed
    """Ibis's compiler, with what several places read kept in memory only where it was computed.

    DuckDB holds all rows of such a part. Of a part that only filters a file, that is the file.
    """

    def to_sqlglot(self, expr: ir.Expr, **options: Any) -> Any:
        """Return the expression as a query."""
        query = super().to_sqlglot(expr, **options)
        for part in query.find_all(sge.CTE):
            if not worth_keeping(part):
                part.args["materialized"] = False
        return query


class DuckDBEngine(Engine):
    """An embedded DuckDB."""

    def _connect(self, spill: str) -> Any:
        connection = ibis.duckdb.connect(
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
        connection.compiler = Compiler()
        return connection

    def _scan(self, paths: Sequence[Path]) -> ir.Table:
        return self._connection.read_parquet([str(path) for path in paths])

    def _load(self, rows: pa.Table) -> ir.Table:
        return self._connection.create_table(ibis.util.gen_name("rows"), rows, temp=True)

    def _as_churn_error(self, error: Exception) -> ChurnError | None:
        return as_churn_error(error, self.settings)
