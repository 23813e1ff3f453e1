"""What DuckDB is told of a query beyond what Ibis tells it."""

from __future__ import annotations

import threading
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from churn.engines import EngineSettings, connect
from churn.engines.base import AT_ONCE
from churn.engines.duckdb import Compiler
from churn.engines.settings import BATCH_ROWS
from churn.errors import StorageError

CALLS = ibis.table({"line": "string", "minutes": "int64"}, name="calls")


@pytest.fixture(autouse=True)
def _as_the_engine_sets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ibis.options.sql, "fuse_selects", False)


def _read_twice(part: ir.Table) -> str:
    most = part.group_by("line").aggregate(most=part.minutes.max())
    least = part.group_by("line").aggregate(least=part.minutes.min())
    return str(Compiler().to_sqlglot(most.join(least, "line")).sql("duckdb"))


def test_a_filtered_file_that_is_read_twice_is_not_kept_in_memory() -> None:
    """Of a hundred million calls the rows that pass would not fit."""
    assert " AS NOT MATERIALIZED (" in _read_twice(CALLS.filter(CALLS.minutes > 0))


def test_what_was_computed_is_kept_for_the_second_reader() -> None:
    """Sums of lines are few, and dear to compute again."""
    query = _read_twice(CALLS.group_by("line").aggregate(minutes=CALLS.minutes.sum()))
    assert query.startswith("WITH ")
    assert "MATERIALIZED" not in query


def test_two_batches_are_mapped_side_by_side_in_their_order() -> None:
    """The first is not at its end before the second has begun; the rows come as they lay."""
    size = BATCH_ROWS // AT_ONCE
    begun: dict[int, threading.Event] = {at: threading.Event() for at in range(3)}

    def mapped(batch: pa.RecordBatch) -> pa.RecordBatch:
        at = batch["n"][0].as_py() // size
        begun[at].set()
        if at == 0:
            assert begun[1].wait(timeout=60)
        return batch

    rows = pa.table({"n": pa.array(range(2 * size + 10), pa.int64())})
    with connect(EngineSettings(threads=2)) as engine:
        lying = engine.computed(engine.from_arrow(rows))
        assert engine.to_arrow(engine.map_batches(lying, mapped, lying.schema())).equals(rows)


def test_a_damaged_file_that_is_mapped_is_the_storages(tmp_path: Path) -> None:
    """As one that is queried is; a file that went meanwhile too."""
    rows = pa.table({"n": pa.array(range(100_000), pa.int64())})
    with connect(EngineSettings(threads=2)) as engine:
        for harm in (lambda path: path.write_bytes(path.read_bytes()[:5_000]), Path.unlink):
            path = tmp_path / "rows.parquet"
            engine.to_parquet(engine.from_arrow(rows), path, order_by=["n"])
            table = engine.read_parquet([path], ibis.Schema.from_pyarrow(rows.schema))
            harm(path)
            with pytest.raises(StorageError, match="damaged or gone"):
                engine.map_batches(table, lambda batch: batch, table.schema())
