"""Lines that changed hands are in two parts of a split by customer: few, and counted."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from churn.engines import Engine
from churn.panel import Order, torn_lines
from churn.states import StateSettings

ROWS = [
    ("a", "train"), ("b", "test"),  # passed on from one customer to another
    ("c", "train"), ("c", "test"),  # the same subscriber under two customers
    ("d", "calibration"), ("e", "train"),  # passed on, and passed on again
    ("f", "test"), ("g", "test"),  # passed on inside a part
    ("h", "train"), ("i", "test"),  # two lines
]  # fmt: skip
PASSED = {"a": "b", "d": "between", "between": "e", "f": "g"}


@pytest.mark.parametrize(("order", "count"), [("customer", 3), ("test", 1), ("time", 0)])
def test_a_line_in_two_parts_is_counted_once(
    engine: Engine, rows_as_tables: Any, order: Order, count: int
) -> None:
    """Under whatever ids; parts that time separates may share lines as nights do."""
    events = [
        {"subscriber_id": line, "effective_at": at, "status": "过户", "successor_id": successor}
        for at, (line, successor) in zip(
            ("2025-01-05", "2025-01-05", "2025-02-05", "2025-01-05"), PASSED.items(), strict=True
        )
    ]
    known = rows_as_tables({"status_events": events}).known_at(date(2025, 7, 1))
    table = pa.table(
        {name: [row[at] for row in ROWS] for at, name in enumerate(("subscriber_id", "part"))}
    )
    found = torn_lines(engine.from_arrow(table), known, order, StateSettings())
    assert engine.to_arrow(found).to_pylist() == [{"lines": count}]
