"""Columns that measure one thing in parts are summed, and no others."""

import pandas as pd
import pytest

from churn.ready_made.recognition import Reading
from churn.ready_made.totals import totals_of


def _totals(*headers, kind="number", unit="", taken=()):
    columns = [Reading(column=name, name=name, kind=kind, unit=unit) for name in headers]
    return totals_of(columns, {*headers, *taken})


@pytest.mark.parametrize(
    ("headers", "summed"),
    [
        (
            ["total day minutes", "total eve minutes", "total day charge", "total eve charge"],
            [("total day minutes", "total eve minutes"), ("total day charge", "total eve charge")],
        ),
        (["BILL_AMT1", "BILL_AMT2", "PAY_AMT1"], [("BILL_AMT1", "BILL_AMT2")]),
        (["dayCalls", "nightCalls", "age"], [("dayCalls", "nightCalls")]),
        (["day calls", "total calls"], []),  # one is the sum already
        (["day call rate", "night call rate"], []),  # shares do not add up
        (["income", "age"], []),
    ],
)
def test_headers_that_differ_in_one_word_are_summed(headers, summed):
    """The last word, or what stands around a number, says what is measured."""
    assert sorted(total.columns for total in _totals(*headers)) == sorted(summed)


def test_only_numbers_of_one_unit_are_summed():
    """Words, dates and shares add up to nothing."""
    assert _totals("day plan", "night plan", kind="text") == ()
    assert _totals("day use", "night use", unit="share") == ()


def test_a_total_is_missing_where_every_part_is():
    """What is missing in some rows adds nothing; the name is no other feature's."""
    (total,) = _totals("a use", "b use", taken={"total 1"})
    rows = {"a use": pd.Series([1.0, None, None]), "b use": pd.Series([2.0, 3.0, None])}
    assert total.name == "total 2"
    assert total.of(rows).tolist()[:2] == [3, 3]
    assert total.of(rows).isna().tolist() == [False, False, True]
    assert (total.en, total.zh) == ("a use and b use in all", "a use、b use合计")
