"""A query of the operator's own, cut off from all but its inputs.

It runs in a DuckDB of its own whatever the engine is: its inputs are files on this machine, and
DuckDB can be denied every other file, the network and its settings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb
import pyarrow as pa
import sqlglot
from sqlglot import exp

from churn.engines.duckdb_errors import as_churn_error
from churn.engines.settings import BATCH_ROWS, EngineSettings
from churn.errors import SettingsError


def isolated(
    query: str, inputs: Mapping[str, Path], settings: EngineSettings, spill: str
) -> Iterator[pa.RecordBatch]:
    """Run one query as :meth:`churn.engines.Engine.sql` promises it.

    One thread of a database of its own: the order of a sum is then the order of the rows.
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": "1",
        "memory_limit": settings.memory,
        "temp_directory": spill,
        "max_temp_directory_size": settings.spill,
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "python_enable_replacements": "false",
    }
    text = sqlglot.transpile(query, write="duckdb")[0]
    try:
        with duckdb.connect(":memory:", config=config) as alone:
            _admit(alone, inputs)
            yield from _rows(alone, text)
    except duckdb.Error as error:
        known = as_churn_error(error, settings)
        if known is None:
            raise
        raise known from error


def _admit(alone: duckdb.DuckDBPyConnection, inputs: Mapping[str, Path]) -> None:
    """Make views of the inputs, then deny everything else."""
    files = {name: exp.Literal.string(str(path)).sql("duckdb") for name, path in inputs.items()}
    for name, file in files.items():
        view = exp.to_identifier(name, quoted=True).sql("duckdb")
        alone.execute(f"CREATE VIEW {view} AS SELECT * FROM read_parquet([{file}])")
    alone.execute(f"SET allowed_paths = [{', '.join(files.values())}]")
    alone.execute("SET enable_external_access = false")
    alone.execute("SET lock_configuration = true")


def _rows(alone: duckdb.DuckDBPyConnection, text: str) -> Iterator[pa.RecordBatch]:
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
