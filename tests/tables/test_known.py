"""What a day knew: happened before it, delivered by it, restated as of it."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from churn.errors import ExtractError
from churn.tables import TABLES, Delivery, Tables
from churn.windows import Window


@pytest.fixture
def read(engine):
    """Return chosen columns of a known table, sorted, as tuples."""

    def run(known, table, *columns):
        rows = engine.to_arrow(known.table(table).select(*columns), order_by=list(columns))
        return [tuple(row.values()) for row in rows.to_pylist()]

    return run


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


def _complaint(number, opened, closed=None, category=None):
    return {
        "complaint_id": number,
        "subscriber_id": "a",
        "opened_at": opened,
        "closed_at": closed,
        "category": category,
    }


# ── when a fact happened ──


def test_the_day_itself_is_the_future(rows_as_tables, read):
    """A fact of the day before counts to its last second; one of the day's first does not."""
    calls = [_call("a", "2025-01-31 23:59:59"), _call("a", "2025-02-01 00:00:00")]
    known = rows_as_tables({"calls": calls}).known_at(date(2025, 2, 1))
    assert read(known, "calls", "started_at") == [(datetime(2025, 1, 31, 23, 59, 59),)]  # noqa: DTZ001 - local


def test_a_dated_fact_of_the_day_is_the_future_too(rows_as_tables, read):
    """Dates follow the same rule as times."""
    arrears = [
        {"subscriber_id": "a", "as_of": day, "amount_overdue": 1}
        for day in ("2025-01-31", "2025-02-01")
    ]
    known = rows_as_tables({"arrears": arrears}).known_at(date(2025, 2, 1))
    assert read(known, "arrears", "as_of") == [(date(2025, 1, 31),)]


def test_a_months_rows_occur_on_its_last_day(rows_as_tables, read):
    """January's bill is unknown on 31 January, whatever day it was delivered, and known after."""
    tables = rows_as_tables({"bills": [_bill("a", "2025-01-01", 50)]})
    assert read(tables.known_at(date(2025, 1, 31)), "bills", "bill_month") == []
    assert read(tables.known_at(date(2025, 2, 1)), "bills", "bill_month") == [(date(2025, 1, 1),)]


def test_a_row_without_a_date_of_occurrence_is_known_with_its_delivery(rows_as_tables, read):
    """A subscriber never activated is on the books; one activated tomorrow is not yet."""
    rows = [
        {"subscriber_id": "never"},
        {"subscriber_id": "tomorrow", "activated_on": "2025-02-02"},
        {"subscriber_id": "yesterday", "activated_on": "2025-01-31"},
    ]
    known = rows_as_tables({"subscribers": rows}).known_at(date(2025, 2, 1))
    assert read(known, "subscribers", "subscriber_id") == [("never",), ("yesterday",)]


# ── when it was delivered ──


def test_a_delivery_is_known_from_its_day_on(rows_as_tables, read):
    """What comes on the day itself can be used that night; what comes tomorrow cannot."""
    tables = rows_as_tables(
        {"calls": [("2025-02-03", "2025-01-31", [_call("a", "2025-01-15 10:00")])]}
    )
    assert not tables.known_at(date(2025, 2, 2)).has("calls")
    assert read(tables.known_at(date(2025, 2, 2)), "calls", "subscriber_id") == []
    assert read(tables.known_at(date(2025, 2, 3)), "calls", "subscriber_id") == [("a",)]


def test_appended_deliveries_add_up(rows_as_tables, read):
    """Append: every delivery known by the day counts, and rows without a key all stay."""
    same = _call("a", "2025-01-15 10:00")
    tables = rows_as_tables(
        {
            "calls": [
                ("2025-02-03", "2025-01-31", [same, same]),
                ("2025-03-03", "2025-02-28", [_call("b", "2025-02-15 10:00")]),
            ]
        }
    )
    assert read(tables.known_at(date(2025, 3, 2)), "calls", "subscriber_id") == [("a",), ("a",)]
    assert len(read(tables.known_at(date(2025, 3, 3)), "calls", "subscriber_id")) == 3


def test_a_restated_row_has_the_value_its_day_knew(rows_as_tables, read):
    """Append with a key: of each key the row delivered last by the day, never a later one."""
    tables = rows_as_tables(
        {
            "bills": [
                ("2025-02-03", "2025-01-31", [_bill("a", "2025-01-01", 50)]),
                ("2025-03-03", "2025-02-28", [_bill("a", "2025-01-01", 40)]),
                ("2025-04-03", "2025-03-31", [_bill("a", "2025-01-01", 30)]),
            ]
        }
    )
    seen = [
        [int(due) for (due,) in read(tables.known_at(day), "bills", "amount_due")]
        for day in (date(2025, 2, 3), date(2025, 3, 2), date(2025, 3, 3), date(2025, 5, 1))
    ]
    assert seen == [[50], [50], [40], [30]]


