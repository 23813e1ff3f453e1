"""Cases as a closed loop: who handled them, how far they went, what was promised."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

import openpyxl
import pandas as pd
import pytest

from churn.engines import Engine
from churn.language import Language
from churn.report.parts import HandOut, Service
from churn.report.service import write_service
from churn.service import Quality, ServiceSettings, jobs, quality

NIGHT = date(2025, 3, 10)


def complaint(name: str, opened: str, closed: str | None = None, **more: Any) -> dict[str, Any]:
    """Return one complaint, opened and closed at nine."""
    return {
        "complaint_id": name,
        "subscriber_id": "gold",
        "opened_at": f"{opened} 09:00:00",
        "closed_at": None if closed is None else f"{closed} 09:00:00",
        **more,
    }


def case(name: str, subscriber: str, **more: Any) -> dict[str, Any]:
    """Return one order or fault."""
    return {"subscriber_id": subscriber, "unit": "network", **more, "order_id": name}


@pytest.fixture
def told(engine: Engine, rows_as_tables: Any) -> Quality:
    """Return what a little operator's cases tell."""
    orders = [
        case("o1", "gold", ordered_on="2025-02-20", due_on="2025-03-01", done_on="2025-03-01"),
        case("o2", "gold", ordered_on="2025-02-20", due_on="2025-03-05", done_on="2025-03-06"),
        case("o3", "gold", ordered_on="2025-02-20", due_on="2025-03-09", satisfied=True),
        case("o4", "plain", ordered_on="2025-02-20", due_on="2025-03-01", done_on="2025-02-28"),
    ]
    faults = [
        {"fault_id": f"f{day}", "subscriber_id": "gold", "unit": "network",
         "opened_at": f"2025-03-0{day} 09:00:00", "restored_at": f"2025-03-0{day} 21:00:00",
         "satisfied": day == 1}
        for day in (1, 2)
    ]  # fmt: skip
    late = {"unit": "billing", "level": "regulator", "answered_at": "2025-03-02 10:00:00"}
    complaints = [
        complaint("k1", "2025-03-01", "2025-03-05", **late, satisfied=False),
        complaint("k2", "2025-02-11", **late),
        complaint("k3", "2025-03-02", "2025-03-03", unit="billing", level="unit", satisfied=True),
        complaint("k4", "2025-03-02"),
    ]
    known = rows_as_tables(
        {
            "subscribers": [
                {"subscriber_id": "gold", "service_level": "gold"},
                {"subscriber_id": "plain"},
            ],
            "complaints": complaints,
            "service_orders": orders,
            "faults": faults,
        }
    ).known_at(NIGHT)
    rows = engine.to_arrow(jobs(known, 180)).to_pandas()
    return quality(rows.assign(risk=None), NIGHT, ServiceSettings())


def row(told: Quality, *key: str) -> pd.Series:
    """Return one row of the loop, by dimension, value and kind."""
    return told.loop.set_index(["by", "value", "kind"]).loc[key]


@pytest.mark.every_engine(long=True)
def test_complaints_go_from_opened_to_satisfied_by_unit_and_level(told: Quality) -> None:
    """Hours to the first answer, days to close, content over asked; open too long is overdue."""
    billing = row(told, "unit", "billing", "complaint")
    assert billing[["opened", "finished", "open", "overdue", "asked"]].tolist() == [3, 2, 1, 1, 2]
    assert billing["satisfied_share"] == 0.5
    assert billing["days_to_finish"] == 2.5
    regulator = row(told, "level", "regulator", "complaint")
    assert regulator["hours_to_answer"] == pytest.approx((25 + 19 * 24 + 1) / 2)
    assert regulator["satisfied_share"] == 0
    assert told.loop["value"].notna().all(), "k4 was handled by nobody on record"


@pytest.mark.every_engine(long=True)
def test_orders_and_faults_are_held_to_what_the_line_was_promised(told: Quality) -> None:
    """Two of three orders due were late, one of them open; the second fault was a repeat."""
    orders = row(told, "service_level", "gold", "order")
    assert orders[["opened", "finished", "open", "overdue", "asked"]].tolist() == [3, 2, 1, 1, 0]
    assert orders["on_time_share"] == pytest.approx(1 / 3)
    assert row(told, "unit", "network", "order")["on_time_share"] == 0.5
    faults = row(told, "unit", "network", "fault")
    assert faults["right_first_time"] == 0.5
    assert faults["satisfied_share"] == 0.5
    assert pd.isna(faults["on_time_share"])


@pytest.mark.parametrize(
    ("language", "sheet", "words"),
    [
        ("en", "By unit and level", {"unit", "level reached", "service level", "regulator"}),
        ("zh", "按单位和层级", {"处理单位", "投诉层级", "服务等级", "监管部门"}),
    ],
)
def test_the_loop_has_a_sheet_in_both_languages(
    told: Quality, language: Language, sheet: str, words: set[str]
) -> None:
    """Levels are worded, units are the operator's own."""
    night = HandOut(as_of=NIGHT, language=language, notices=None)
    callbacks = pd.DataFrame()
    book = openpyxl.load_workbook(BytesIO(write_service(night, Service(told, callbacks, 0))))
    cells = {cell for row in book[sheet].iter_rows(values_only=True) for cell in row}
    assert words <= cells
    assert "billing" in cells
