"""What a day knew: happened before it, delivered by it, restated as of it."""

from __future__ import annotations

from datetime import date, datetime

from ibis.expr import operations as ops


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
    assert read(known, "calls", "started_at") == [(datetime(2025, 1, 31, 23, 59, 59),)]


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


def test_deliveries_of_days_of_their_own_are_not_held_to_each_other(rows_as_tables, read):
    """Months that came each in its delivery restate nothing: no row is looked for in another's."""
    months = [
        ("2025-02-03", "2025-01-31", [_bill("a", "2025-01-01", 50), _bill("b", "2025-01-01", 7)]),
        ("2025-03-03", "2025-02-28", [_bill("a", "2025-02-01", 40)]),
    ]
    late = ("2025-04-03", "2025-03-31", [_bill("a", "2025-02-01", 30), _bill("a", "2025-03-01", 9)])
    apart = rows_as_tables({"bills": months}).known_at(date(2025, 5, 1))
    held = rows_as_tables({"bills": [*months, late]}).known_at(date(2025, 5, 1))
    assert not apart.bills.op().find(ops.WindowFunction)
    assert held.bills.op().find(ops.WindowFunction)
    assert [int(due) for (due,) in read(apart, "bills", "amount_due")] == [7, 40, 50]
    assert [int(due) for (due,) in read(held, "bills", "amount_due")] == [7, 9, 30, 50]


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


def _part(partition, delivered_on, *rows):
    return {
        "partition": partition,
        "mode": "partition",
        "delivered_on": delivered_on,
        "covers_until": "2025-02-28",
        "rows": list(rows),
    }


def test_a_smaller_partition_takes_its_rows_away(rows_as_tables, read):
    """A row missing from its partition's redelivery was a mistake: its older version is gone."""
    tables = rows_as_tables(
        {
            "bills": [
                _part("202501", "2025-02-03", _bill("a", "2025-01-01", 50)),
                _part("202501", "2025-03-03"),
            ]
        }
    )
    seen = [
        read(tables.known_at(day), "bills", "subscriber_id")
        for day in (date(2025, 3, 2), date(2025, 3, 3))
    ]
    assert seen == [[("a",)], []]


def test_a_row_that_moves_between_partitions_counts_once(rows_as_tables, read):
    """Of one key the row delivered last, whichever partition holds it: the north, then the south.

    When the north comes again without it, nothing changes.
    """
    tables = rows_as_tables(
        {
            "bills": [
                _part("north", "2025-02-03", _bill("a", "2025-01-01", 50)),
                _part("south", "2025-02-10", _bill("a", "2025-01-01", 40)),
                _part("north", "2025-03-03"),
            ]
        }
    )
    seen = [
        [int(due) for (due,) in read(tables.known_at(day), "bills", "amount_due")]
        for day in (date(2025, 2, 3), date(2025, 2, 10), date(2025, 3, 3))
    ]
    assert seen == [[50], [40], [40]]


def test_partitions_of_one_day_stand_side_by_side(rows_as_tables, read):
    """Two periods delivered on one day are two deliveries; neither replaces the other."""
    tables = rows_as_tables(
        {
            "calls": [
                _part("202501", "2025-03-03", _call("a", "2025-01-10")),
                _part("202502", "2025-03-03", _call("b", "2025-02-10")),
            ]
        }
    )
    seen = read(tables.known_at(date(2025, 3, 3)), "calls", "subscriber_id")
    assert seen == [("a",), ("b",)]


def test_a_row_that_vanished_from_a_full_table_may_come_back(rows_as_tables, read):
    """The table of each day is its latest delivery, and nothing of the ones before."""
    tables = rows_as_tables(
        {
            "subscribers": [
                (f"2025-0{month}-03", f"2025-0{month}-01", [{"subscriber_id": who} for who in whos])
                for month, whos in enumerate(("ab", "b", "ab"), start=1)
            ]
        }
    )
    seen = [
        "".join(who for (who,) in read(tables.known_at(day), "subscribers", "subscriber_id"))
        for day in (date(2025, 2, 2), date(2025, 2, 3), date(2025, 3, 3))
    ]
    assert seen == ["ab", "b", "ab"]


def test_a_full_table_of_events_forgets_what_it_no_longer_holds(rows_as_tables, read):
    """Any table may be delivered whole; a complaint withdrawn is then gone."""
    both = [_complaint("c1", "2025-01-10 09:00"), _complaint("c2", "2025-01-11 09:00")]
    tables = rows_as_tables(
        {
            "complaints": [
                ("2025-02-03", "2025-01-31", both),
                ("2025-03-03", "2025-02-28", both[:1]),
            ]
        },
        mode="full",
    )
    seen = [
        read(tables.known_at(day), "complaints", "complaint_id")
        for day in (date(2025, 3, 2), date(2025, 3, 3))
    ]
    assert seen == [[("c1",), ("c2",)], [("c1",)]]


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


def test_a_date_that_masks_is_itself_restated(rows_as_tables, read):
    """A payment first dated 20 February, then 25 March: each day believes its latest delivery.

    On 10 March the older date does not come back, though it lies before that day.
    """
    tables = rows_as_tables(
        {
            "bills": [
                ("2025-02-21", "2025-01-31", [_bill("a", "2025-01-01", 50, 50, "2025-02-20")]),
                ("2025-03-03", "2025-02-28", [_bill("a", "2025-01-01", 50, 30, "2025-03-25")]),
            ]
        }
    )
    seen = [
        [
            (paid and int(paid), on)
            for paid, on in read(tables.known_at(day), "bills", "amount_paid", "paid_on")
        ]
        for day in (date(2025, 2, 21), date(2025, 3, 10), date(2025, 3, 26))
    ]
    assert seen == [[(50, date(2025, 2, 20))], [(None, None)], [(30, date(2025, 3, 25))]]


def test_what_is_masked_does_not_choose_between_two_versions(rows_as_tables, read):
    """Two rows of one key and day that differ in what nobody knows yet are one row to that day."""
    one = _complaint("c1", "2025-01-10 09:00", "2025-03-10 09:00", "charges")
    two = _complaint("c1", "2025-01-10 09:00", "2025-03-20 09:00", "charges")
    seen = [
        read(
            rows_as_tables(
                {"complaints": [("2025-02-03", "2025-01-31", [row]) for row in rows]}
            ).known_at(date(2025, 3, 1)),
            "complaints",
            "complaint_id",
            "closed_at",
            "category",
        )
        for rows in ([one, two], [two, one], [one])
    ]
    assert seen == [[("c1", None, "charges")]] * 3
