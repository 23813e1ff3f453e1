"""Numbers, durations, dates and times as operators write them, by declaration."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
import yaml
from pydantic import ValidationError

from churn.errors import ExtractError
from churn.ingest.columns import ColumnMapping
from churn.ingest.mapping import shape
from churn.ingest.moments import check_format, moments_of

MOMENT = datetime(2024, 3, 1, 14, 5, 6)
LATER = MOMENT.replace(microsecond=250_000)


@pytest.mark.parametrize(
    ("form", "written", "moment"),
    [
        ("%m/%d/%Y", "3/1/2024", datetime(2024, 3, 1)),
        ("%m/%d/%Y", "03/01/2024", datetime(2024, 3, 1)),
        ("%Y%m%d%H%M%S", "20240301140506", MOMENT),
        ("%Y年%m月%d日", "2024年3月1日", datetime(2024, 3, 1)),
        ("%d.%m.%y %H:%M:%S", "1.3.24 14:05:06", MOMENT),
        ("%d.%m.%y", "1.3.69", datetime(1969, 3, 1)),
        ("%d-%b-%Y", "01-MAR-2024", datetime(2024, 3, 1)),
        ("%d-%b-%Y", "14-ene-2024", datetime(2024, 1, 14)),
        ("%d %b %Y", "3 août 2024", datetime(2024, 8, 3)),
        ("%d %b %Y", "3 févr. 2024", datetime(2024, 2, 3)),
        ("%d %b %Y", "24 października 2024", datetime(2024, 10, 24)),
        ("%d %B %Y", "1 March 2024", datetime(2024, 3, 1)),
        ("%m/%d/%Y %I:%M:%S %p", "3/1/2024 2:05:06 pm", MOMENT),
        ("%m/%d/%Y %I:%M:%S %p", "3/1/2024 12:05:06 AM", datetime(2024, 3, 1, 0, 5, 6)),
        ("%Y-%m-%d %p%I:%M:%S", "2024-03-01 下午02:05:06", MOMENT),
        ("%Y-%m-%dT%H:%M:%S.%f%z", "2024-03-01T14:05:06.25+01:00", LATER),
        ("%Y-%m-%dT%H:%M:%S%z", "2024-03-01T14:05:06Z", MOMENT),
        ("epoch", "1709301906", MOMENT),
        ("epoch", "1709301906.5", MOMENT),
        ("epoch_ms", "1709301906250", LATER),
        ("excel", "45352", datetime(2024, 3, 1)),
        ("excel", "45352.58687500", MOMENT),
    ],
)  # fmt: skip
def test_dates_and_times_are_read_as_declared(form, written, moment):
    """Padded or not, by name, by half of the day, or counted; the writer's clock counts."""
    assert check_format(form) == form
    read, bad = moments_of(pa.array([written, None]), [form])
    assert (read.to_pylist(), bad) == ([moment, None], None)


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("%Y%m%d", "2024311"),  # January or November: parts that touch are padded
        ("%m/%d/%Y", "13/1/2024"),
        ("%m/%d/%Y", "2/30/2024"),
        ("%m/%d/%Y", "3/1/24"),
        ("%d-%b-%Y", "01-Foo-2024"),
        ("%m/%d/%Y %I:%M %p", "3/1/2024 13:05 PM"),
        ("epoch", "20240301140506"),
        ("epoch", "1e9"),
        ("epoch_ms", "99999999999999"),
        ("excel", "2024-03-01"),
        ("excel", "200000"),
    ],
)
def test_what_is_not_as_declared_is_not_read(form, written):
    """Nothing is guessed, and its neighbours are read all the same."""
    good = {"epoch": "0", "epoch_ms": "0", "excel": "45352"}.get(form)
    good = good or {"%Y%m%d": "20240301", "%d-%b-%Y": "1-Mar-2024"}.get(form, "3/1/2024")
    good += " 1:05 PM" if "%p" in form else ""
    read, bad = moments_of(pa.array([written, good]), [form])
    assert bad.to_pylist() == [True, False]
    assert read.is_valid().to_pylist() == [False, True]


