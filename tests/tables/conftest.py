"""Reading what a day knew, as tuples."""

from __future__ import annotations

import pytest


@pytest.fixture
def read(engine):
    """Return chosen columns of a known table, sorted, as tuples."""

    def run(known, table, *columns):
        rows = engine.to_arrow(known.table(table).select(*columns), order_by=list(columns))
        return [tuple(row.values()) for row in rows.to_pylist()]

    return run
