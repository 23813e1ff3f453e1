"""Who holds a line, wherever that is asked."""

from __future__ import annotations

from datetime import date

from churn.tables import holder

BOOKS = [
    {"subscriber_id": "a", "customer_id": "family"},
    {"subscriber_id": "b", "customer_id": "family"},
    {"subscriber_id": "c"},
]


def test_a_line_without_a_customer_is_its_own_holder(rows_as_tables, engine):
    """Where an extract knows one id only, all are that id."""
    books = rows_as_tables({"subscribers": BOOKS}).known_at(date(2025, 1, 1)).subscribers
    held = engine.to_arrow(
        books.select("subscriber_id", by=holder(books)), order_by=["subscriber_id"]
    )
    assert held["by"].to_pylist() == ["family", "family", "c"]


def test_what_is_known_asks_only_for_reading(rows_as_tables):
    """Whatever reads Parquet files will do; neither an engine nor its settings are needed."""
    tables = rows_as_tables({"subscribers": BOOKS})

    class Files:
        read_parquet = staticmethod(tables.reader.read_parquet)

    known = type(tables)(Files(), tables.deliveries).known_at(date(2025, 1, 1))
    assert known.has("subscribers")
    assert "customer_id" in known.subscribers.columns