def test_the_first_format_that_fits_counts():
    """Several formats stand in the order of trust."""
    values = pa.array(["3/1/2024", "2024-03-01", "45352", "x"])
    read, bad = moments_of(values, ["%m/%d/%Y", "%Y-%m-%d", "excel"])
    assert read.to_pylist()[:3] == [datetime(2024, 3, 1)] * 3
    assert bad.to_pylist() == [False, False, False, True]


@pytest.mark.parametrize(
    "form", ["%Y", "%d/%m", "%Y-%y-%m", "%Y-%m-%b", "%Y-%m %I:%M", "%Y-%m %H %p", "%Y-%m-%Q", "iso"]
)
def test_formats_that_tell_no_day_are_refused(form):
    """With all that may be used."""
    with pytest.raises(ValueError, match=r"use %Y or %y, .* epoch_ms, excel"):
        check_format(form)


BILLS = "line;month;amount\n"


def _bills(operator, amounts, source=(), column=(), table=()):
    columns = {
        "subscriber_id": "line",
        "bill_month": "month",
        "amount_due": {"from": "amount", **dict(column)},
    }
    operator.map("bills", {"delimiter": ";", "columns": columns, **dict(source)}, **dict(table))
    lines = "".join(f"{at};2024-01;{amount}\n" for at, amount in enumerate(amounts))
    operator.deliver("bills_202401_20240201.csv", BILLS + lines)
    operator.ingest()
    return sorted(amount for (amount,) in operator.rows("bills", "amount_due"))


@pytest.mark.parametrize(
    ("signs", "amounts"),
    [
        ({"decimal": ",", "thousands": "."}, ["21,50", "1.234,5", "-1.234.567", "0,00"]),
        ({"decimal": ",", "thousands": " "}, ["21,50", "1\u202f234,5", "-1 234\u00a0567", "0,00"]),
        ({"thousands": "'"}, ["21.50", "1'234.5", "-1\u2019234'567", "0.00"]),
        ({"thousands": ","}, ["21.50", "1,234.5", "-12,34,567", "0"]),
    ],
)
@pytest.mark.parametrize("place", ["source", "column"])
def test_signs_of_numbers_are_declared_by_source_or_column(operator, signs, amounts, place):
    """Decimals and thousands are read as declared; the amounts stay exact."""
    read = _bills(operator, amounts, **{place: signs})
    assert read == sorted(Decimal(text) for text in ("-1234567", "0.00", "21.50", "1234.50"))


@pytest.mark.parametrize(
    ("how", "amounts"),
    [
        ({"affix": "$"}, ["$21.50", "-$3", "$-3", "21.50"]),
        ({"affix": "€", "decimal": ","}, ["21,50 €", "-3 €", "€ -3", "21,50"]),
        ({"affix": "Rs."}, ["Rs.21.50", "-3 Rs.", "- Rs. 3", "21.50"]),
    ],
)
def test_what_stands_with_a_number_is_declared(operator, how, amounts):
    """A currency before or behind it, with a blank or without; the sign of the number stays."""
    read = _bills(operator, amounts, column=how)
    assert read == [Decimal("-3.00"), Decimal("-3.00"), Decimal("21.50"), Decimal("21.50")]


@pytest.mark.parametrize("amount", ["$$5", "5 $ 6", "$", "USD 5", "five $"])
def test_what_else_stands_with_a_number_sets_it_aside(operator, amount):
    """Only the sign that is declared, once, is no part of the number."""
    with pytest.raises(ExtractError, match="BILL006"):
        _bills(operator, [amount], column={"affix": "$"})


