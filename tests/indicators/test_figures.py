"""Figures from counts: shares, what they are held against, and what is not told."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from churn.indicators import IndicatorSettings, figures, periods
from churn.windows import Window

NIGHT = date(2025, 3, 10)
FEBRUARY = Window(date(2025, 2, 1), date(2025, 3, 1))
JANUARY = Window(date(2025, 1, 1), date(2025, 2, 1))
LAST_YEAR = Window(date(2024, 2, 3), date(2024, 3, 2))


def counts(*rows: tuple[Window, str | None, str, int]) -> pd.DataFrame:
    """Return counts of window, account manager, measure and n."""
    return pd.DataFrame(
        [
            {
                "start": window.start,
                "end": window.end,
                "region": "north",
                "account_manager": manager,
                "tier": "mass",
                "product": "mobile",
                "measure": measure,
                "n": n,
                "amount": 10.0 * n,
            }
            for window, manager, measure, n in rows
        ]
    )


def told(rows: pd.DataFrame, observable=None, **settings) -> pd.DataFrame:
    """Return February's figures by dimension, value and indicator."""
    months = periods(NIGHT, 1)
    done = figures(rows, months, IndicatorSettings(**settings), observable or {})
    february = done[done["period"] == "2025-02"]
    return february.set_index(["dimension", "value", "indicator"]).sort_index()


def test_a_part_without_a_line_has_none_in_months_on_record():
    """Whoever looks after lines no more has 0; parts add up to the total."""
    done = told(counts((FEBRUARY, "a", "lines", 100), (LAST_YEAR, "b", "lines", 50)))
    parts = done.loc["account_manager"].xs("lines", level="indicator")
    assert parts["amount"].to_dict() == {"a": 100, "b": 0}
    assert parts["last_year"].to_dict() == {"a": 0, "b": 50}
    assert parts["last_month"].isna().all(), "January has no line on record at all"


def test_a_rate_is_held_against_last_month_and_the_same_weeks_of_last_year():
    """Departures over lines; money beside; before the records begin nothing is told."""
    rows = counts(
        (FEBRUARY, "a", "lines", 100),
        (FEBRUARY, "a", "left_active", 2),
        (FEBRUARY, "b", "lines", 100),
        (FEBRUARY, "b", "left_passive", 1),
        (LAST_YEAR, "a", "lines", 50),
    )
    done = told(rows)
    total = done.xs("total").droplevel(0)
    assert total.loc["churn_rate", ["share", "n", "last_year"]].tolist() == [0.015, 200, 0]
    assert pd.isna(total.loc["churn_rate", "last_month"]), "January has no line on record"
    assert total.loc["churned", "amount"] == 3
    assert total.loc["revenue_lost_active", "amount"] == 20
    manager = done.loc[("account_manager", "b")]
    assert manager.loc["churn_rate_passive", "share"] == 0.01


def test_lines_of_no_value_on_record_are_told_too():
    """Else the parts of a dimension would not add up to the total."""
    rows = counts((FEBRUARY, "a", "lines", 7), (FEBRUARY, None, "lines", 5))
    done = figures(rows, periods(NIGHT, 1), IndicatorSettings(), {})
    lines = done[(done["indicator"] == "lines") & (done["period"] == "2025-02")]
    by = lines[lines["dimension"] == "account_manager"]
    assert by["amount"].tolist() == [7, 5]
    assert by["value"].isna().tolist() == [False, True]


def test_what_contacts_kept_is_net_with_an_interval_and_hidden_where_few():
    """Of people the gross figure is never told."""
    rows = counts(
        (FEBRUARY, "a", "lines", 1000),
        (FEBRUARY, "a", "treated", 100),
        (FEBRUARY, "a", "treated_stayed", 90),
        (FEBRUARY, "a", "control", 50),
        (FEBRUARY, "a", "control_stayed", 40),
    )
    net = told(rows).xs("total").droplevel(0).loc["kept_net"]
    assert net["share"] == pytest.approx(0.1)
    assert (net["lower"], net["upper"]) == pytest.approx((-0.0255, 0.2255), abs=1e-4)
    few = told(rows, least=51).xs("total").droplevel(0)
    assert pd.isna(few.loc["kept_net", "share"])
    assert few.loc["kept_gross", "share"] == 0.9
    manager = told(rows).loc[("account_manager", "a")]
    assert "kept_gross" not in manager.index
    assert manager.loc["kept_net", "share"] == pytest.approx(0.1)


def test_what_cannot_be_known_yet_is_not_nought():
    """Outcomes of contacts that are not final, or a table not delivered."""
    rows = counts((FEBRUARY, "a", "lines", 10), (JANUARY, "a", "lines", 10))
    done = told(rows, {"port_queries": {JANUARY}}).xs("total").droplevel(0)
    assert pd.isna(done.loc["port_queries", "amount"])
    assert done.loc["port_queries", "last_month"] == 0
    assert done.loc["silent", "amount"] == 0
