"""A query compiled for one day serves others of the same shape, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from churn import features
from churn.engines import duckdb as engine
from churn.engines.duckdb import Compiler, Connection
from churn.engines.shapes import MOST, Queries, shape
from churn.features import bills, status

SCHEMA = ibis.schema({"line": "string", "on": "date", "at": "timestamp(6)", "n": "int64"})
CALLS = ibis.table(SCHEMA, name="calls")
FIRST, LAST, NOON = date(2024, 1, 1), date(2024, 3, 1), datetime(2024, 2, 1, 12)


@pytest.fixture(scope="module")
def connection() -> Iterator[Any]:
    """Return a connection to an embedded engine: others compile for themselves."""
    opened = Connection().connect()
    yield opened
    opened.disconnect()


def _table(connection: Any, name: str) -> ir.Table:
    rows = [
        {"line": "a", "on": FIRST, "at": NOON, "n": 1},
        {"line": "b", "on": LAST, "at": NOON.replace(hour=13), "n": 2},
    ]
    made = pa.Table.from_pylist(rows, SCHEMA.to_pyarrow())
    table: ir.Table = connection.create_table(name, made, temp=True)
    return table


def _since(table: ir.Table, day: date, at: datetime) -> ir.Table:
    kept = table.filter((table.on >= day) & (table.at >= at))
    latest = kept.group_by("line").aggregate(latest=kept.on.max())
    both = kept.view().inner_join(latest, "line")
    return both.select("line", "n", left=both.latest.delta(ibis.literal(day), unit="day"))


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test begin with nothing compiled, whatever the process asked before."""
    monkeypatch.setattr(engine, "QUERIES", Queries())


def _direct(table: ir.Table) -> str:
    return str(Compiler().to_sqlglot(table).sql("duckdb"))


def test_days_and_tables_are_put_into_what_was_compiled_once(connection: Any) -> None:
    """Text and rows are those of an expression compiled by itself."""
    names = ("calls", 'of "another" name', "t0")
    tables = [_table(connection, name) for name in names]
    for table, day, at in (
        (tables[0], FIRST, NOON),
        (tables[1], date(2024, 2, 1), NOON),
        (tables[2], LAST, NOON.replace(microsecond=7)),
    ):
        asked = _since(table, day, at)
        assert connection.compile(asked) == _direct(asked)
    assert len(engine.QUERIES) == 1
    rows = connection.to_pyarrow(_since(tables[1], date(2024, 2, 1), NOON)).to_pylist()
    assert rows == [{"line": "b", "n": 2, "left": 29}]


@pytest.fixture(scope="module")
def table(connection: Any) -> ir.Table:
    """Return a table of the connection, for shapes alone."""
    return _table(connection, "shapes")


def test_what_is_equal_in_one_expression_only_is_another_shape(table: ir.Table) -> None:
    """Ibis writes equal days once: where two differ there are two places."""
    between = shape(table.filter((table.on >= FIRST) & (table.on < LAST)))
    nothing = shape(table.filter((table.on >= LAST) & (table.on < LAST)))
    assert between is not None
    assert nothing is not None
    assert between.key != nothing.key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (ibis.literal(1, "int64"), ibis.literal(1, "float64")),
        (ibis.literal(0.0), ibis.literal(-0.0)),
        (ibis.literal(1), ibis.literal(2)),
        (ibis.literal("2024-01-01"), ibis.literal(FIRST)),
        (ibis.literal(NOON, "timestamp"), ibis.literal(NOON, "timestamp('UTC')")),
        (ibis.literal(Decimal(1), "decimal(9,2)"), ibis.literal(Decimal(2), "decimal(9,2)")),
        (ibis.null("date"), ibis.literal(FIRST)),
    ],
)  # fmt: skip
def test_other_values_are_other_shapes(table: ir.Table, one: ir.Value, other: ir.Value) -> None:
    """Also where Python takes them for equal."""
    first, second = (shape(table.select(a=value)) for value in (one, other))
    assert first is not None
    assert second is not None
    assert first.key != second.key


@ibis.udf.scalar.builtin
def lower(text: str) -> str:  # type: ignore[empty-body] # the engine has its body
    """Stand for a function that somebody registered."""


@pytest.mark.parametrize(
    "own",
    [
        lambda _: ibis.table(SCHEMA, name="calls"),
        lambda _: ibis.memtable(pa.table({"n": [1]})),
        lambda table: table.select(a=lower(table.line)),
        lambda table: table.select(a=ibis.random()),
        lambda table: table.filter(ibis.literal([FIRST], "array<date>").contains(table.on)),
    ],
)
def test_what_no_other_can_share_has_no_shape(
    connection: Any, table: ir.Table, own: Callable[[ir.Table], ir.Table]
) -> None:
    """Rows in memory, functions, chance, and days inside of other values."""
    assert shape(own(table)) is None
    assert connection.compile(own(table))
    assert not len(engine.QUERIES)


def test_the_shapes_asked_for_last_are_kept(table: ir.Table) -> None:
    """A process that runs for long does not grow by what it asked once."""
    queries = Queries()
    shapes = [shape(table.limit(number)) for number in range(MOST + 1)]
    for each in (*shapes[:MOST], shapes[0], shapes[MOST]):
        assert each is not None
        assert queries.get(each, lambda: "SELECT 1", lambda place, _: str(place)) == "SELECT 1"
    assert len(queries) == MOST
    compiled: list[str] = []
    for each in (shapes[0], shapes[1]):
        assert each is not None
        queries.get(each, lambda: compiled.append("again") or "SELECT 1", lambda _, name: str(name))
    assert compiled == ["again"], "the second alone was dropped"


def test_features_of_other_days_share_what_was_compiled(
    connection: Any, rows_as_tables: Callable[..., Any]
) -> None:
    """Families as they are, over windows, states and late columns: the text is the direct one."""
    tables = rows_as_tables({"subscribers": [], "status_events": [], "bills": []})
    families = (bills.FAMILY, status.FAMILY)
    for day in (date(2024, 3, 1), date(2024, 5, 1)):
        known = tables.known_at(day)
        built = features.build(known, known.subscribers, families=families)
        assert connection.compile(built) == _direct(built)
    assert len(engine.QUERIES) == 1
