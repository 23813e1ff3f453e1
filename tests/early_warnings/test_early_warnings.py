"""Commitments that end, lines gone silent, port-out queries: little deliveries in, rows out."""

from __future__ import annotations

from datetime import date

import ibis

from churn.early_warnings import EarlyWarningSettings, downgrades, expiring, port_queries, silent
from churn.labels.silence import months_of_use
from churn.states import StateSettings, spans

NIGHT = date(2025, 3, 10)


def line(subscriber: str, ends: str | None = None, customer: str | None = None):
    """Return one line of the books."""
    return {"subscriber_id": subscriber, "customer_id": customer, "contract_ends_on": ends}


def event(subscriber: str, day: str, status: str):
    """Return one status event."""
    return {"subscriber_id": subscriber, "effective_at": f"{day} 08:00:00", "status": status}


def history(known):
    """Return the spans of service states."""
    return spans(known.status_events, StateSettings())


def gone_silent(known, **settings):
    """Return who has gone silent, by the night's months of use."""
    used = months_of_use(known)
    return silent(known, history(known), used, EarlyWarningSettings(**settings))


def rows(engine, table):
    """Run a warning and return its rows by subscriber."""
    return engine.to_arrow(table, order_by=["subscriber_id"]).to_pylist()


def ending(engine, rows_as_tables, books, events=(), **settings):
    """Return ``subscriber: (commitment, months_left, renewed_until)``, of its earliest end."""
    known = rows_as_tables({"subscribers": books, "status_events": list(events)}).known_at(NIGHT)
    table = expiring(known, history(known), StateSettings(), EarlyWarningSettings(**settings))
    return {
        row["subscriber_id"]: (row["commitment"], row["months_left"], row["renewed_until"])
        for row in engine.to_arrow(
            table, order_by=["subscriber_id", ibis.desc("contract_ends_on")]
        ).to_pylist()
    }


def test_a_commitment_is_listed_by_the_months_until_it_ends(engine, rows_as_tables):
    """One, two, three months; ended not long ago: nought; later, long past or none: not listed."""
    found = ending(
        engine,
        rows_as_tables,
        [
            line("today", "2025-03-10"),
            line("within_1", "2025-04-09"),
            line("within_2", "2025-04-10"),
            line("within_3", "2025-06-09"),
            line("later", "2025-06-10"),
            line("ended", "2025-02-10"),
            line("long_past", "2025-02-07"),
            line("free"),
        ],
    )
    assert found == {
        "today": ("open", 1, None),
        "within_1": ("open", 1, None),
        "within_2": ("open", 2, None),
        "within_3": ("open", 3, None),
        "ended": ("lapsed", 0, None),
    }


def test_what_became_of_a_commitment_comes_in_with_the_deliveries(engine, rows_as_tables):
    """A later end is a renewal, a few days a correction; who has gone was not kept."""
    before = [
        line("renewed", "2025-03-31"),
        line("corrected", "2025-03-31"),
        line("withdrawn", "2025-03-31"),
        line("gone", "2025-03-31"),
        line("off_books", "2025-03-31"),
        line("passed_on", "2025-03-31"),
        line("gone_long_ago", "2025-05-31"),
        line("renewed_late", "2025-02-20"),
    ]
    now = [
        line("renewed", "2027-03-31"),
        line("corrected", "2025-04-15"),
        line("withdrawn"),
        line("gone", "2025-03-31"),
        line("passed_on", "2025-03-31"),
        line("renewed_late", "2026-02-20"),
    ]
    events = [
        event("gone", "2025-02-20", "退网停机"),
        event("passed_on", "2025-02-20", "过户"),
        event("gone_long_ago", "2025-01-10", "携号转出"),
    ]
    books = [("2025-01-05", "2025-01-04", before), ("2025-03-05", "2025-03-04", now)]
    assert ending(engine, rows_as_tables, books, events) == {
        "renewed": ("renewed", 1, date(2027, 3, 31)),
        "corrected": ("open", 2, None),
        "gone": ("gone", 1, None),
        "off_books": ("gone", 1, None),
        "renewed_late": ("renewed", 0, date(2026, 2, 20)),
    }
    longer = ending(engine, rows_as_tables, books, events, correction_days=10)
    assert longer["corrected"] == ("renewed", 1, date(2025, 4, 15))


