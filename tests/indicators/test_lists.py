"""Lists of a month: little deliveries in, whom they warned of, hit, covered and kept out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

import ibis
import ibis.expr.types as ir
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
from churn.states import StateSettings, departures, spans
from churn.tables import Known
from churn.windows import TimeSettings, Window

NIGHT = date(2025, 6, 10)
TIME = TimeSettings(lead=15, outcome=30, grace=30)
FEBRUARY = Window(date(2025, 2, 1), date(2025, 3, 1))
MARCH = Window(date(2025, 3, 1), date(2025, 4, 1))
BEFORE, AFTER = ("2024-11", "2024-12", "2025-01"), ("2025-03", "2025-04", "2025-05")


def drawn(line: str, day: str, arm: str, share: str | None, **more: str) -> dict[str, Any]:
    """Return one draw of a list."""
    return {
        "subscriber_id": line,
        "contacted_on": day,
        "campaign_id": "list",
        "arm": arm,
        "control_share": share,
        **more,
    }


DRAWN = [
    drawn("long ago", "2024-10-01", "treated", "0.5"),
    drawn("control left", "2025-02-05", "control", "0.25"),
    drawn("control kept", "2025-02-05", "control", "0.5"),
    drawn("control paid less", "2025-02-05", "control", "0.5"),
    drawn("control left late", "2025-02-05", "control", "0.5"),
    drawn("accepted", "2025-02-06", "treated", "0.5", channel="call", answer="accepted"),
    drawn("contacted and left", "2025-02-06", "treated", "0.5", channel="call"),
    drawn("not reached", "2025-02-06", "treated", "0.25", channel="call", answer="未接通"),
    drawn("written to", "2025-02-06", "treated", "0.25", channel="sms", answer="accepted"),
    drawn("without controls", "2025-02-06", "treated", None, channel="电话"),
]
LEFT = {
    "control left": [("2025-02-20", "携号转出")],
    "control left late": [("2025-03-22", "携号转出")],  # the first day after its window
    "contacted and left": [("2025-03-01", "携号转出")],
    "without controls": [("2025-02-25", "携号转出")],
    "unlisted": [("2025-01-20", "欠费服务暂停"), ("2025-02-10", "强拆销号")],
    "before lists": [("2024-11-01", "欠费服务暂停"), ("2025-02-02", "强拆销号")],
    "unlisted later": [("2025-03-10", "携号转出")],
}
AFTERWARDS = {"accepted": "90", "not reached": "70", "control kept": "100",
              "control paid less": "80"}  # fmt: skip


def bill(line: str, month: str, amount: str) -> dict[str, str]:
    """Return one bill."""
    return {"subscriber_id": line, "bill_month": f"{month}-01", "amount_due": amount}


def operator(rows_as_tables: Any, roles: Mapping[str, str] = MappingProxyType({})) -> Known:
    """Return lines in service since 2020, those drawn, those gone, and what was billed."""
    names = sorted({*(row["subscriber_id"] for row in DRAWN), *LEFT, "stays", "stays, too"})
    known: Known = rows_as_tables(
        {
            "subscribers": [{"subscriber_id": n, "role": roles.get(n, "")} for n in names],
            "status_events": [
                *(
                    {"subscriber_id": name, "effective_at": "2020-01-01", "status": "在用"}
                    for name in names
                ),
                *(
                    {"subscriber_id": name, "effective_at": day, "status": status}
                    for name, events in LEFT.items()
                    for day, status in events
                ),
            ],
            "campaign_contacts": DRAWN,
            "bills": [
                *(bill(name, month, "100") for name in names for month in BEFORE),
                *(bill(name, "2025-02", "500") for name in names),  # the contact's own month
                *(bill("written to", month, "1") for month in AFTER[:2]),
                *(bill(name, month, fee) for name, fee in AFTERWARDS.items() for month in AFTER),
            ],
        }
    ).known_at(NIGHT)
    return known


def counted(engine: Engine, known: Known, answers: ir.Table | None = None) -> pd.DataFrame:
    """Return what is counted of February and March."""
    windows = (FEBRUARY, MARCH)
    table = engine.from_arrow(
        pa.table(
            {
                "start": pa.array([window.start for window in windows], pa.date32()),
                "end": pa.array([window.end for window in windows], pa.date32()),
                "month": [True, True],
            }
        )
    )
    history, lines = spans(known.status_events, StateSettings()), dimensions_of_lines(known)
    away = departures(history, StateSettings())
    parts = measures(known, history, away, None, lines, table, TIME, 3, answers=answers)
    return engine.to_arrow(ibis.union(*parts)).to_pandas()


def told(
    engine: Engine, known: Known, month: str, least: int = 1, answers: Any = None
) -> pd.DataFrame:
    """Return a month's indicators in total."""
    seen = observable(known, [FEBRUARY, MARCH], {FEBRUARY, MARCH}, TIME, None)
    rows = figures(
        counted(engine, known, answers), periods(NIGHT, 4), IndicatorSettings(least=least), seen
    )
    total = rows[(rows["dimension"] == "total") & (rows["period"] == month)]
    return total.set_index("indicator")


