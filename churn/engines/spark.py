"""Spark, in processes of this machine or on a cluster, through Ibis.

What the driver and its workers hand each other beside Spark's own blocks are Parquet files in the
spill folder: on a cluster it lies, with the tables, where all of them read and write.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.schema as sch
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.pyspark import PySparkCompiler
from pyspark import SparkContext
from pyspark.errors import PythonException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import from_arrow_schema

from churn.engines.base import Engine
from churn.engines.parts import read_again, without_parts
from churn.engines.settings import BATCH_ROWS, EngineSettings, mebibytes
from churn.engines.spark_errors import as_churn_error
from churn.errors import ChurnError

# What decides values: set for every session, whatever the cluster's own defaults are.
MEANING = {
    "spark.sql.ansi.enabled": "true",  # what does not fit is an error, not a null
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",  # times are local and have no zone
    "spark.sql.caseSensitive": "true",
    "spark.sql.execution.arrow.maxRecordsPerBatch": str(BATCH_ROWS),
}
_GLOB = re.compile(r"([\\*?\[\]{}])")
_LOGGING = Path(__file__).with_name("spark_log.properties")


class Compiler(PySparkCompiler):  # type: ignore[misc] # ibis is not typed
    """Ibis's compiler, with nothing counted as 0 and not as null."""

    def visit_CountStar(self, op: Any, *, arg: Any, where: Any) -> Any:  # noqa: N802 - Ibis's name
        """Count the rows for which the condition holds; unknown is not."""
        if where is None:
            return super().visit_CountStar(op, arg=arg, where=where)
        return self.f.count_if(where)

    def visit_BitOr(self, op: Any, *, arg: Any, where: Any) -> Any:  # noqa: ARG002, N802 - Ibis's signature
        """Bring bits together, as Spark can, though Ibis has no rule for it there."""
        return self.agg.bit_or(arg, where=where)


class SparkEngine(Engine):
    """A Spark session: one that is running in this process already, else its own."""

    _owned: bool
    _session: SparkSession

    def _connect(self, spill: str) -> Any:
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        self._owned = SparkContext._active_spark_context is None  # noqa: SLF001 - there is no other
        builder = SparkSession.builder
        if self._owned:
            for key, value in configuration(self.settings, spill).items():
                builder = builder.config(key, value)
        self._session = builder.getOrCreate()
        if not self._owned:
            self._session = self._session.newSession()
        for key, value in MEANING.items():
            self._session.conf.set(key, value)
        ibis.options.sql.fuse_selects = False  # Spark merges nested selects by itself
        connection = ibis.pyspark.connect(self._session)
        connection.compiler = Compiler()
        return connection

    def _disconnect(self) -> None:
        if self._owned:
            self._session.stop()

    def _scan(self, paths: Sequence[Path]) -> ir.Table:
        # Spark takes the columns from one file and reads those that another lacks as null.
        schemas = [pq.read_schema(path) for path in paths]
        everywhere = set.intersection(*(set(schema.names) for schema in schemas))
        schema = pa.schema([field for field in schemas[0] if field.name in everywhere])
        frame = self._session.read.schema(_spark_schema(schema)).parquet(*map(_address, paths))
        return self._named(frame)

    def _load(self, rows: pa.Table) -> ir.Table:
        path = self._place("rows").with_suffix(".parquet")
        plain = rows.cast(ibis.Schema.from_pyarrow(rows.schema).to_pyarrow())
        pq.write_table(plain, path)
        return self._scan([path])

    def _named(self, frame: DataFrame) -> ir.Table:
        name = ibis.util.gen_name("rows")
        frame.createOrReplaceTempView(name)
        return self._connection.table(name)

    def _place(self, kind: str) -> Path:
        return Path(self._folder.name, ibis.util.gen_name(kind))

    def _collect(self, table: ir.Table) -> pa.Table:
        with self._frame(table) as frame:
            return frame.toArrow().cast(table.schema().to_pyarrow())

    def _stream(self, table: ir.Table, rows: int) -> Iterable[pa.RecordBatch]:
        folder = self._place("batches")
        try:
            with self._frame(table) as frame:
                frame.write.parquet(_address(folder))
            yield from _batches(folder, table.schema().to_pyarrow(), rows)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def map_batches(
        self,
        table: ir.Table,
        function: Callable[[pa.RecordBatch], pa.RecordBatch],
        schema: sch.Schema,
    ) -> ir.Table:
        """Return the rows that ``function`` makes of the table's: see the method it overrides.

        The function is sent to each worker once and called there: it holds what it needs, and
        pickles.

        Raises
        ------
        RuntimeError
            If the function fails; it names the kind of error only, since a message may hold values.
        """
        given, made = table.schema().to_pyarrow(), schema.to_pyarrow()
        with self._running(), self._frame(table) as frame:
            mapped = frame.mapInArrow(_Mapping(function, given, made), _spark_schema(made))
            try:
                return self._named(self._kept(mapped, self._place("mapped")))
            except PythonException as error:
                raise RuntimeError(f"the function failed in a worker: {_kind(error)}") from error

    def computed(self, table: ir.Table) -> ir.Table:
        """Run the expression once, where the rows are: see the method it overrides."""
        with self._running(), self._frame(table) as frame:
            kept = self._named(self._kept(frame, self._place("computed")))
        # Spark widens some numbers on the way: what is read again has the expression's types.
        types = {n: t for n, t in table.schema().items() if kept.schema()[n] != t}
        return kept.cast(types) if types else kept

    def _as_churn_error(self, error: Exception) -> ChurnError | None:
        return as_churn_error(error, self.settings)

    @contextmanager
    def _frame(self, table: ir.Table) -> Iterator[DataFrame]:
        """Give the expression as a frame, with what several of its places read computed once.

        Spark would compute it for each of them, and a chain of joins with themselves grows
        exponentially already while it is planned.
        """
        self._connection._run_pre_execute_hooks(table)  # noqa: SLF001 - registers rows in memory
        query = self._connection.compiler.to_sqlglot(table)
        parts, again = query.ctes, read_again(query)
        folder = self._place("parts")
        try:
            for part in parts:
                frame = self._sql(part.this)
                if part.alias in again:
                    frame = self._kept(frame, folder / part.alias)
                frame.createOrReplaceTempView(part.alias)
            yield self._sql(without_parts(query))
        finally:
            for part in parts:
                self._session.catalog.dropTempView(part.alias)
            shutil.rmtree(folder, ignore_errors=True)

    def _sql(self, query: sge.Expression) -> DataFrame:
        return self._session.sql(query.sql(dialect=self._connection.dialect))

    def _kept(self, frame: DataFrame, folder: Path) -> DataFrame:
        """Compute the frame now, into files that are read from then on."""
        frame.write.parquet(_address(folder))
        return self._session.read.schema(frame.schema).parquet(_address(folder))


