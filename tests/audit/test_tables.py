"""Families and deliveries that leak, each planted where without it nothing is found."""

from __future__ import annotations

from datetime import date, timedelta

import ibis
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ibis import _

from churn import features
from churn.audit import constant, deliveries, future, one_cut, scoring
from churn.features import FAMILIES, NONE, Family, Feature
from churn.language import Text
from churn.states import StateSettings
from churn.tables import Delivery, Tables

SNAPSHOT = date(2024, 6, 1)
STATES = StateSettings()
LINES = [f"s{number}" for number in range(12)]


def _bills(first, amount, last=None):
    """Bill every line for each month from ``first`` on."""
    months = pd.date_range(first, last or first, freq="MS")
    return [
        {"subscriber_id": line, "bill_month": month.date(), "amount_due": amount}
        for line in LINES
        for month in months
    ]


def _complaints(day, name):
    return [
        {
            "complaint_id": f"{name}{line}",
            "subscriber_id": line,
            "opened_at": day,
            "category": "network",
        }
        for line in LINES
    ]


@pytest.fixture
def world(rows_as_tables):
    """Twelve lines with monthly bills, one restated, one late; complaints before and after."""
    partition = {"mode": "partition"}
    return rows_as_tables(
        {
            "subscribers": [
                {"subscriber_id": line, "activated_on": "2020-01-01"} for line in LINES
            ],
            "status_events": [
                {"subscriber_id": line, "effective_at": "2020-01-01", "status": "在用"}
                for line in LINES
            ],
            "bills": [
                {"rows": _bills("2024-03-01", 10), "partition": "03", "delivered_on": "2024-04-03"}
                | partition,
                {"rows": _bills("2024-04-01", 10), "partition": "04", "delivered_on": "2024-05-03"}
                | partition,
                {"rows": _bills("2024-04-01", 99), "partition": "04", "delivered_on": "2024-07-03"}
                | partition,
            ],
            "complaints": [
                {
                    "rows": _complaints("2024-05-20 10:00", "a"),
                    "delivered_on": "2024-05-21",
                    "covers_until": "2024-05-21",
                },
                {
                    "rows": _complaints("2024-05-25 10:00", "late"),
                    "delivered_on": "2024-06-20",
                    "covers_until": "2024-06-20",
                },
            ],
            "notices": [
                {"subscriber_id": line, "notified_on": day, "kind": "last", "channel": "sms"}
                for line in LINES
                for day in ("2024-05-30", "2024-06-02")
            ],
        }
    )


def _family(name, build):
    """Make a family of one feature that goes around ``known_at``."""
    return Family(
        name=name,
        text=Text("planted", "植入"),
        needs=(),
        features=(Feature(name, "count", NONE, "planted", "植入"),),
        build=build,
    )


def _everything(view, day):
    """Read the tables of another day: through the private parts of what a family is given."""
    known = vars(view.known)
    return Tables(known["_reader"], known["_deliveries"]).known_at(day)


def _notified_later(view):
    rows = _everything(view, view.day + timedelta(90)).notices
    return rows.group_by("subscriber_id").aggregate(notified_later=_.count())


def _billed_as_restated(view):
    rows = _everything(view, view.day + timedelta(90)).bills
    return rows.group_by("subscriber_id").aggregate(billed_as_restated=_.amount_due.sum())


def _complained_late(view):
    rows = _everything(view, view.day + timedelta(90)).complaints
    old = rows.filter(_.opened_at < ibis.timestamp("2024-06-01 00:00:00"))
    return old.group_by("subscriber_id").aggregate(complained_late=_.count())


def _rebuilt(engine, tables, families):
    """Build a snapshot's features as the panel does, and audit them."""
    ids = engine.from_arrow(pa.table({"subscriber_id": LINES}))
    known = tables.known_at(SNAPSHOT)
    rows = engine.to_arrow(features.build(known, ids, states=STATES, families=families))
    found = future.find(
        rows.to_pandas(),
        tables,
        SNAPSHOT,
        states=STATES,
        families=families,
        ids=ids,
        materialise=engine.to_arrow,
    )
    return [(one.code, one.subject, one.evidence) for one in found]