@pytest.mark.every_engine(long=True)
def test_hit_rate_and_lift_are_told_of_those_left_alone(
    engine: Engine, rows_as_tables: Any
) -> None:
    """Each stands for its share of the selected: one in four weighs four; treated are no evidence.

    Four of ten drawn would have left; of all sixteen lines five: besides the list one of the six
    that no list had drawn lately.
    """
    february = told(engine, operator(rows_as_tables), "2025-02")
    assert february.loc["warned", "amount"] == 9
    assert february.loc["hit_rate", ["share", "n"]].tolist() == [0.4, 10]
    assert february.loc["lift", ["amount", "n"]].tolist() == [round(0.4 / (5 / 16), 2), 10]


@pytest.mark.every_engine(long=True)
def test_coverage_is_the_share_of_leavers_that_a_list_had_drawn(
    engine: Engine, rows_as_tables: Any
) -> None:
    """Contacted or left alone; untreated, one left alone stands for four in place of the contacted.

    Who left before lists had been on record for as long as an outcome takes is left out, and where
    nobody who was left alone has left, nothing stands for the contacted.
    """
    known = operator(rows_as_tables)
    february, march = (told(engine, known, month) for month in ("2025-02", "2025-03"))
    assert february.loc["churned", "amount"] == 4
    assert february.loc["coverage", ["share", "n"]].tolist() == [2 / 3, 3]
    assert february.loc["coverage_active", ["share", "n"]].tolist() == [1, 2]
    assert february.loc["coverage_passive", ["share", "n"]].tolist() == [0, 1]
    assert february.loc["coverage_untreated", ["share", "n"]].tolist() == [5 / 6, 6]
    assert march.loc["coverage", ["share", "n"]].tolist() == [1 / 3, 3]
    assert pd.isna(march.loc["coverage_untreated", "share"])


@pytest.mark.every_engine(long=True)
def test_answered_counts_calls_with_an_outcome_on_record(
    engine: Engine, rows_as_tables: Any
) -> None:
    """What is written rings nowhere; what nobody told of is not known; answers taken back count."""
    known = operator(rows_as_tables)
    february = told(engine, known, "2025-02")
    assert february.loc["answered", ["share", "n"]].tolist() == [1 / 2, 2]
    assert february.loc["reached", ["share", "n"]].tolist() == [2 / 4, 4]
    back = pa.table(
        {
            "subscriber_id": ["without controls", "contacted and left", "not reached"],
            "contacted_on": pa.array([date(2025, 2, 6)] * 3, pa.date32()),
            "answer": ["refused", "not_reached", "refused"],
        }
    )
    february = told(engine, known, "2025-02", answers=engine.from_arrow(back))
    assert february.loc["answered", ["share", "n"]].tolist() == [2 / 4, 4]
    assert february.loc["reached", ["share", "n"]].tolist() == [2 / 4, 4]


@pytest.mark.every_engine(long=True)
def test_the_bill_after_being_kept_is_net_of_the_controls(
    engine: Engine, rows_as_tables: Any
) -> None:
    """-10 and -30 of the contacted, 0 and -20 of the others; who lacks a bill is not among them."""
    known = operator(rows_as_tables)
    february = told(engine, known, "2025-02")
    net = february.loc["bill_after"]
    assert (net["amount"], net["n"]) == (-10, 4)
    assert (net["lower"], net["upper"]) == (-37.72, 17.72)
    march = told(engine, known, "2025-03")
    assert pd.isna(march.loc["bill_after", "amount"]), "bills of June are not on record"


@pytest.mark.every_engine(long=True)
def test_machine_lines_are_no_customers(engine: Engine, rows_as_tables: Any) -> None:
    """Neither among the lines nor among those lost; of an unknown role a line counts."""
    february = told(engine, operator(rows_as_tables, {"unlisted": "machine"}), "2025-02")
    assert february.loc["lines", "amount"] == 14
    assert february.loc["churned", "amount"] == 3
    assert pd.isna(february.loc["coverage_passive", "share"]), "no other was removed"


def test_few_tell_nothing(engine: Engine, rows_as_tables: Any) -> None:
    """Four controls, three leavers: a bound above that hides what they tell."""
    known = operator(rows_as_tables)
    enough, hidden = (told(engine, known, "2025-02", least=least) for least in (3, 5))
    shares = ["hit_rate", "coverage"]
    assert enough.loc[shares, "share"].notna().all()
    assert pd.notna(enough.loc["lift", "amount"])
    assert hidden.loc[shares, "share"].isna().all()
    assert pd.isna(hidden.loc["lift", "amount"])
    assert hidden.loc["warned", "amount"] == 9


def test_without_contacts_on_record_nothing_is_known_of_lists(rows_as_tables: Any) -> None:
    """Not nought; and outcomes are final only when lead, window and grace have passed."""
    known = operator(rows_as_tables)
    seen = observable(known, [FEBRUARY, MARCH], set(), TIME, None)
    assert seen["warned"] == {FEBRUARY, MARCH}
    assert seen["control_left"] == {FEBRUARY}, "of the end of March it is known on 15 June"
    bare = rows_as_tables({"subscribers": [{"subscriber_id": "a"}]}).known_at(NIGHT)
    none = observable(bare, [FEBRUARY], {FEBRUARY}, TIME, None)
    for measure in ("warned", "dialled", "listed_active", "control_left", "treated_bill"):
        assert none[measure] == set()
