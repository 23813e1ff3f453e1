"""Who is at risk at a snapshot, and why the others are not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from churn.engines import Engine
from churn.panel import REASONS, left_out, population
from churn.states import StateSettings
from churn.tables import Known
from churn.windows import TimeSettings

SNAPSHOT = date(2025, 3, 10)


def rows_of(engine: Engine, known: Known) -> dict[str, dict[str, Any]]:
    """Compute the population by subscriber."""
    table = population(known, TimeSettings(), StateSettings())
    return {row["subscriber_id"]: row for row in engine.to_arrow(table).to_pylist()}


def world(
    rows_as_tables: Any, lines: Sequence[tuple[str, str | None, list[tuple[str, str]]]]
) -> Any:
    """Write lines as (id, activated_on, [(day, code)])."""
    return rows_as_tables(
        {
            "subscribers": [
                {"subscriber_id": line, "activated_on": since} for line, since, _ in lines
            ],
            "status_events": [
                {"subscriber_id": line, "effective_at": f"{day} 09:00", "status": code}
                for line, _, events in lines
                for day, code in events
            ],
        }
    )


def test_everyone_left_out_is_left_out_for_a_named_reason(
    engine: Engine, rows_as_tables: Any
) -> None:
    """In service, blocked and on hold are at risk; each other state has its reason."""
    old = "2020-01-01"
    lines = [
        ("served", old, [(old, "在用")]),
        ("blocked", old, [(old, "在用"), ("2025-03-01", "单停")]),
        ("on hold", old, [(old, "在用"), ("2025-03-01", "停机保号")]),
        ("suspended", old, [(old, "在用"), ("2025-03-01", "双停")]),
        ("gone", old, [(old, "在用"), ("2025-03-01", "携号转出")]),
        ("locked", old, [(old, "在用"), ("2025-02-01", "强拆销号"), ("2025-02-02", "锁定期")]),
        ("administrative", old, [(old, "在用"), ("2025-03-01", "过户")]),
        ("never_used", old, [(old, "预登录停机")]),
        ("stopped", old, [(old, "在用"), ("2025-02-01", "预登录停机")]),
        ("no_status", old, []),
        ("not_activated", None, [(old, "在用")]),
        ("too_new", "2025-02-01", [("2025-02-01", "在用")]),
    ]
    found = rows_of(engine, world(rows_as_tables, lines).known_at(SNAPSHOT))
    expected = {line: line if line in REASONS else None for line, _, _ in lines}
    expected["locked"] = expected["stopped"] = "gone"
    assert {line: row["reason"] for line, row in found.items()} == expected
    assert {line for line, row in found.items() if row["eligible"]} == {
        "served",
        "blocked",
        "on hold",
    }


def test_lines_that_no_customer_holds_and_objections_to_profiling_are_left_out(
    engine: Engine, rows_as_tables: Any
) -> None:
    """A refusal of channels or of offers is none of profiling; a companion line is a customer's."""
    books = {
        "main": {"role": "main", "opt_outs": "call;sms:marketing"},
        "companion": {"role": "companion"},
        "unknown": {},
        **{role: {"role": role} for role in ("machine", "staff", "test", "dealer")},
        "objected": {"role": "main", "opt_outs": "call;email:profiling"},
    }
    tables = {
        "subscribers": [
            {"subscriber_id": line, "activated_on": "2020-01-01", **columns}
            for line, columns in books.items()
        ],
        "status_events": [
            {"subscriber_id": line, "effective_at": "2020-01-01", "status": "在用"}
            for line in books
        ],
    }
    found = rows_of(engine, rows_as_tables(tables).known_at(SNAPSHOT))
    none = dict.fromkeys(("main", "companion", "unknown"))
    roles = dict.fromkeys(("machine", "staff", "test", "dealer"), "no_customer")
    expected = none | roles | {"objected": "objected"}
    assert {line: row["reason"] for line, row in found.items()} == expected


def test_sixty_days_are_enough_and_fifty_nine_are_not(engine: Engine, rows_as_tables: Any) -> None:
    """Tenure counts from the day of activation to the snapshot."""
    lines = [
        ("sixty", "2025-01-09", [("2025-01-09", "在用")]),
        ("fifty-nine", "2025-01-10", [("2025-01-10", "在用")]),
    ]
    found = rows_of(engine, world(rows_as_tables, lines).known_at(SNAPSHOT))
    assert found["sixty"]["eligible"]
    assert found["fifty-nine"]["reason"] == "too_new"


def test_what_happens_on_the_snapshot_day_is_the_future(
    engine: Engine, rows_as_tables: Any
) -> None:
    """A line that ports out on the snapshot day was still at risk that morning."""
    lines = [("s", "2020-01-01", [("2020-01-01", "在用"), ("2025-03-10", "携号转出")])]
    assert rows_of(engine, world(rows_as_tables, lines).known_at(SNAPSHOT))["s"]["eligible"]


def test_a_departure_learned_later_leaves_the_line_at_risk(
    engine: Engine, rows_as_tables: Any
) -> None:
    """Population is what the night believed: its list paid for those already gone, too."""
    known_late = rows_as_tables(
        {
            "subscribers": [{"subscriber_id": "s", "activated_on": "2020-01-01"}],
            "status_events": [
                (
                    "2025-03-05",
                    "2025-02-28",
                    [{"subscriber_id": "s", "effective_at": "2020-01-01", "status": "在用"}],
                ),
                (
                    "2025-04-05",
                    "2025-03-31",
                    [{"subscriber_id": "s", "effective_at": "2025-03-02", "status": "携号转出"}],
                ),
            ],
        }
    )
    assert rows_of(engine, known_late.known_at(SNAPSHOT))["s"]["eligible"]


def test_a_line_off_the_books_is_counted(engine: Engine, rows_as_tables: Any) -> None:
    """Nobody vanishes: a status without a row on the books is a reason of its own."""
    tables = rows_as_tables(
        {
            "subscribers": [
                {"subscriber_id": "a", "customer_id": "c", "activated_on": "2020-01-01"}
            ],
            "status_events": [
                {"subscriber_id": line, "effective_at": "2020-01-01", "status": "在用"}
                for line in ("a", "b")
            ],
        }
    )
    known = tables.known_at(SNAPSHOT)
    found = rows_of(engine, known)
    assert found["a"]["customer_id"] == "c"
    assert found["b"]["customer_id"] == "b"
    counted = engine.to_arrow(left_out(population(known, TimeSettings(), StateSettings())))
    assert {row["reason"]: row["rows"] for row in counted.to_pylist()} == {
        "eligible": 1,
        "off_the_books": 1,
    }
