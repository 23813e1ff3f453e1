"""What DuckDB is told of a query beyond what Ibis tells it."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pytest

from churn.engines.duckdb import Compiler

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