@pytest.mark.parametrize(
    ("name", "build", "code"),
    [
        ("notified_later", _notified_later, "LEAK101"),
        ("billed_as_restated", _billed_as_restated, "LEAK102"),
        ("complained_late", _complained_late, "LEAK103"),
    ],
)
def test_a_family_that_goes_around_the_reader(name, build, code, engine, world):
    """Facts of a later day, restated values, late deliveries: each has its code."""
    families = (*features.delivered(world.known_at(SNAPSHOT)), _family(name, build))
    everyone = {"differing": 12, "compared": 12}
    assert _rebuilt(engine, world, families) == [(code, name, everyone)]


def test_shipped_families_read_nothing_of_the_future(engine, world):
    """None of them differs when the future is cut out of the files."""
    assert _rebuilt(engine, world, FAMILIES) == []


def test_a_delivery_registered_too_early(engine, rows_as_tables):
    """A night was scored without a file that now claims to have been there."""
    books = [{"subscriber_id": line, "activated_on": "2020-01-01"} for line in LINES]
    first = {"rows": _complaints("2024-05-20 10:00", "a"), "covers_until": "2024-05-31"}
    later = {"rows": _complaints("2024-05-21 10:00", "b"), "covers_until": "2024-05-31"}

    def read(complaints):
        tables = rows_as_tables({"subscribers": books, "complaints": complaints})
        known = tables.known_at(SNAPSHOT)
        return engine.to_arrow(features.build(known, known.subscribers)).to_pandas()

    scored, training = read([first]), read([first, later])
    assert scoring.find(scored, read([first])) == []
    found = scoring.find(scored.head(5), training)
    assert {(one.code, one.evidence["differing"], one.evidence["compared"]) for one in found} == {
        ("LEAK104", 5, 5)
    }
    own = {
        one.name for family in FAMILIES if family.name == "complaints" for one in family.features
    }
    assert {one.subject for one in found} <= own


def test_a_day_of_delivery_before_its_facts(engine, rows_as_tables):
    """All of a year's notices stamped with its first day; a few bookings ahead are none."""
    days = pd.date_range("2024-01-01", periods=300)
    rows = [
        {"subscriber_id": "s", "notified_on": day.date(), "kind": "last", "channel": "sms"}
        for day in days
    ]

    def found(delivered_on):
        tables = rows_as_tables({"notices": rows}, delivered_on=delivered_on)
        counted = engine.to_arrow(deliveries.ahead(tables, "notices")).to_pylist()[0]
        return [
            (f.code, f.subject, f.evidence) for f in deliveries.dated_before("notices", counted)
        ]

    assert found("2024-10-26") == found("2024-10-20") == []
    figures = {"differing": 299, "rows": 300, "share": pytest.approx(299 / 300)}
    assert found("2024-01-01") == [("LEAK105", "notices", figures)]


def _lags(engine, tables):
    """Judge the lags of all tables as the recipe does."""
    known = tables.deliveries
    return [
        (one.code, one.subject, one.evidence)
        for name in deliveries.suspected(known)
        for one in deliveries.lags(
            name, known, engine.to_arrow(deliveries.days_told(tables, name, known)).to_pylist()
        )
    ]


def test_a_lag_assumed_shorter_than_any_recorded(engine, rows_as_tables):
    """History is read as if bills came the next day; every delivery since took a month."""
    load = {"rows": [], "delivered_on": "2024-01-01", "covers_until": "2023-12-31"}
    since = [
        {"rows": [], "delivered_on": f"2024-0{m + 1}-28", "covers_until": f"2024-0{m}-28"}
        for m in range(1, 5)
    ]

    def found(lag):
        tables = rows_as_tables({"bills": [load | {"assumed_lag": lag}, *since]}, mode="append")
        return _lags(engine, tables)

    assert found(28) == []
    figures = {"assumed_days": 1, "recorded_days": 29, "deliveries": 4}
    assert found(1) == [("LEAK106", "bills", figures)]