class _Mapping:
    """What a worker does with the batches of its part of the table."""

    def __init__(
        self,
        function: Callable[[pa.RecordBatch], pa.RecordBatch],
        given: pa.Schema,
        made: pa.Schema,
    ) -> None:
        self._function, self._given, self._made = function, given, made

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Map one batch after the other."""
        for batch in batches:
            yield self._function(batch.cast(self._given)).cast(self._made)


def configuration(settings: EngineSettings, spill: str) -> dict[str, str]:
    """Return what a session of the program's own is started with.

    The settings' ``conf`` may change all but what decides values.
    """
    memory = f"{mebibytes(settings.memory)}m"
    local = settings.master is None or settings.master.startswith("local")
    own = {
        "spark.app.name": "churn",
        "spark.master": settings.master or f"local[{settings.threads}]",
        "spark.driver.memory": memory,
        "spark.executor.memory": memory,
        "spark.driver.maxResultSize": "0",  # what is collected is bounded by the driver's memory
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={_LOGGING.as_uri()}",
        "spark.sql.warehouse.dir": f"{spill}/warehouse",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    if local:
        own |= {
            "spark.local.dir": spill,
            "spark.driver.host": "127.0.0.1",  # nobody else is to speak with it
            "spark.driver.bindAddress": "127.0.0.1",
        }
    if settings.shuffle_partitions is not None:
        own["spark.sql.shuffle.partitions"] = str(settings.shuffle_partitions)
    options = "spark.driver.extraJavaOptions"
    if options in settings.conf:
        own[options] = f"{own[options]} {settings.conf[options]}"
    return own | {key: value for key, value in settings.conf.items() if key != options} | MEANING


def _kind(error: PythonException) -> str:
    """Return the name of the exception that ended a worker: its traceback's last line has it."""
    names = re.findall(r"^([A-Za-z_][\w.]*)(?::.*)?$", str(error), re.MULTILINE)
    return names[-1] if names else "unknown"


def _spark_schema(schema: pa.Schema) -> Any:
    return from_arrow_schema(schema, prefer_timestamp_ntz=True)


def _address(path: Path) -> str:
    """Return a path as Spark reads it: a file of a file system, whatever the cluster's own is."""
    return "file://" + _GLOB.sub(r"\\\1", str(path.absolute()))


def _batches(folder: Path, schema: pa.Schema, rows: int) -> Iterator[pa.RecordBatch]:
    """Return the rows of the folder's files, in the order of the files, ``rows`` at a time.

    Where the files part must not be seen: what is written of the batches depends on the rows alone.
    """
    held: list[pa.RecordBatch] = []
    count = 0
    for path in sorted(folder.glob("part-*.parquet")):
        for batch in pq.ParquetFile(path).iter_batches(rows):
            held.append(batch.cast(schema))
            count += batch.num_rows
            if count >= rows:
                whole = pa.Table.from_batches(held).combine_chunks()
                yield whole.slice(0, rows).to_batches()[0]
                held, count = whole.slice(rows).to_batches(), count - rows
    if count:
        yield pa.Table.from_batches(held).combine_chunks().to_batches()[0]