def test_a_fact_restated_into_the_future_has_not_happened(rows_as_tables, read):
    """A case whose opening was moved behind the day does not come back in its older version."""
    tables = rows_as_tables(
        {
            "complaints": [
                ("2025-02-03", "2025-01-31", [_complaint("c1", "2025-01-10 09:00")]),
                ("2025-03-03", "2025-02-28", [_complaint("c1", "2025-03-10 09:00")]),
            ]
        }
    )
    opened = {
        day: read(tables.known_at(day), "complaints", "complaint_id")
        for day in (date(2025, 2, 3), date(2025, 3, 5), date(2025, 3, 11))
    }
    assert list(opened.values()) == [[("c1",)], [], [("c1",)]]


def test_two_versions_of_one_day_are_decided_by_content(rows_as_tables, read):
    """Two files of one delivery that contradict each other: the same row wins in either order."""
    one = ("2025-02-03", "2025-01-31", [_bill("a", "2025-01-01", 50)])
    two = ("2025-02-03", "2025-01-31", [_bill("a", "2025-01-01", 40)])
    seen = [
        read(rows_as_tables({"bills": files}).known_at(date(2025, 3, 1)), "bills", "amount_due")
        for files in ([one, two], [two, one])
    ]
    assert seen[0] == seen[1]
    assert len(seen[0]) == 1


def test_of_a_full_table_only_the_latest_counts(rows_as_tables, read):
    """Full: a row missing from the newest delivery has gone, and was there the day before."""
    tables = rows_as_tables(
        {
            "subscribers": [
                ("2025-02-03", "2025-01-31", [{"subscriber_id": "a"}, {"subscriber_id": "b"}]),
                ("2025-03-03", "2025-02-28", [{"subscriber_id": "b"}, {"subscriber_id": "c"}]),
            ]
        }
    )
    seen = [
        [who for (who,) in read(tables.known_at(day), "subscribers", "subscriber_id")]
        for day in (date(2025, 3, 2), date(2025, 3, 3))
    ]
    assert seen == [["a", "b"], ["b", "c"]]


def test_a_partition_delivered_anew_is_replaced(rows_as_tables, read):
    """Partition: the table-and-period is what its last delivery says; other periods stay."""

    def month(partition, delivered_on, *calls):
        return {
            "partition": partition,
            "mode": "partition",
            "delivered_on": delivered_on,
            "covers_until": "2025-02-28",
            "rows": list(calls),
        }

    tables = rows_as_tables(
        {
            "calls": [
                month("202501", "2025-02-03", _call("a", "2025-01-10"), _call("b", "2025-01-11")),
                month("202502", "2025-03-03", _call("c", "2025-02-10")),
                month("202501", "2025-04-03", _call("a", "2025-01-12")),
            ]
        }
    )
    seen = [
        [who for (who,) in read(tables.known_at(day), "calls", "subscriber_id")]
        for day in (date(2025, 2, 28), date(2025, 4, 2), date(2025, 4, 3))
    ]
    assert seen == [["a", "b"], ["a", "b", "c"], ["a", "c"]]


def test_files_of_one_full_delivery_stay_together(rows_as_tables, read):
    """Several files delivered on one day are one delivery."""
    tables = rows_as_tables(
        {
            "subscribers": [
                ("2025-01-03", "2024-12-31", [{"subscriber_id": "old"}]),
                ("2025-02-03", "2025-01-31", [{"subscriber_id": "a"}]),
                ("2025-02-03", "2025-01-31", [{"subscriber_id": "b"}]),
            ]
        }
    )
    known = tables.known_at(date(2025, 2, 10))
    assert read(known, "subscribers", "subscriber_id") == [("a",), ("b",)]


# ── values filled in later ──


def test_late_filled_columns_are_unknown_until_what_fills_them(rows_as_tables, read):
    """A payment of 20 February is unknown on that day, although the row was read in May."""
    bill = _bill("a", "2025-01-01", 50, paid=50, on="2025-02-20")
    tables = rows_as_tables({"bills": [bill]})
    seen = [
        [
            (paid and int(paid), on)
            for paid, on in read(tables.known_at(day), "bills", "amount_paid", "paid_on")
        ]
        for day in (date(2025, 2, 20), date(2025, 2, 21))
    ]
    assert seen == [[(None, None)], [(50, date(2025, 2, 20))]]


def test_every_late_filled_column_is_masked(rows_as_tables, read):
    """Closing, repair and completion are unknown until they happen."""
    tables = rows_as_tables(
        {
            "complaints": [_complaint("c1", "2025-01-10 09:00", closed="2025-02-01 08:00")],
            "faults": [
                {
                    "fault_id": "f1",
                    "subscriber_id": "a",
                    "opened_at": "2025-01-10 09:00",
                    "restored_at": "2025-02-01 08:00",
                }
            ],
            "service_orders": [
                {
                    "order_id": "o1",
                    "subscriber_id": "a",
                    "ordered_on": "2025-01-10",
                    "done_on": "2025-02-01",
                }
            ],
        }
    )
    masked = (("complaints", "closed_at"), ("faults", "restored_at"), ("service_orders", "done_on"))
    for table, column in masked:
        assert read(tables.known_at(date(2025, 2, 1)), table, column) == [(None,)]
        assert read(tables.known_at(date(2025, 2, 2)), table, column) != [(None,)]