@pytest.mark.parametrize("amount", ["1,234.5", "12.34", "1.23.456", "1.234,5,6", "€5", "1.2345"])
def test_a_number_that_is_not_as_declared_is_set_aside(operator, amount):
    """Rather than a thousand times too small; how it is written is told, not what it says."""
    with pytest.raises(ExtractError, match=r"BILL006 .*written amount_due as in") as refused:
        _bills(operator, [amount], source={"decimal": ",", "thousands": "."})
    assert amount not in str(refused.value)
    assert repr(shape(amount)) in str(refused.value)


def test_check_shows_how_unread_values_are_written(operator):
    """The commonest way of each column, digits as 9 and letters as a."""
    operator.map("surveys")
    lines = "".join(f"{at},{at % 9 + 1}/5/2024,many\n" for at in range(40))
    operator.deliver("surveys_202405_20240601.csv", "subscriber_id,answered_on,score\n" + lines)
    (problem,) = operator.check().problems
    assert "answered_on as in '9/9/9999', score as in 'aaaa'" in problem.what
    assert "`answered_on: {from: answered_on, format: '%d/%m/%Y'}`" in problem.do
    assert "score:" not in problem.do


def test_check_names_the_declaration_that_reads_a_column(operator):
    """Proved by reading the values: following it, they are read."""
    header = "line;peer;start;duration;cost\n"
    lines = "".join(
        f"s{at};p{at};{at % 28 + 1}-Mar-24 08:{at:02}:07;00:01:{at:02};1.2{at:02},50 \n"
        for at in range(40)
    )
    operator.deliver("calls_202403_20240401.csv", header + lines)
    columns = {
        "subscriber_id": "line", "peer_id": "peer", "started_at": "start", "seconds": "duration",
        "charge": "cost",
    }  # fmt: skip
    operator.map("calls", {"delimiter": ";", "columns": columns})
    (problem,) = operator.check().problems
    advised = dict(re.findall(r"`(\w+): ({.*?})`", problem.do))
    assert set(advised) == {"started_at", "seconds", "charge"}
    operator.map(
        "calls",
        {
            "delimiter": ";",
            "columns": columns | {name: yaml.safe_load(way) for name, way in advised.items()},
        },
    )
    assert operator.check().problems == ()
    operator.ingest()
    first = min(operator.rows("calls", "started_at", "seconds", "charge"))
    assert first == (datetime(2024, 3, 1, 8, 0, 7), 60, Decimal("1200.50"))


def test_durations_on_a_clock_are_seconds(operator):
    """Hours may exceed a day; what is no time is set aside."""
    seconds = {"from": "duration", "unit": "hh:mm:ss"}
    operator.map("calls", {"columns": {"seconds": seconds}}, max_rejected=1.0)
    operator.deliver(
        "calls_202401_20240201.csv",
        "subscriber_id,peer_id,started_at,duration,kind,direction\n"
        + "".join(
            f"1,2,2024-01-02 0{at}:00:00,{text},voice,out\n"
            for at, text in enumerate(["00:00:10", "1:02:03", "30:00:00", "", "00:60:00", "75"])
        ),
    )
    operator.ingest()
    found = {row for (row,) in operator.rows("calls", "seconds")}
    assert found == {10, 3723, 108000, None}
    assert len(operator.quarantined("calls")) == 2


@pytest.mark.parametrize(
    "signs",
    [{"decimal": ";"}, {"thousands": "x"}, {"decimal": ",", "thousands": ","}, {"thousands": "."}],
)
def test_signs_that_cannot_be_meant_are_refused(signs):
    """One sign for two meanings reads nothing rightly."""
    with pytest.raises(ValidationError, match=r"decimal|thousands"):
        ColumnMapping.model_validate({"from": "a", **signs})


def test_days_are_read_from_midnights(operator):
    """As formats without days of their own write them; another time of the day is no day."""
    operator.map("surveys", max_rejected=1.0)
    operator.deliver(
        "surveys_202405_20240601.csv",
        "subscriber_id,answered_on,score\n1,2024-05-01 00:00:00,5\n2,2024-05-01 00:01:00,5\n",
    )
    operator.ingest()
    assert operator.rows("surveys", "answered_on") == [(date(2024, 5, 1),)]
