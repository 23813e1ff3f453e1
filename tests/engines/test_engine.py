"""What every engine gives back: rows in order, in batches, in files, and mapped on their way."""

from __future__ import annotations

from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from churn.engines import Engine

pytestmark = pytest.mark.every_engine(long=True)
every_engine = pytest.mark.every_engine

NUMBERS = ibis.schema({"line": "string", "days": "int64"})
MEASURED = ibis.schema({"rows": "int64", "held": "int64"})
DOUBLED = ibis.schema({"line": "string", "twice": "int64"})


def _numbers(*days: int | None) -> pa.Table:
    rows = {"line": [f"L{place}" for place in range(len(days))], "days": list(days)}
    return pa.table(rows, NUMBERS.to_pyarrow())


def _doubled(batch: pa.RecordBatch) -> pa.RecordBatch:
    return pa.record_batch([batch["line"], pc.multiply(batch["days"], 2)], DOUBLED.names)


def _measured(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Say how many rows came, and what Arrow holds in the process that maps them."""
    return pa.record_batch([[batch.num_rows], [pa.total_allocated_bytes()]], MEASURED.names)


@every_engine
def test_rows_come_in_the_order_asked_for(engine: Engine) -> None:
    """By one column or several, in memory and in batches alike."""
    table = engine.from_arrow(_numbers(3, 1, 2))
    assert engine.to_arrow(table, order_by=["days"])["days"].to_pylist() == [1, 2, 3]
    batches = list(engine.batches(table, order_by=["line", "days"]))
    assert pa.Table.from_batches(batches)["days"].to_pylist() == [3, 1, 2]


@every_engine
def test_a_file_is_whole_sorted_and_says_its_rows(engine: Engine, tmp_path: Path) -> None:
    """Written beside its name and renamed; read back as it was declared."""
    path = tmp_path / "rows.parquet"
    assert engine.to_parquet(engine.from_arrow(_numbers(2, None, 1)), path, order_by=["days"]) == 3
    assert [file.name for file in tmp_path.iterdir()] == ["rows.parquet"]
    assert pq.read_schema(path).equals(NUMBERS.to_pyarrow())
    assert pq.read_table(path)["days"].to_pylist() == [1, 2, None]
    assert engine.to_arrow(engine.read_parquet([path, path], NUMBERS)).num_rows == 6


def test_no_file_is_an_empty_table(engine: Engine) -> None:
    """A table that was never delivered has its columns and no rows."""
    empty = engine.to_arrow(engine.read_parquet([], NUMBERS))
    assert (empty.schema.names, empty.num_rows) == (["line", "days"], 0)


@pytest.mark.parametrize(
    ("groups", "apart"),
    [
        ([[(1, 2)], [(3, 9)], [(10,)]], True),
        ([[(3, 9)], [(10, 12)], [(1, 2)]], True),  # in whatever order
        ([[(1, 2)], [()], [(3,)]], True),  # without rows there is nothing to meet
        ([[(1, 5), (2, 9)], [(10,)]], True),  # files of one group may meet
        ([[(1, 2)], [(2, 3)]], False),
        ([[(1, 9)], [(3,)], [(10,)]], False),
        ([[(1, None)], [(3,)]], False),
    ],
)
def test_groups_of_files_are_apart_by_what_the_files_tell(
    engine: Engine, tmp_path: Path, groups: list[list[tuple[int, ...]]], *, apart: bool
) -> None:
    """No value stands in two of them; a value that is missing might stand anywhere."""
    paths = [
        [tmp_path / f"{group}-{place}.parquet" for place in range(len(files))]
        for group, files in enumerate(groups)
    ]
    for some, files in zip(paths, groups, strict=True):
        for path, days in zip(some, files, strict=True):
            pq.write_table(_numbers(*days), path, row_group_size=1)
    assert engine.apart(paths, "days") is apart


def test_files_that_tell_nothing_of_themselves_are_not_apart(
    engine: Engine, tmp_path: Path
) -> None:
    """A writer may leave out what lies in a file's parts."""
    paths = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    for path, day in zip(paths, (1, 2), strict=True):
        pq.write_table(_numbers(day), path, write_statistics=False)
    assert not engine.apart([[path] for path in paths], "days")


def test_batches_are_as_small_as_asked_for(engine: Engine) -> None:
    """Several batches of a table hold all its rows, once."""
    batches = list(engine.batches(engine.from_arrow(_numbers(*range(10_000))), rows=3_000))
    assert len(batches) > 1
    assert sorted(day for batch in batches for day in batch["days"].to_pylist()) == [*range(10_000)]


def test_batches_that_would_be_cut_short_are_refused(engine: Engine) -> None:
    """Asking for something else drops what was not fetched: silently, if nobody looked."""
    table = engine.from_arrow(_numbers(*range(300_000)))
    batches = engine.batches(table)
    next(batches)
    assert engine.to_arrow(table.count().as_table()).num_rows == 1
    with pytest.raises(RuntimeError, match="ran something else"):
        list(batches)


@every_engine
def test_a_function_maps_a_table_to_a_table(engine: Engine, tmp_path: Path) -> None:
    """What it gives is a table like any other: filtered, joined, written in order."""
    table = engine.from_arrow(_numbers(3, 1, None))
    doubled = engine.map_batches(table, _doubled, DOUBLED)
    assert doubled.schema() == DOUBLED
    both = table.join(doubled.filter(doubled.twice > 0), "line")
    assert engine.to_arrow(both, order_by=["line"]).to_pylist() == [
        {"line": "L0", "days": 3, "twice": 6},
        {"line": "L1", "days": 1, "twice": 2},
    ]
    path = tmp_path / "doubled.parquet"
    assert engine.to_parquet(doubled, path, order_by=["twice"]) == 3
    assert pq.read_table(path)["line"].to_pylist() == ["L1", "L0", "L2"]


def test_rows_of_files_are_mapped_as_any(engine: Engine, tmp_path: Path) -> None:
    """Those of every file, in the types asked for, however Arrow wrote its texts."""
    paths = [tmp_path / f"{day}.parquet" for day in (1, 2)]
    written = NUMBERS.to_pyarrow().set(0, pa.field("line", pa.large_string()))
    for day, path in enumerate(paths, start=1):
        pq.write_table(_numbers(day, None).cast(written), path)
    rows = engine.read_parquet(paths, NUMBERS)
    mapped = engine.map_batches(rows, lambda batch: batch, NUMBERS)
    expected = engine.to_arrow(rows, order_by=["line", "days"])
    assert engine.to_arrow(mapped, order_by=["line", "days"]).equals(expected)
    plain = engine.computed(rows.filter(rows.days > 1))
    doubled = engine.to_arrow(engine.map_batches(plain, _doubled, DOUBLED))
    assert doubled["twice"].to_pylist() == [4]


def test_a_mapped_batch_may_give_any_number_of_rows(engine: Engine) -> None:
    """None of an empty table, none of a batch, or more than came."""
    nothing = engine.from_arrow(_numbers())
    assert engine.to_arrow(engine.map_batches(nothing, _doubled, DOUBLED)).num_rows == 0
    table = engine.from_arrow(_numbers(1, 2))
    none = engine.map_batches(table, lambda batch: batch.slice(0, 0), NUMBERS)
    assert engine.to_arrow(none).num_rows == 0
    again = engine.map_batches(
        table, lambda batch: batch.take(pa.array([*range(batch.num_rows)] * 2)), NUMBERS
    )
    assert sorted(engine.to_arrow(again)["days"].to_pylist()) == [1, 1, 2, 2]


def test_mapped_columns_are_those_announced(engine: Engine) -> None:
    """Types are brought to the schema; a column that is absent is an error."""
    table = engine.from_arrow(_numbers(1))
    short = ibis.schema({"line": "string", "days": "int16"})
    assert engine.map_batches(table, lambda batch: batch, short).schema() == short
    with pytest.raises((ValueError, RuntimeError), match=r"names|ValueError"):
        engine.map_batches(table, lambda batch: batch, DOUBLED)


@every_engine
def test_what_is_computed_is_computed_once(engine: Engine) -> None:
    """Drawn numbers stay what they were, and a table without rows keeps its columns."""
    drawn = engine.from_arrow(_numbers(1, 2, 3)).mutate(drawn=ibis.random())
    kept = engine.computed(drawn)
    assert kept.schema() == drawn.schema()
    first, again = (engine.to_arrow(kept, order_by=["line"]) for _ in range(2))
    assert first.num_rows == 3
    assert first.equals(again)
    none = engine.computed(drawn.filter(drawn.days > 3))
    assert engine.to_arrow(none).num_rows == 0
    assert none.columns == drawn.columns


@every_engine
def test_an_error_of_the_function_comes_through_and_the_engine_goes_on(engine: Engine) -> None:
    """It is the caller's, not the storage's."""

    def refuse(batch: pa.RecordBatch) -> pa.RecordBatch:
        msg = "not these"
        raise KeyError(msg)

    table = engine.from_arrow(_numbers(1))
    with pytest.raises((KeyError, RuntimeError), match=r"not these|worker: KeyError$"):
        engine.map_batches(table, refuse, DOUBLED)
    assert engine.to_arrow(table).num_rows == 1


def test_mapping_holds_a_batch_at_a_time(engine: Engine) -> None:
    """However many rows there are, Arrow holds a few batches of them, not all."""
    digits = ibis.range(1_000).unnest().name("digit").as_table()
    rows = digits.cross_join(digits.view()).select(
        line=ibis.literal("x" * 50), days=digits.digit.cast("int64")
    )
    # what tests before it left in this process is held as well
    idle = engine.to_arrow(engine.map_batches(rows.limit(1), _measured, MEASURED))
    before = max(idle["held"].to_pylist())
    mapped = engine.to_arrow(engine.map_batches(rows, _measured, MEASURED))
    assert sum(mapped["rows"].to_pylist()) == 1_000_000
    assert max(mapped["rows"].to_pylist()) <= 65_536
    assert max(mapped["held"].to_pylist()) - before < 25_000_000  # all the rows are 60 MB
