"""Lines that changed hands are in two folds of customers: few, and counted."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from churn.engines import Engine
from churn.panel.handovers import torn_lines
from churn.states import StateSettings

FIRST, LAST = date(2025, 1, 1), date(2025, 3, 1)
ROWS = [
    ("a", FIRST, 0), ("b", LAST, 1),  # passed on from one customer to another
    ("c", FIRST, 0), ("c", LAST, 1),  # the same subscriber under two customers
    ("d", FIRST, 2), ("e", FIRST, 0),  # passed on, and passed on again
    ("f", LAST, 1), ("g", LAST, 1),  # passed on inside a fold
    ("h", FIRST, 0), ("i", LAST, 1),  # two lines
]  # fmt: skip
PASSED = {"a": "b", "d": "between", "between": "e", "f": "g"}


@pytest.mark.parametrize(("folded", "count"), [((FIRST, LAST), 3), ((FIRST,), 1), ((), 0)])
def test_a_line_in_two_folds_is_counted_once(
    engine: Engine, rows_as_tables: Any, folded: tuple[date, ...], count: int
) -> None:
    """Under whatever ids; what time separates may share lines as nights do."""
    events = [
        {"subscriber_id": line, "effective_at": at, "status": "过户", "successor_id": successor}
        for at, (line, successor) in zip(
            ("2025-01-05", "2025-01-05", "2025-02-05", "2025-01-05"), PASSED.items(), strict=True
        )
    ]
    known = rows_as_tables({"status_events": events}).known_at(date(2025, 7, 1))
    table = pa.table(
        {
            name: [row[at] for row in ROWS]
            for at, name in enumerate(("subscriber_id", "snapshot", "fold"))
        }
    )
    found = torn_lines(engine.from_arrow(table), known, folded, StateSettings())
    assert engine.to_arrow(found).to_pylist() == [{"lines": count}]
