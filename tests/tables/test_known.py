"""What a day knew."""

from __future__ import annotations

from datetime import date


def test_rows_happened_before(rows_as_tables, engine):
    """Facts of the day itself belong to the future."""
    tables = rows_as_tables(
        {
            "arrears": [
                {"subscriber_id": "a", "as_of": "2025-01-31", "amount_overdue": "1.50"},
                {"subscriber_id": "a", "as_of": "2025-02-01", "amount_overdue": 2},
            ]
        }
    )
    rows = engine.to_arrow(tables.known_at(date(2025, 2, 1)).arrears)
    assert rows["as_of"].to_pylist() == [date(2025, 1, 31)]
