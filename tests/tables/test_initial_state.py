"""Status events that tell of changes alone: every subscriber begins on its first day."""

from __future__ import annotations

from datetime import date

import pytest

from churn.tables import Tables


def _sub(who, activated_on):
    return {"subscriber_id": who, "activated_on": activated_on}


def _event(who, at, status):
    return {"subscriber_id": who, "effective_at": at, "status": status}


@pytest.fixture
def changes(rows_as_tables):
    """Two deliveries of the books: b has gone from the second, d has come."""
    first = [_sub("a", "2024-01-05"), _sub("b", "2024-02-01"), _sub("c", None)]
    second = [_sub("a", "2024-01-05"), _sub("d", "2024-06-20")]
    tables = rows_as_tables(
        {
            "subscribers": [
                ("2024-06-01", "2024-05-31", first),
                ("2024-07-01", "2024-06-30", second),
            ],
            "status_events": [
                _event("a", "2024-03-01 10:00", "双停"),
                _event("b", "2024-06-11 09:00", "退网停机"),
                _event("d", "2024-06-20 12:30", "在用"),
            ],
        }
    )
    return Tables(tables.reader, tables.deliveries, "in_service")


def _read(read, tables, day):
    columns = ("subscriber_id", "effective_at", "status")
    return [
        (who, f"{at:%m-%d %H:%M}", status)
        for who, at, status in read(tables.known_at(day), "status_events", *columns)
    ]


def test_who_has_gone_from_the_books_began_as_well(changes, read):
    """First states come from activation, of every delivery known; an event of that day is one."""
    assert sorted(_read(read, changes, date(2024, 7, 1))) == [
        ("a", "01-05 00:00", "in_service"),
        ("a", "03-01 10:00", "双停"),
        ("b", "02-01 00:00", "in_service"),
        ("b", "06-11 09:00", "退网停机"),
        ("d", "06-20 12:30", "在用"),
    ]


def test_what_is_delivered_later_is_not_known(changes, read):
    """A day before the books came knows no beginnings; its own day is the future."""
    assert _read(read, changes, date(2024, 5, 1)) == [("a", "03-01 10:00", "双停")]
    known = _read(read, changes, date(2024, 6, 20))
    assert ("b", "02-01 00:00", "in_service") in known
    assert all(who != "d" for who, _, _ in known)


def test_history_is_known_with_its_lag(rows_as_tables, read):
    """Of an initial load a beginning is known so many days after it."""
    load = {
        "delivered_on": "2024-07-01",
        "covers_until": "2024-06-30",
        "assumed_lag": 5,
        "rows": [_sub("a", "2024-01-10")],
    }
    tables = rows_as_tables({"subscribers": [load], "status_events": []})
    tables = Tables(tables.reader, tables.deliveries, "in_service")
    seen = [
        len(_read(read, tables, day))
        for day in (date(2024, 1, 14), date(2024, 1, 15), date(2024, 7, 1))
    ]
    assert seen == [0, 1, 1]
