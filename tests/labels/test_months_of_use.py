"""Months of use: what the two lists of silent lines are told from."""

from __future__ import annotations

from datetime import date

from churn.labels.silence import months_of_use

NIGHT = date(2025, 3, 10)


def test_a_month_of_use_is_one_row_with_its_last_day(engine, rows_as_tables):
    """What is received is no use, what is surfed is; of monthly sums the month's last day."""

    def call(day, kind="voice", direction="out"):
        moment = f"{day} 10:00:00"
        return {"subscriber_id": "s", "started_at": moment, "kind": kind, "direction": direction}

    known = rows_as_tables(
        {
            "calls": [
                call("2025-01-02"),
                call("2025-01-30", kind="data", direction=None),
                call("2025-01-31", direction="in"),
                call("2025-02-01"),
            ],
            "usage_monthly": [
                {"subscriber_id": "s", "month": "2025-02-01", "megabytes": 3},
                {"subscriber_id": "t", "month": "2025-02-01", "megabytes": 0},
                {"subscriber_id": "t", "month": "2025-01-01", "sms": 2, "recharges": 1},
                {"subscriber_id": "u", "month": "2025-01-01", "recharges": 1},
            ],
        }
    ).known_at(NIGHT)
    found = engine.to_arrow(months_of_use(known), order_by=["subscriber_id", "month", "last_on"])
    assert [tuple(row.values()) for row in found.to_pylist()] == [
        ("s", date(2025, 1, 1), date(2025, 1, 30)),
        ("s", date(2025, 2, 1), date(2025, 2, 1)),
        ("s", date(2025, 2, 1), date(2025, 2, 28)),
        ("t", date(2025, 1, 1), date(2025, 1, 31)),
    ]


def test_without_records_of_use_there_are_no_months(rows_as_tables):
    """No record is not the record of no use."""
    assert months_of_use(rows_as_tables({"subscribers": []}).known_at(NIGHT)) is None
