"""Features of use are the same from records and from sums kept of them, and count days rightly."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from churn.engines import Engine
from churn.features import View, calls
from churn.features.calendar import Calendar
from churn.features.daily_use import DAILY_USE
from churn.states import StateSettings
from churn.tables import TABLES, Delivery, Tables

FIRST = date(2025, 1, 1)
LINES = ("a", "b", "c", "d")


def record(draw: random.Random, day: date) -> dict[str, Any]:
    """Draw a record of a day, at its ends too."""
    hour = draw.choice((0, 5, 6, 12, 21, 22, 23))
    return {
        "subscriber_id": draw.choice(LINES),
        "peer_id": draw.choice(("p", "q", None)),
        "started_at": datetime(day.year, day.month, day.day, hour, 59, 59),
        "seconds": draw.choice((None, 0, 1, 61, 3600)),
        "megabytes": draw.choice((None, "0.001", "17.5")),
        "direction": draw.choice(("out", "in", None)),
        "kind": draw.choice(("voice", "sms", "data", None)),
        "network": draw.choice(("own", "competitor", "international", None)),
        "charge": draw.choice((None, "0.1", "-0.0001")),
    }


def deliveries(draw: random.Random, mode: str) -> list[dict[str, Any]]:
    """Draw five months of deliveries with late rows; months delivered anew, where such replace."""
    given = []
    for month in range(5):
        start = FIRST + timedelta(days=30 * month)
        for again in range(draw.choice((1, 1, 2)) if mode == "partition" else 1):
            days = [start + timedelta(days=draw.randrange(30)) for _row in range(25)]
            late = [FIRST + timedelta(days=draw.randrange(30 * (month + 1))) for _row in range(5)]
            given.append(
                {
                    "partition": str(month),
                    "delivered_on": start + timedelta(days=30 + 7 * again),
                    "covers_until": start + timedelta(days=29),
                    "mode": mode,
                    "rows": [record(draw, day) for day in (*days, *late)],
                }
            )
    return given


def with_sums(engine: Engine, given: Iterable[Delivery], folder: Path) -> list[Delivery]:
    """Keep the sums of deliveries beside them."""
    kept = []
    for number, delivery in enumerate(given):
        records = engine.read_parquet(list(delivery.paths), TABLES["calls"].schema)
        to = folder / f"sums-{number}.parquet"
        engine.to_parquet(DAILY_USE.by_day(records), to, order_by=["subscriber_id", "day"])
        kept.append(replace(delivery, summed=(to,)))
    return kept


def use(engine: Engine, given: Iterable[Delivery], day: date) -> list[dict[str, Any]]:
    """Compute the family on a day, with a festival in its windows."""
    calendar = Calendar((calls.Window(date(2025, 4, 20), date(2025, 4, 27)),))
    view = View(Tables(engine, given).known_at(day), StateSettings())
    rows = calls.family(calendar).rows(view)
    found: list[dict[str, Any]] = engine.to_arrow(rows, order_by=["subscriber_id"]).to_pylist()
    return found


@pytest.mark.every_engine(long=True)
@pytest.mark.parametrize("mode", ["append", "partition"])
def test_from_sums_as_from_records(
    mode: str, engine: Engine, rows_as_tables: Any, tmp_path: Path
) -> None:
    """Whatever came late or was delivered anew, and of however many deliveries sums are kept."""
    draw = random.Random(f"sums of {mode}")  # noqa: S311 - no secret
    records = list(rows_as_tables({"calls": deliveries(draw, mode)}).deliveries)
    kept = with_sums(engine, records, tmp_path)
    some = [draw.choice(pair) for pair in zip(records, kept, strict=True)]
    for day in (date(2025, 3, 5), date(2025, 5, 3), date(2025, 6, 6)):
        expected = use(engine, records, day)
        assert expected
        assert use(engine, kept, day) == expected, day
        assert use(engine, some, day) == expected, day


def test_days_of_use_are_counted_once(engine: Engine, rows_as_tables: Any, tmp_path: Path) -> None:
    """However many records a day has, and in however many deliveries they came."""
    draw = random.Random(3)  # noqa: S311 - no secret
    given = deliveries(draw, "append")
    records = list(rows_as_tables({"calls": given}).deliveries)
    day = date(2025, 6, 6)
    end = date(2025, 5, 31)  # behind the last day that the deliveries cover
    used: dict[str, set[int]] = {line: set() for line in LINES}
    for delivery in given:
        for row in delivery["rows"]:
            used[row["subscriber_id"]].add((end - row["started_at"].date()).days)
    for rows in (use(engine, records, day), use(engine, with_sums(engine, records, tmp_path), day)):
        assert [row["subscriber_id"] for row in rows] == list(LINES)
        for row in rows:
            ages = {age for age in used[row["subscriber_id"]] if 1 <= age <= 90}
            assert row["days_since_use_90d"] == min(ages)
            assert row["active_days_90d"] == len(ages)
            assert row["active_days_30d"] == sum(age <= 30 for age in ages)
            assert row["active_days_7d"] == sum(age <= 7 for age in ages)
            weeks = {(age - 1) // 7 for age in ages if age <= 84}
            assert row["weeks_silent_84d"] == 12 - len(weeks)
            weekend = [age for age in ages if (end - timedelta(days=age)).weekday() >= 5]
            assert row["weekend_share_90d"] == pytest.approx(len(weekend) / len(ages))


def test_sums_that_cannot_stand_for_rows_are_not_asked(
    engine: Engine, rows_as_tables: Any, tmp_path: Path
) -> None:
    """Before its extraction an initial load tells what it may be assumed to have told."""
    rows = [{"subscriber_id": "a", "started_at": f"2025-03-{day:02} 10:00"} for day in (1, 9)]
    load = {"rows": rows, "delivered_on": date(2025, 6, 1), "assumed_lag": 5, "mode": "append"}
    load["covers_until"] = date(2025, 5, 31)
    records = list(rows_as_tables({"calls": [load]}).deliveries)
    kept = with_sums(engine, records, tmp_path)
    for day in (date(2025, 3, 10), date(2025, 3, 20), date(2025, 6, 2)):
        assert use(engine, kept, day) == use(engine, records, day), day
