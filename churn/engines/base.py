"""What every engine offers: read, run, write, hand over batches.

A subclass fills four hooks; how rows are ordered, written and told of is the same on all engines.
"""

from __future__ import annotations

import tempfile
import warnings
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import ibis
import ibis.expr.schema as sch
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
import sqlglot
from sqlglot import exp

from churn.engines.isolated import isolated
from churn.engines.reaches import Reaches
from churn.engines.settings import BATCH_ROWS, EngineSettings
from churn.errors import ChurnError, SettingsError, VersionError

AT_ONCE = 2
"""Batches that a function is given at a time: its own arithmetic takes the threads there are."""


class Engine(ABC):
    """A place where Ibis expressions run; what it spills is gone when it closes."""

    def __init__(self, settings: EngineSettings, *, spill: Path | None = None) -> None:
        self.settings = settings
        if spill is not None:
            spill.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = tempfile.TemporaryDirectory(prefix="churn-spill-", dir=spill)
        self._expressions_run = 0
        self._reaches = Reaches()
        with self._errors_told():
            self._connection = self._connect(self._folder.name)

    @abstractmethod
    def _connect(self, spill: str) -> Any:
        """Open the Ibis backend within the limits of the settings."""

    @abstractmethod
    def _scan(self, paths: Sequence[Path]) -> ir.Table:
        """Return the rows of one or more Parquet files as a lazy table."""

    @abstractmethod
    def _load(self, rows: pa.Table) -> ir.Table:
        """Hold in-memory rows under a name of the connection."""

    @abstractmethod
    def _as_churn_error(self, error: Exception) -> ChurnError | None:
        """Say what an error of the engine's own library means; None if it is not the user's."""

    def _collect(self, table: ir.Table) -> pa.Table:
        """Run the expression and hold all its rows."""
        return self._connection.to_pyarrow(table)

    def _disconnect(self) -> None:
        """Give back what the connection holds."""
        self._connection.disconnect()

    def _stream(self, table: ir.Table, rows: int) -> Iterable[pa.RecordBatch]:
        """Run the expression without holding all its rows; Ibis does so only on some backends."""
        batches: Iterable[pa.RecordBatch] = self._connection.to_pyarrow_batches(
            table, chunk_size=rows
        )
        return batches

    def read_parquet(self, paths: Sequence[Path], schema: sch.Schema) -> ir.Table:
        """Return the rows of ``paths`` as one lazy table; no path gives an empty table.

        Columns are exactly those of ``schema``, in its order and types.

        Raises
        ------
        VersionError
            If a column is absent: another version of the program wrote the rows.
        """
        with self._running():
            table = self._scan(paths) if paths else self._load(schema.to_pyarrow().empty_table())
        absent = [name for name in schema.names if name not in table.columns]
        if absent:
            raise VersionError(
                f"stored rows lack {', '.join(absent)}: another version of this program wrote them",
                where=f"engine {self.settings.name}",
                do="run `churn ingest`, which reads the extracts anew",
            )
        if table.schema() == schema:
            return table  # every step that changes nothing is built and compiled all the same
        return table.select(**{name: table[name].cast(kind) for name, kind in schema.items()})

    def apart(self, groups: Sequence[Sequence[Path]], column: str) -> bool:
        """Tell whether no value of a column stands in the Parquet files of two of the groups.

        By the least and greatest value that the files themselves tell; False where one does not.
        """
        return self._reaches.apart(groups, column)

    def from_arrow(self, rows: pa.Table) -> ir.Table:
        """Return in-memory rows as a lazy table."""
        with self._running():
            return self._load(rows)

    def to_arrow(self, table: ir.Table, *, order_by: Sequence[str] = ()) -> pa.Table:
        """Run the expression and return its rows, sorted by ``order_by``."""
        with self._running():
            return self._collect(_ordered(table, order_by))

    def batches(
        self, table: ir.Table, *, order_by: Sequence[str] = (), rows: int = BATCH_ROWS
    ) -> Iterator[pa.RecordBatch]:
        """Run the expression and hand over its rows in batches.

        Raises
        ------
        RuntimeError
            If the engine is asked for something else before the last batch: it would drop the rest.
        """
        with self._running():
            current = self._expressions_run
            for batch in self._stream(_ordered(table, order_by), rows):
                yield batch
                if self._expressions_run != current:
                    raise RuntimeError(
                        "the engine ran something else before these batches were at their end"
                    )

    def to_parquet(self, table: ir.Table, path: Path, *, order_by: Sequence[str]) -> int:
        """Run the expression into one Parquet file sorted by ``order_by``; return its rows.

        The file is written beside its final name and renamed, so it is whole or absent. Arrow
        writes it, not the engine: its bytes then depend on the rows alone.
        """
        return write(self.batches(table, order_by=order_by), path, table.schema().to_pyarrow())

    def map_batches(
        self,
        table: ir.Table,
        function: Callable[[pa.RecordBatch], pa.RecordBatch],
        schema: sch.Schema,
    ) -> ir.Table:
        """Return the rows that ``function`` makes of the table's, as a table like any other.

        A few batches are in memory at a time. The rows made lie among what the engine has spilled
        until it closes, unless an engine carries the function to where the rows are.

        Parameters
        ----------
        function
            Makes any number of rows of a batch, knowing of no other batch: neither their size nor
            their order is promised, and two may be at work at once. It asks nothing of the engine.
        schema
            The columns it gives, in this order.
        """
        return self._spilled(self._side_by_side(function, self._handed(table)), schema)

    def _handed(self, table: ir.Table) -> Iterable[pa.RecordBatch]:
        """Hand over rows to a function that knows of no other batch."""
        return self.batches(table, rows=BATCH_ROWS // AT_ONCE)

    def _side_by_side(
        self,
        function: Callable[[pa.RecordBatch], pa.RecordBatch],
        batches: Iterable[pa.RecordBatch],
    ) -> Iterator[pa.RecordBatch]:
        """Map batches in their order: what one does in Python, another computes beside."""
        at_once = min(self.settings.threads, AT_ONCE)
        begun: deque[Future[pa.RecordBatch]] = deque()
        with ThreadPoolExecutor(at_once) as workers:
            for batch in batches:
                begun.append(workers.submit(function, batch))
                if len(begun) > at_once:
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()

    def computed(self, table: ir.Table) -> ir.Table:
        """Run the expression once for all that go on from it, one batch in memory at a time.

        The rows lie among what the engine has spilled until it closes.
        """
        return self._spilled(self.batches(table), table.schema())

    def _spilled(self, batches: Iterable[pa.RecordBatch], schema: sch.Schema) -> ir.Table:
        path = Path(self._folder.name) / f"{ibis.util.gen_name('spilled')}.parquet"
        write(batches, path, schema.to_pyarrow())
        return self.read_parquet([path], schema)

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
        return isolated(query, inputs, self.settings, self._folder.name)

    def query(self, sql: str, tables: Mapping[str, ir.Table]) -> ir.Table:
        """Return the rows of a SELECT over tables, as a table like any other.

        Parameters
        ----------
        sql
            In DuckDB's dialect; it is written anew in the engine's own.
        tables
            What its names stand for.

        Raises
        ------
        SettingsError
            If the engine cannot make sense of it.
        """
        connection = self._connection
        dialect = connection.dialect
        parts = [
            exp.CTE(
                this=connection.compiler.to_sqlglot(table),
                alias=exp.TableAlias(this=exp.to_identifier(name, quoted=True)),
            ).sql(dialect=dialect)
            for name, table in tables.items()
        ]
        asked = sqlglot.transpile(sql, read="duckdb", write=dialect)[0]
        text = f"WITH {', '.join(parts)} SELECT * FROM ({asked}) AS asked"
        with self._running(), warnings.catch_warnings():
            # Ibis asks DuckDB for the columns by a method that has another name now
            warnings.simplefilter("ignore", DeprecationWarning)
            try:
                rows: ir.Table = connection.sql(text)
            except ChurnError:
                raise
            except Exception as error:  # whatever the query's own text makes the engine say
                # no row was read yet: the engine's words can name columns only
                words = str(error).strip().splitlines()[:1]
                raise SettingsError(
                    f"the query does not run ({type(error).__name__}): {' '.join(words)}",
                    where=f"engine {self.settings.name}",
                    do="mend the query; it is written in DuckDB's dialect",
                ) from error
        return rows

    def close(self) -> None:
        """Give memory and spill space back."""
        self._disconnect()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        """Enter a ``with`` block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close at the end of a ``with`` block."""
        self.close()

    @contextmanager
    def _running(self) -> Iterator[None]:
        """Note that the connection is used: batches not yet fetched are lost by that."""
        self._expressions_run += 1
        with self._errors_told():
            yield

    @contextmanager
    def _errors_told(self) -> Iterator[None]:
        """Turn errors of the engine's own library into the user's."""
        try:
            yield
        except Exception as error:  # any may be the engine's; what is not is raised as it is
            known = self._as_churn_error(error)
            if known is None:
                raise
            raise known from error


def _ordered(table: ir.Table, order_by: Sequence[str]) -> ir.Table:
    return table.order_by(list(order_by)) if order_by else table


def write(batches: Iterable[pa.RecordBatch], path: Path, schema: pa.Schema) -> int:
    """Write the batches into one file, whole or absent; return its rows."""
    partial = path.with_name(path.name + ".partial")
    count = 0
    with pq.ParquetWriter(partial, schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch.cast(schema) if batch.schema != schema else batch)
            count += batch.num_rows
    partial.replace(path)
    return count