def test_days_without_an_event_are_no_lag(engine, rows_as_tables):
    """Two faults a month, delivered monthly: the last is a week old, though nothing is late.

    The same faults delivered twenty days late are: later deliveries tell of days that these
    should have held.
    """
    load = {"rows": [], "delivered_on": "2024-01-01", "covers_until": "2023-12-31",
            "assumed_lag": 1}  # fmt: skip
    opened = [date(2024, month, day) for month in range(1, 8) for day in (3, 17)]

    def found(lag):
        since, told = [], set()
        for month in range(2, 8):
            came = date(2024, month, 10)
            days = [day for day in opened if day <= came - timedelta(days=lag)]
            rows = [{"fault_id": str(day), "subscriber_id": "s1", "opened_at": f"{day} 10:00:00"}
                    for day in days if day not in told]  # fmt: skip
            told |= set(days)
            since.append({"rows": rows, "delivered_on": came, "covers_until": days[-1]})
        tables = rows_as_tables({"faults": [load, *since]}, mode="append")
        assert deliveries.suspected(tables.deliveries) == ["faults"], "by what they cover at least"
        return _lags(engine, tables)

    assert found(1) == []
    ((code, table, figures),) = found(20)
    assert (code, table) == ("LEAK106", "faults")
    assert figures == {"assumed_days": 1, "recorded_days": 8, "deliveries": 5}


@given(
    happened=st.sets(st.integers(0, 400), min_size=1, max_size=30),
    every=st.sampled_from([7, 30]),
    lag=st.integers(0, 4),
)
def test_honest_deliveries_of_rare_events_are_never_accused(happened, every, lag):
    """However rare and bunched events are, and however few deliveries there have been."""
    start = date(2024, 1, 1)
    since, latest_told = [], {}
    for came in range(every, 400, every):
        days = [day for day in happened if came - every - lag < day <= came - lag]
        if days:
            delivered_on = start + timedelta(days=came)
            covers_until = start + timedelta(days=max(days))
            since.append(Delivery("faults", "", delivered_on, covers_until, "append"))
            latest_told |= {start + timedelta(days=day): delivered_on for day in days}
    load = Delivery("faults", "", start, start, "append", assumed_lag=1)
    told = [{"day": day, "told_on": on} for day, on in latest_told.items()]
    assert deliveries.lags("faults", [load, *since], told) == []


def test_a_column_declared_constant_that_changes(engine, rows_as_tables):
    """Half the tariffs differ in the next delivery; the region, declared too, never does."""

    def books(day, plan, **more):
        rows = [
            {"subscriber_id": f"s{n}", "plan": plan(n), "region": f"r{n % 3}",
             "activated_on": "2020-01-01"} for n in range(40)
        ]  # fmt: skip
        return {"rows": rows, "delivered_on": day, "covers_until": day, **more}

    def found(**more):
        first = books("2024-05-01", lambda _n: "basic", assumed_lag=0, **more)
        then = books("2024-06-01", lambda n: "basic" if n % 2 else "plus")
        tables = rows_as_tables({"subscribers": [first, then]})
        counted = constant.changes(tables, "subscribers", date(2024, 7, 1))
        told = constant.find(engine.to_arrow(counted).to_pylist())
        return [(one.code, one.subject, one.evidence) for one in told]

    figures = {"differing": 20, "compared": 40, "share": 0.5}
    assert found() == [("LEAK107", "plan", figures)]
    assert found(current_state=("plan",)) == []


def test_one_cut_read_as_the_past(panel, rows_as_tables):
    """A tariff that ranks leavers, from one extract, is answered for by name or not read."""

    def unconfirmed(*more, **declared):
        load = {"rows": [], "delivered_on": "2024-10-01", "assumed_lag": 1, **declared}
        tables = rows_as_tables({"subscribers": [load, *more]})
        return one_cut.unconfirmed(tables.deliveries, date(2024, 1, 1), {})

    names = unconfirmed()
    assert {"plan", "region", "contract_days_left"} <= set(names)
    assert "plan" not in unconfirmed(current_state=("plan",))
    assert unconfirmed({"rows": [], "delivered_on": "2024-11-01"}) == []
    draw = panel.draw.random(len(panel.frame))
    rows = panel.rows(["plan", "region"], plan=draw + 0.5 * panel.left, region=draw)
    assert [(one.code, one.subject) for one in one_cut.find(rows, names)] == [("LEAK108", "plan")]