def test_an_amount_without_its_date_is_what_the_delivery_knew(rows_as_tables, read):
    """In a delivery that came in its time, a part payment without a date had been made by then."""
    tables = rows_as_tables(
        {"bills": [("2025-02-03", "2025-01-31", [_bill("a", "2025-01-01", 50, paid=20)])]}
    )
    known = tables.known_at(date(2025, 2, 3))
    assert [int(paid) for (paid,) in read(known, "bills", "amount_paid")] == [20]


# ── a history extracted on one day ──


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


# ── how far it was observed ──


def test_observed_through_is_the_latest_cover_known(rows_as_tables):
    """The latest day that known deliveries cover; a correction of an old month takes none away."""
    tables = rows_as_tables(
        {
            "calls": [
                ("2025-02-03", "2025-01-31", []),
                ("2025-03-03", "2025-02-28", []),
                ("2025-03-20", "2025-01-31", []),
            ]
        }
    )
    seen = [
        tables.known_at(day).observed_through("calls")
        for day in (date(2025, 2, 2), date(2025, 2, 3), date(2025, 3, 2), date(2025, 3, 25))
    ]
    assert seen == [None, date(2025, 1, 31), date(2025, 1, 31), date(2025, 2, 28)]


def test_observed_through_an_initial_load_trails_by_its_lag(rows_as_tables):
    """Training replays the data age that the assumed lag stands for."""
    tables = rows_as_tables({"calls": [_load([], 5)]})
    assert tables.known_at(date(2025, 3, 10)).observed_through("calls") == date(2025, 3, 5)
    assert tables.known_at(date(2025, 6, 1)).observed_through("calls") == date(2025, 5, 31)


def test_no_delivery_covers_the_future(rows_as_tables):
    """A delivery named by a month that still runs was not observed beyond the day."""
    tables = rows_as_tables({"calls": [("2025-03-10", "2025-03-31", [])]})
    assert tables.known_at(date(2025, 3, 12)).observed_through("calls") == date(2025, 3, 12)


def test_lookback_windows_end_where_the_deliveries_end(rows_as_tables):
    """With data through January, the last 90 days of 15 February end on 31 January, included."""
    tables = rows_as_tables({"calls": [("2025-02-03", "2025-01-31", [])]})
    known = tables.known_at(date(2025, 2, 15))
    assert known.window("calls", 90) == Window(date(2024, 11, 3), date(2025, 2, 1))
    assert known.window("faults", 90) == Window(date(2025, 2, 15), date(2025, 2, 15))


def test_lookback_windows_never_reach_the_day(rows_as_tables):
    """Data that covers more than the past gives the window no more than the past."""
    known = rows_as_tables({"calls": []}).known_at(date(2025, 2, 15))
    assert known.window("calls", 30) == Window(date(2025, 1, 16), date(2025, 2, 15))


def test_the_latest_night_is_when_every_table_had_its_latest_delivery(rows_as_tables):
    """The default as-of is read off the deliveries, never off the clock."""
    tables = rows_as_tables(
        {
            "calls": [("2025-02-03", "2025-01-31", []), ("2025-03-03", "2025-02-28", [])],
            "bills": [("2025-02-10", "2025-01-31", [])],
        }
    )
    assert tables.latest_night(["calls", "bills"]) == date(2025, 3, 3)
    with pytest.raises(ExtractError, match="table faults was never delivered"):
        tables.latest_night(["calls", "faults"])


# ── shape ──


@pytest.mark.parametrize("name", TABLES)
def test_a_table_that_was_not_delivered_is_empty_but_has_its_columns(engine, name):
    """Families may ask for any canonical table; absent ones have no rows."""
    known = Tables(engine, []).known_at(date(2025, 1, 1))
    assert not known.has(name)
    table = getattr(known, name)
    assert table.schema() == TABLES[name].schema
    assert engine.to_arrow(table).num_rows == 0


@pytest.mark.parametrize("name", TABLES)
def test_known_columns_keep_their_declared_types(rows_as_tables, name):
    """Masks, lags and restatements change no column's name, order or type."""
    tables = rows_as_tables({name: [_load([], 3), ("2025-02-03", "2025-01-31", [])]})
    for day in (date(2025, 3, 1), date(2025, 7, 1)):
        assert tables.known_at(day).table(name).schema() == TABLES[name].schema


def test_there_is_no_other_table(engine):
    """A misspelt table is an error, not an empty one."""
    with pytest.raises(AttributeError, match="bilsl"):
        _ = Tables(engine, []).known_at(date(2025, 1, 1)).bilsl


def test_deliveries_may_be_given_in_any_order(engine):
    """One slot delivered twice on a day, once assumed, once not: ordering them does not fail."""
    day = date(2025, 1, 1)
    two = [Delivery("calls", "", day, day, "append", lag) for lag in (None, 3)]
    assert Tables(engine, two).deliveries == Tables(engine, two[::-1]).deliveries
