"""Downgrades of a month: little deliveries in, who moved down and what it lost out."""

from __future__ import annotations

from datetime import date
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa
import pytest

from churn.engines import Engine
from churn.indicators import (
    IndicatorSettings,
    dimensions_of_lines,
    figures,
    measures,
    observable,
    periods,
)
from churn.labels import downgrades_observed, first_change
from churn.labels.silence import months_of_use
from churn.states import StateSettings, departures, spans
from churn.tables import Known
from churn.windows import TimeSettings, Window

NIGHT = date(2025, 3, 10)
TIME = TimeSettings()
JANUARY = Window(date(2025, 1, 1), date(2025, 2, 1))
FEBRUARY = Window(date(2025, 2, 1), date(2025, 3, 1))
SO_FAR = Window(date(2025, 3, 1), NIGHT)


def moved(line: str, day: str, change: str | None, reason: str | None = "asked") -> dict[str, Any]:
    """Return one change of a plan."""
    return {"subscriber_id": line, "changed_on": day, "fee_change": change, "reason": reason}


def operator(rows_as_tables: Any, *changes: dict[str, Any], **delivery: Any) -> Known:
    """Return lines in service since 2020, some of no region, and the changes of plans."""
    names = sorted({row["subscriber_id"] for row in changes})
    known: Known = rows_as_tables(
        {
            "subscribers": [
                {"subscriber_id": name, "region": "north" if name < "m" else None} for name in names
            ],
            "status_events": [
                *(
                    {"subscriber_id": name, "effective_at": "2020-01-01", "status": "在用"}
                    for name in names
                ),
                {"subscriber_id": "left", "effective_at": "2025-02-10", "status": "携号转出"},
            ],
            "plan_changes": [{"rows": changes, **delivery}],
        }
    ).known_at(NIGHT)
    return known


def counted(engine: Engine, known: Known) -> Any:
    """Return what is counted of January, February and March so far."""
    windows = (JANUARY, FEBRUARY, SO_FAR)
    table = engine.from_arrow(
        pa.table(
            {
                "start": pa.array([window.start for window in windows], pa.date32()),
                "end": pa.array([window.end for window in windows], pa.date32()),
                "month": [True, True, False],
            }
        )
    )
    history = spans(known.status_events, StateSettings())
    away = departures(history, StateSettings())
    used, lines = months_of_use(known), dimensions_of_lines(known)
    parts = measures(known, history, away, used, lines, table, TIME, 3)
    return engine.to_arrow(ibis.union(*parts)).to_pandas()


@pytest.mark.every_engine(long=True)
def test_a_downgrade_counts_once_a_month_with_all_it_lost(
    engine: Engine, rows_as_tables: Any
) -> None:
    """As the label reads it: in service, the fee on record, a save on offer apart."""
    known = operator(
        rows_as_tables,
        moved("asked", "2025-02-01", "-60"),
        moved("twice", "2025-02-03", "-20.5"),
        moved("twice", "2025-02-28", "-10", "offer_ended"),
        moved("again", "2025-01-31", "-40"),
        moved("again", "2025-02-01", "-5", None),
        moved("back up", "2025-02-02", "-30"),
        moved("back up", "2025-02-20", "30"),
        moved("saved", "2025-02-02", "-30", "other"),
        moved("dearer", "2025-02-02", "30"),
        moved("fee unknown", "2025-02-02", None),
        moved("left", "2025-02-09", "-100"),
        moved("left", "2025-02-10", "-100"),
    )
    rows = counted(engine, known)
    down = rows[rows["measure"] == "downgrades"]
    assert {
        (str(row.start)[:7], row.region): (row.n, row.amount)
        for row in down.fillna({"region": ""}).itertuples()
    } == {
        ("2025-01", "north"): (1, 40),
        ("2025-02", "north"): (4, 60 + 5 + 30 + 100),
        ("2025-02", ""): (1, 30.5),
    }
    told = figures(rows, periods(NIGHT, 1), IndicatorSettings(), {})
    whole = told[(told["period"] == "2025-02") & (told["dimension"] == "total")]
    shown = whole.set_index("indicator")
    assert shown.loc["downgrades", ["amount", "last_month"]].tolist() == [5, 1]
    assert shown.loc["downgrade_loss", ["amount", "last_month"]].tolist() == [225.5, 40]
    assert shown.loc["churned", "amount"] == 1, "who moved down and left did both"


@pytest.mark.every_engine(long=True)
@pytest.mark.parametrize(
    ("first", "through", "covered"),
    [
        ("2024-12-15", "2025-03-09", {JANUARY, FEBRUARY, SO_FAR}),
        ("2025-01-15", "2025-03-08", {JANUARY, FEBRUARY}),
        ("2025-02-15", "2025-02-28", {FEBRUARY}),
        ("2025-02-15", "2025-02-27", set()),
    ],
)
def test_a_month_that_plan_changes_do_not_cover_is_not_nought(
    engine: Engine, rows_as_tables: Any, first: str, through: str, covered: set[Window]
) -> None:
    """From the month of the first change, to the last day delivered; the label agrees."""
    known = operator(
        rows_as_tables, moved("a", first, "10"), delivered_on="2025-03-09", covers_until=through
    )
    windows = [JANUARY, FEBRUARY, SO_FAR]
    (day,) = engine.to_arrow(first_change(known).name("on").as_table())["on"].to_pylist()
    seen = observable(known, windows, {JANUARY, FEBRUARY}, TIME, day)
    assert day == date.fromisoformat(first)
    assert seen["downgrades"] == covered

    time = TimeSettings(lead=0, outcome=28)
    label = downgrades_observed(known, FEBRUARY.start, time).name("seen").as_table()
    assert engine.to_arrow(label)["seen"].to_pylist() == [FEBRUARY in covered]

    told = figures(counted(engine, known), periods(NIGHT, 1), IndicatorSettings(), seen)
    total = told[told["dimension"] == "total"].set_index(["period", "indicator"])["amount"]
    for code in ("downgrades", "downgrade_loss"):
        amount = total["2025-02", code]
        assert amount == 0 if FEBRUARY in covered else pd.isna(amount), "null, not nought"


def test_without_plan_changes_nothing_is_known_of_downgrades(rows_as_tables: Any) -> None:
    """Neither where none are delivered, nor where a delivery holds none."""
    bare = rows_as_tables({"subscribers": [{"subscriber_id": "a"}]}).known_at(NIGHT)
    empty = operator(rows_as_tables)
    for known in (bare, empty):
        assert observable(known, [FEBRUARY], {FEBRUARY}, TIME, None)["downgrades"] == set()
