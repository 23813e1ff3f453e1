"""Who is held out of the programme for half a year, and what the programme is worth by that."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from churn.report.terminal.uplift import programme_lines
from churn.store import Workspace
from churn.targeting import TargetingSettings, plan
from churn.targeting.holdout import (
    half_year,
    half_year_named,
    held_out,
    margins,
    named,
    programme,
)
from churn.targeting.settings import ValueSettings
from churn.windows import Window
from pipelines import arms
from tests.targeting.worlds import CALL, NIGHT, PLAIN, VISIT, people

VALUE = ValueSettings(margin_share=0.4, margin_by_product={"mobile": 0.5})
HOUSEHOLDS = [f"c{n:04}" for n in range(4_000)]


def test_nobody_changes_sides_within_a_half_year():
    """January to June, then July: a share by household, drawn anew only then."""
    january, june, july = (
        held_out(HOUSEHOLDS, day, 0.05)
        for day in (date(2025, 1, 1), date(2025, 6, 30), date(2025, 7, 1))
    )
    np.testing.assert_array_equal(january, june)
    assert january.mean() == pytest.approx(0.05, abs=0.015)
    assert (january & july).mean() < 0.01
    assert named(date(2025, 6, 30)) == "2025H1"
    assert half_year_named("2024H2") == Window(date(2024, 7, 1), date(2025, 1, 1))
    assert half_year(date(2025, 6, 30)).end - timedelta(days=1) == date(2025, 6, 30)


def test_the_held_out_get_only_what_is_never_withheld():
    """No offer reaches them, a key-account visit does; each is told why, nobody by whom."""
    rows = [{"subscriber_id": f"s{n:03}", "p_active": 0.9} for n in range(300)]
    rows += [
        {"subscriber_id": f"k{n:03}", "p_active": 0.9, "key_account_classes": "group"}
        for n in range(100)
    ]
    chosen = TargetingSettings.model_validate(
        {
            **PLAIN,
            "actions": (CALL, VISIT),
            "budget": {"month": 1e6, "nights_per_month": 1},
            "holdout_share": 0.2,
        }
    )
    done = plan(*people(rows), chosen, NIGHT)
    out = set(done.left_out.loc[done.left_out["reason"] == "held_out", "subscriber_id"])
    drawn = np.array([row["subscriber_id"] for row in rows])
    drawn = set(drawn[held_out(drawn, NIGHT, 0.2)])
    assert out == {name for name in drawn if name.startswith("s")}
    reached = done.frame.set_index("subscriber_id")["action"]
    assert set(reached[reached.index.isin(drawn)]) == {"visit"}
    assert len(done.frame) == 400 - len(out)
    told = done.decisions().set_index("subscriber_id")["tonight"]
    assert set(told[list(out)]) == {"leave_alone"}


def test_the_first_list_of_a_half_year_fixes_the_share(tmp_path):
    """Another share in the settings waits for the next half year; nobody held out fixes nothing."""
    workspace = Workspace(tmp_path).open()
    assert arms.holdout(workspace, NIGHT) is None
    arms.keep_holdout(workspace, date(2025, 1, 9), 0.0)
    assert arms.holdout(workspace, NIGHT) is None
    arms.keep_holdout(workspace, NIGHT, 0.05)
    arms.keep_holdout(workspace, NIGHT + timedelta(days=30), 0.2)
    assert arms.holdout(workspace, date(2025, 6, 30)) == 0.05
    assert arms.holdout(workspace, date(2025, 7, 1)) is None
    arms.keep_holdout(workspace, date(2025, 7, 1), 0.2)
    assert arms.holdouts(workspace) == {
        "2025H1": arms.Holdout(0.05, NIGHT), "2025H2": arms.Holdout(0.2, date(2025, 7, 1)),
    }  # fmt: skip


def test_margins_are_of_households_on_the_books_when_it_began(engine, rows_as_tables):
    """Bills of the full months so far, all lines together, less what contacts cost."""
    tables = rows_as_tables(
        {
            "subscribers": [
                {"subscriber_id": "a1", "customer_id": "a", "activated_on": "2020-01-01",
                 "product": "mobile"},
                {"subscriber_id": "a2", "customer_id": "a", "activated_on": "2020-01-01"},
                {"subscriber_id": "b1", "activated_on": "2020-01-01"},
                {"subscriber_id": "new", "activated_on": "2025-03-01"},
            ],
            "bills": [
                {"subscriber_id": name, "bill_month": month, "amount_due": "10.00"}
                for name, months in (
                    ("a1", ["2024-12-01", "2025-01-01", "2025-02-01"]),
                    ("a2", ["2025-01-01"]),
                    ("new", ["2025-03-01"]),
                )
                for month in months
            ],
            "campaign_contacts": [
                {"subscriber_id": "a2", "contacted_on": "2025-02-03", "campaign_id": "x",
                 "arm": "treated", "cost": "3.00"},
            ],
        },
        covers_until="2025-04-10",
    )  # fmt: skip
    known = tables.known_at(date(2025, 4, 20))
    rows, months = margins(known, half_year(NIGHT), VALUE)
    told = engine.to_arrow(rows, order_by=["customer_id"]).to_pylist()
    assert months == 3
    assert {row["customer_id"]: (row["margin"], row["before"]) for row in told} == {
        "a": (11.0, 10.0), "b1": (0.0, None),
    }  # fmt: skip


def test_what_the_programme_is_worth_is_told_with_an_interval():
    """Three more a household with it: found within its interval, in both languages."""
    source = np.random.default_rng(4)
    before = source.gamma(2, 30, len(HOUSEHOLDS))
    without = held_out(HOUSEHOLDS, NIGHT, 0.1)
    margin = before + source.normal(0, 5, len(before)) + np.where(without, 0.0, 3.0)
    rows = pd.DataFrame({"customer_id": HOUSEHOLDS, "margin": margin, "before": before})
    found = programme(rows, NIGHT, 0.1, 3)
    assert found.held_out == without.sum()
    assert found.contacted + found.held_out == len(HOUSEHOLDS)
    assert 2 < found.margin.lower < 3 < found.margin.upper < 4
    (line,) = programme_lines([found], TargetingSettings.model_validate(PLAIN))
    assert "2025H1" in line.en
    assert "整体对照" in line.zh
