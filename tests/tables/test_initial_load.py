"""A history extracted on one day: what earlier days are assumed to have known of it."""

from __future__ import annotations

from datetime import date


def _bill(who, month, due, paid=None, on=None):
    return {
        "subscriber_id": who,
        "bill_month": month,
        "amount_due": due,
        "amount_paid": paid,
        "paid_on": on,
    }


def _call(who, at, seconds=60):
    return {"subscriber_id": who, "started_at": at, "seconds": seconds}


def _load(rows, lag, **told):
    return {
        "delivered_on": "2025-06-01",
        "covers_until": "2025-05-31",
        "assumed_lag": lag,
        "rows": rows,
        **told,
    }


def test_an_initial_load_is_known_with_its_assumed_lag(rows_as_tables, read):
    """A fact is assumed known so many days after it happened; from extraction on, all are."""
    load = _load([_call("a", "2025-01-10 10:00"), _call("b", "2025-05-30 10:00")], 5)
    tables = rows_as_tables({"calls": [load]})
    seen = [
        [who for (who,) in read(tables.known_at(day), "calls", "subscriber_id")]
        for day in (date(2025, 1, 14), date(2025, 1, 15), date(2025, 5, 31), date(2025, 6, 1))
    ]
    assert seen == [[], ["a"], ["a"], ["a", "b"]]
    assert tables.known_at(date(2025, 1, 15)).assumed("calls")


def test_without_lag_the_day_itself_stays_the_future(rows_as_tables, read):
    """A lag of no days does not let the day's own facts in."""
    tables = rows_as_tables({"calls": [_load([_call("a", "2025-01-10 10:00")], 0)]})
    assert read(tables.known_at(date(2025, 1, 10)), "calls", "subscriber_id") == []
    assert read(tables.known_at(date(2025, 1, 11)), "calls", "subscriber_id") == [("a",)]


def test_the_lag_holds_for_months_and_for_late_filled_columns(rows_as_tables, read):
    """The bill and its payment each come so many days after they happened."""
    load = _load([_bill("a", "2025-01-01", 50, paid=50, on="2025-02-20")], 5)
    tables = rows_as_tables({"bills": [load]})
    seen = [
        [on for (on,) in read(tables.known_at(day), "bills", "paid_on")]
        for day in (date(2025, 2, 4), date(2025, 2, 5), date(2025, 2, 24), date(2025, 2, 25))
    ]
    assert seen == [[], [None], [None], [date(2025, 2, 20)]]


def test_an_undated_value_of_an_initial_load_is_unknown_before_extraction(rows_as_tables, read):
    """Nobody can tell when an amount without its date came."""
    tables = rows_as_tables({"bills": [_load([_bill("a", "2025-01-01", 50, paid=20)], 5)]})
    assert read(tables.known_at(date(2025, 5, 31)), "bills", "amount_paid") == [(None,)]
    assert read(tables.known_at(date(2025, 6, 1)), "bills", "amount_paid") != [(None,)]


def test_current_state_columns_are_null_before_the_extraction(rows_as_tables, read):
    """Today's plan says nothing of January; a column declared constant is not listed and stays."""
    row = {
        "subscriber_id": "a",
        "activated_on": "2024-01-01",
        "plan": "gold",
        "product": "mobile",
    }
    tables = rows_as_tables({"subscribers": [_load([row], 0, current_state=("plan",))]})
    columns = ("subscriber_id", "plan", "product")
    before, after = (
        read(tables.known_at(day), "subscribers", *columns)
        for day in (date(2025, 5, 31), date(2025, 6, 1))
    )
    assert before == [("a", None, "mobile")]
    assert after == [("a", "gold", "mobile")]


def test_what_came_in_its_time_beats_what_is_only_assumed(rows_as_tables, read):
    """Extracted in June, a bill says 30; what had been delivered in February said 50."""
    tables = rows_as_tables(
        {
            "bills": [
                ("2025-02-03", "2025-01-31", [_bill("a", "2025-01-01", 50)]),
                _load([_bill("a", "2025-01-01", 30)], 5),
            ]
        }
    )
    seen = [
        [int(due) for (due,) in read(tables.known_at(day), "bills", "amount_due")]
        for day in (date(2025, 3, 1), date(2025, 6, 1))
    ]
    assert seen == [[50], [30]]


def test_a_full_table_delivered_in_time_beats_an_assumed_one(rows_as_tables, read):
    """Before the extraction the last delivery that had come is the table, if there was one."""
    tables = rows_as_tables(
        {
            "subscribers": [
                _load([{"subscriber_id": "a", "activated_on": "2024-01-01"}], 0),
                ("2025-02-03", "2025-01-31", [{"subscriber_id": "b"}]),
            ]
        }
    )
    seen = [
        read(tables.known_at(day), "subscribers", "subscriber_id")
        for day in (date(2025, 2, 2), date(2025, 2, 3), date(2025, 6, 1))
    ]
    assert seen == [[("a",)], [("b",)], [("a",)]]