def test_silence_is_told_of_lines_that_were_used_and_free_to_use(engine, rows_as_tables):
    """Whole months without use; calls received are none; nothing on hold, blocked or unrecorded.

    Who used its line now and then only has not gone silent; machine and companion lines lie still.
    """
    months = ("2024-09", "2024-10", "2024-11")

    def call(subscriber, day, direction="out", kind="voice"):
        return {
            "subscriber_id": subscriber,
            "started_at": f"{day} 10:00:00",
            "direction": direction,
            "kind": kind,
        }

    names = [
        "busy",
        "one",
        "three",
        "only_called",
        "held",
        "blocked",
        "never",
        "new",
        "back",
        "rare",
        "meter",
        "watch",
    ]
    roles = {"meter": "machine", "watch": "companion", "three": "main"}
    known = rows_as_tables(
        {
            "subscribers": [{**line(name), "role": roles.get(name)} for name in names],
            "status_events": [
                *(event(name, "2024-01-01", "在用") for name in names if name != "new"),
                event("new", "2025-02-03", "在用"),
                event("held", "2024-12-01", "停机保号"),
                event("blocked", "2024-12-01", "单停"),
                event("back", "2024-12-01", "停机保号"),
                event("back", "2025-02-01", "在用"),
            ],
            "calls": [
                *(
                    call(name, f"{month}-15")
                    for name in names
                    for month in months
                    if name not in ("never", "new") and (name, month) != ("rare", "2024-10")
                ),
                call("one", "2024-12-05"),
                call("busy", "2025-03-01"),
                call("one", "2025-01-31", kind="data", direction=None),
                call("only_called", "2025-02-20", direction="in"),
            ],
        },
        covers_until="2025-03-09",
    ).known_at(NIGHT)
    found = rows(engine, gone_silent(known))
    assert [(row["subscriber_id"], row["silent_months"], row["last_used_on"]) for row in found] == [
        ("back", 1, date(2024, 11, 15)),
        ("one", 1, date(2025, 1, 31)),
        ("only_called", 3, date(2024, 11, 15)),
        ("three", 3, date(2024, 11, 15)),
    ]
    three = gone_silent(known, silent_months=3)
    assert {row["subscriber_id"] for row in rows(engine, three)} == {"only_called", "three"}


def test_a_month_that_the_records_do_not_cover_is_not_silent(engine, rows_as_tables):
    """Calls are delivered to 20 February only: what February brought, nobody can tell."""
    known = rows_as_tables(
        {
            "subscribers": [line("s")],
            "status_events": [event("s", "2024-01-01", "在用")],
            "calls": [
                {"subscriber_id": "s", "started_at": f"{day} 10:00:00", "direction": "out"}
                for day in ("2024-11-15", "2024-12-15", "2025-01-15")
            ],
        },
        covers_until="2025-02-20",
    ).known_at(NIGHT)
    assert rows(engine, gone_silent(known)) == []


def test_without_records_of_use_nobody_is_called_silent(rows_as_tables):
    """Not delivered is not silent."""
    known = rows_as_tables({"subscribers": [line("s")]}).known_at(NIGHT)
    assert gone_silent(known) is None


def test_port_queries_are_told_for_a_month_and_applications_as_long_as_they_stand(
    engine, rows_as_tables
):
    """Two recent questions; an old one is dropped; who has gone asks nothing any more."""
    asks = [
        ("asked", "2025-03-01", "asked"),
        ("asked", "2025-02-20", "asked"),
        ("old", "2025-01-01", "asked"),
        ("applied", "2024-12-01", "applied"),
        ("gone", "2025-03-01", "asked"),
    ]
    known = rows_as_tables(
        {
            "subscribers": [line(name) for name in ("asked", "old", "applied", "gone")],
            "status_events": [event("gone", "2025-03-05", "携号转出")],
            "port_queries": [
                {"subscriber_id": name, "on": day, "kind": kind} for name, day, kind in asks
            ],
        },
        covers_until="2025-03-09",
    ).known_at(NIGHT)
    found = rows(engine, port_queries(known, history(known), EarlyWarningSettings()))
    assert [
        (row["subscriber_id"], row["asked_on"], row["times_asked"], row["applied_on"])
        for row in found
    ] == [
        ("applied", None, 0, date(2024, 12, 1)),
        ("asked", date(2025, 3, 1), 2, None),
    ]


def test_downgrades_are_sums_of_late_moves_of_lines_in_service(engine, rows_as_tables):
    """Down and up again is none, nor is an old move, one without a fee, or one of who has gone."""
    moves = [
        ("down", "2025-03-01", -40, "asked"),
        ("down", "2025-02-01", -20, "offer_ended"),
        ("partly", "2025-03-01", -40, "asked"),
        ("partly", "2025-03-05", 10, "other"),
        ("undone", "2025-02-01", -40, "asked"),
        ("undone", "2025-03-05", 40, "asked"),
        ("old", "2024-11-01", -40, "asked"),
        ("unknown", "2025-03-01", None, "asked"),
        ("gone", "2025-03-01", -40, "asked"),
    ]
    names = dict.fromkeys(name for name, *_ in moves)
    known = rows_as_tables(
        {
            "subscribers": [line(name) for name in names],
            "status_events": [
                *(event(name, "2020-01-01", "在用") for name in names),
                event("gone", "2025-03-05", "携号转出"),
            ],
            "plan_changes": [
                {
                    "subscriber_id": name,
                    "changed_on": day,
                    "from_plan": "A",
                    "to_plan": "B",
                    "fee_change": change,
                    "reason": reason,
                }
                for name, day, change, reason in moves
            ],
        },
        covers_until="2025-03-09",
    ).known_at(NIGHT)
    found = rows(engine, downgrades(known, history(known), EarlyWarningSettings()))
    assert [
        (row["subscriber_id"], row["downgraded_on"], row["fee_lost"], row["reason"])
        for row in found
    ] == [
        ("down", date(2025, 3, 1), 60.0, "asked"),
        ("partly", date(2025, 3, 1), 30.0, "asked"),
    ]
