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


def _complaint(escalated):
    return {
        "complaint_id": "c1",
        "subscriber_id": "a",
        "opened_at": "2025-01-10 09:00",
        "closed_at": "2025-02-20 09:00",
        "escalated": escalated,
    }


def test_what_was_filled_in_at_no_known_time_is_unknown_before_the_extraction(rows_as_tables, read):
    """Whether a case had been escalated by March, nobody can tell from an extract of June."""
    tables = rows_as_tables({"complaints": [_load([_complaint(escalated=True)], 1)]})
    seen = [
        read(tables.known_at(day), "complaints", "complaint_id", "escalated")
        for day in (date(2025, 3, 1), date(2025, 6, 1))
    ]
    assert seen == [[("c1", None)], [("c1", True)]]


def test_what_is_declared_constant_is_known_with_its_row(rows_as_tables, read):
    """An operator that decides about escalation on opening may say so."""
    load = _load([_complaint(escalated=True)], 1, constant=("escalated",))
    tables = rows_as_tables({"complaints": [load]})
    assert read(tables.known_at(date(2025, 3, 1)), "complaints", "escalated") == [(True,)]


def test_what_comes_in_its_time_was_filled_in_by_then(rows_as_tables, read):
    """A delivery of February that says escalated was there to be read in February."""
    rows = [_complaint(escalated=True)]
    tables = rows_as_tables({"complaints": [("2025-02-03", "2025-01-31", rows)]})
    assert read(tables.known_at(date(2025, 2, 3)), "complaints", "escalated") == [(True,)]


def test_regular_deliveries_follow_an_initial_load(rows_as_tables, read):
    """History assumed, then months in their time: each row once, nothing assumed of the later."""
    tables = rows_as_tables(
        {
            "calls": [
                _load([_call("a", "2025-05-10 10:00")], 5),
                ("2025-07-03", "2025-06-30", [_call("b", "2025-06-29 10:00")]),
            ]
        }
    )
    seen = {
        day: (
            [who for (who,) in read(tables.known_at(day), "calls", "subscriber_id")],
            tables.known_at(day).observed_through("calls"),
        )
        for day in (date(2025, 5, 20), date(2025, 7, 2), date(2025, 7, 3))
    }
    assert list(seen.values()) == [
        (["a"], date(2025, 5, 15)),
        (["a"], date(2025, 5, 31)),
        (["a", "b"], date(2025, 6, 30)),
    ]


def test_a_full_table_follows_its_initial_load(rows_as_tables, read):
    """Current state: hidden before the extraction, the extract's until the next table, then that's.

    A line that only the extract holds has gone when the next table comes.
    """

    def line(who, plan):
        return {"subscriber_id": who, "activated_on": "2024-01-01", "plan": plan}

    tables = rows_as_tables(
        {
            "subscribers": [
                _load([line("a", "gold"), line("b", "gold")], 0, current_state=("plan",)),
                ("2025-07-01", "2025-06-30", [line("a", "silver")]),
            ]
        }
    )
    seen = [
        read(tables.known_at(day), "subscribers", "subscriber_id", "plan")
        for day in (date(2025, 5, 31), date(2025, 6, 15), date(2025, 7, 1))
    ]
    assert seen == [
        [("a", None), ("b", None)],
        [("a", "gold"), ("b", "gold")],
        [("a", "silver")],
    ]


def test_a_restatement_replaces_what_was_assumed_from_its_delivery_on(rows_as_tables, read):
    """A bill of the load corrected in July says what the load said until July."""
    tables = rows_as_tables(
        {
            "bills": [
                _load([_bill("a", "2025-01-01", 30)], 5),
                ("2025-07-03", "2025-06-30", [_bill("a", "2025-01-01", 20)]),
            ]
        }
    )
    seen = [
        [int(due) for (due,) in read(tables.known_at(day), "bills", "amount_due")]
        for day in (date(2025, 3, 1), date(2025, 6, 2), date(2025, 7, 3))
    ]
    assert seen == [[30], [30], [20]]


def test_a_partition_of_the_load_delivered_anew_replaces_it(rows_as_tables, read):
    """A table without a key is restated by its partition, the load's as any other."""
    tables = rows_as_tables(
        {
            "calls": [
                _load(
                    [_call("a", "2025-05-10 10:00"), _call("b", "2025-05-11 10:00")],
                    5,
                    mode="partition",
                    partition="202505",
                ),
                {
                    "mode": "partition",
                    "partition": "202505",
                    "delivered_on": "2025-07-03",
                    "covers_until": "2025-05-31",
                    "rows": [_call("a", "2025-05-10 10:00")],
                },
            ]
        }
    )
    seen = [
        [who for (who,) in read(tables.known_at(day), "calls", "subscriber_id")]
        for day in (date(2025, 5, 25), date(2025, 7, 2), date(2025, 7, 3))
    ]
    assert seen == [["a", "b"], ["a", "b"], ["a"]]


def test_a_superseded_load_does_not_tell_how_far_a_full_table_is_observed(rows_as_tables):
    """Before the extraction the table is what had come by then, and as old as that."""
    tables = rows_as_tables(
        {
            "subscribers": [
                _load([{"subscriber_id": "a"}], 0),
                ("2025-02-03", "2025-01-31", [{"subscriber_id": "b"}]),
            ]
        }
    )
    assert tables.known_at(date(2025, 3, 15)).observed_through("subscribers") == date(2025, 1, 31)
