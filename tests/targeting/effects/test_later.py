"""What contacts changed some months on, by parts, and in money."""

from __future__ import annotations

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest

from churn.labels import outcomes
from churn.report.terminal.uplift import later_lines, part_lines
from churn.states import StateSettings
from churn.targeting import CATALOGUE, TargetingSettings
from churn.targeting.effects import HORIZONS, followed, later, parts
from churn.targeting.effects.means import mean_difference
from churn.targeting.effects.policies import added, areas, policy_value
from churn.windows import TimeSettings, Window
from tests.targeting.effects.test_measuring import drawn
from tests.targeting.worlds import CALL, PLAIN

DRAWS = Window(date(2025, 1, 1), date(2025, 1, 15))
LONG = TimeSettings(lead=0, outcome=HORIZONS[-1] + DRAWS.days)


def test_a_draw_is_followed_in_departures_and_in_money(engine, rows_as_tables):
    """Put off is not avoided: gone after 100 days counts at 180, not at 90; margin less its cost.

    Months count whole, from the first that begins with the half month or after it.
    """
    names = ["stays", "later", "spared"]
    contact = {"contacted_on": "2025-01-10", "campaign_id": "x", "action": "offer"}
    tables = rows_as_tables(
        {
            "subscribers": [{"subscriber_id": name} for name in names],
            "status_events": [
                *(
                    {"subscriber_id": n, "effective_at": "2020-01-01 08:00:00", "status": "在用"}
                    for n in names
                ),
                {
                    "subscriber_id": "later",
                    "effective_at": "2025-04-20 08:00:00",
                    "status": "退网停机",
                },
            ],
            "bills": [
                {"subscriber_id": name, "bill_month": month, "amount_due": "100.00"}
                for name, last in (("stays", 9), ("later", 4), ("spared", 9))
                for month in pd.date_range("2024-12-01", f"2025-{last:02}-01", freq="MS").strftime(
                    "%Y-%m-%d"
                )
            ],
            "campaign_contacts": [
                contact | {"subscriber_id": "stays", "arm": "treated", "cost": "7.50"},
                contact | {"subscriber_id": "later", "arm": "treated", "cost": "7.50"},
                contact | {"subscriber_id": "spared", "arm": "control"},
                contact
                | {"subscriber_id": "stays", "arm": "treated", "cost": "2.00"}
                | {"contacted_on": "2025-05-01", "campaign_id": "y"},
            ],
        }
    )
    known = tables.known_at(date(2025, 12, 1))
    found = outcomes(known, DRAWS.start, LONG, StateSettings())
    rows = followed(known, DRAWS, found, ["offer"], HORIZONS, lambda _: ibis.literal(0.5))
    told = engine.to_arrow(rows, order_by=["subscriber_id"]).to_pylist()
    left = {row["subscriber_id"]: (row["left_active_90"], row["left_active_180"]) for row in told}
    assert left == {"later": (0, 1), "spared": (0, 0), "stays": (0, 0)}
    margin = {row["subscriber_id"]: (row["margin_90"], row["margin_180"]) for row in told}
    assert margin == {
        "later": (142.5, 192.5),  # January to March, to June: the last bill is April's
        "spared": (150.0, 300.0),
        "stays": (142.5, 290.5),  # the second contact falls into the longer time
    }


def followed_rows(selected: int, gamma: float, then: float, bill: float = 50.0) -> pd.DataFrame:
    """Draw arms with an effect within 90 days, and another within 180; a gift costs 20."""
    rows = drawn(selected, gamma, seed=4)
    source = np.random.default_rng(9)
    rows["average_bill"] = source.gamma(2, bill / 2, selected)
    treated = rows["treated"].to_numpy()
    left = (source.random(selected) < 0.2 * (1 - then * treated)).astype(int)
    for days, gone in ((90, rows["left_active"]), (180, left)):
        rows[f"left_active_{days}"], rows[f"left_passive_{days}"] = gone, 0
        months = days // 30
        rows[f"margin_{days}"] = months * rows["average_bill"] * (1 - gone / 2) - 20 * treated
    return rows


def test_churn_put_off_and_gifts_to_stayers_show():
    """Helps within 90 days, nothing is left after 180; the gift costs more than it brings."""
    soon, late = later(followed_rows(12_000, 0.4, 0.0), [CALL], 20)
    assert (soon.days, late.days) == HORIZONS
    assert soon.gamma.lower > 0
    assert late.gamma.lower < 0 < late.gamma.upper
    assert soon.margin.upper < 0
    assert late.margin.lower < -20 < late.margin.upper
    told = list(later_lines((soon, late), TargetingSettings.model_validate(PLAIN)))
    assert "180" in told[2].en
    assert "毛利" in told[0].zh


def test_what_is_not_observed_so_far_is_not_told():
    """Half of the draws are too recent for 180 days, none has bills; where nothing is, nothing."""
    rows = followed_rows(2_000, 0.3, 0.3)
    rows.loc[rows.index[:1_000], ["left_active_180", "left_passive_180"]] = np.nan
    rows["margin_180"] = np.nan
    soon, late = later(rows, [CALL], 20)
    assert soon.treated + soon.control == 2_000
    assert late.treated + late.control == 1_000
    assert np.isnan(late.margin.value)
    assert later(rows.assign(left_active_90=np.nan, left_active_180=np.nan), [CALL], 20) == ()
    nothing = list(later_lines((), TargetingSettings.model_validate(PLAIN)))
    assert nothing[0].en.startswith("No draw has been followed for 90 days")


def test_means_cover_the_truth_and_what_was_known_narrows_them():
    """A thousand worlds of uneven arms and skewed bills: 93.5 to 96.5 % are covered."""
    source = np.random.default_rng(3)
    covered, narrower = 0, 0.0
    for _ in range(1_000):
        draw = source.integers(0, 3, 400)
        treated = (source.random(400) < np.array([0.5, 0.8, 0.9])[draw]).astype(int)
        bill = source.gamma(2, 30, 400)
        margin = 3 * bill + source.normal(0, 20, 400) + 10 * draw - 4.0 * treated
        found = mean_difference(margin, treated, draw, bill)
        covered += found.lower <= -4.0 <= found.upper
        plain = mean_difference(margin, treated, draw, np.zeros(400))
        narrower += (found.upper - found.lower) / (plain.upper - plain.lower) / 1_000
    assert 935 <= covered <= 965
    assert narrower < 0.3


def test_parts_add_up_and_are_named():
    """By cause, channel, quarter and kind of customer: every draw is in one part of each."""
    rows = drawn(4_000, 0.3)
    rows["drawn_from"] = pd.to_datetime(np.where(np.arange(4_000) % 3, "2025-01-01", "2025-04-15"))
    rows["customer_type"] = np.where(np.arange(4_000) % 2, "business", "residential")
    rows["key_account"], rows["has_mobile"] = 0.0, 1.0
    quarters = parts(rows, [CALL], "time", 20)
    assert [part.value for part in quarters] == ["2025Q1", "2025Q2"]
    assert sum(part.treated + part.control for part in quarters) == 4_000
    assert [part.value for part in parts(rows, [CALL], "cause", 20)] == ["active", "passive"]
    (call,) = parts(rows, [CALL], "channel", 20)
    assert (call.action, call.value, call.treated + call.control) == (None, "call", 4_000)
    kinds = parts(rows, [CALL], "segment", 20)
    assert {(part.column, part.value) for part in kinds} == {
        ("customer_type", "business"), ("customer_type", "residential"),
        ("key_account", "0.0"), ("has_mobile", "1.0"),
    }  # fmt: skip
    settings = TargetingSettings.model_validate({**PLAIN, "actions": (CALL,)})
    lines = [line.en for line in part_lines(kinds, settings)]
    assert any(line.startswith("key account no") for line in lines)
    assert parts(rows, CATALOGUE[2:], "segment", 20) == ()
    assert [line.en for line in part_lines((), settings)] == ["No part has enough in either arm."]


def test_a_policy_is_worth_what_it_would_earn_and_the_curve_its_order():
    """Half gain 10, half lose 4: everyone 3, the right half 5, and so areas; ties share places."""
    source = np.random.default_rng(1)
    count = 40_000
    good = np.arange(count) % 2 == 0
    share = np.full(count, 0.8)
    treated = source.random(count) < share
    earned = 30 + source.normal(0, 5, count) + treated * np.where(good, 10.0, -4.0)
    gain, who = added(earned, treated, share), np.arange(count)
    for contacts, truth in ((np.ones(count), 3.0), (good, 5.0), (~good, -2.0)):
        found = policy_value(gain, contacts, who)
        assert found.lower < truth < found.upper
        assert found.upper - found.lower < 0.5
    auuc, qini = areas(gain, good.astype(float), who)
    # the first half of places is worth 10 each: mean place .25, then .75
    assert auuc.lower < 0.5 * 10 * 0.75 - 0.5 * 4 * 0.25 < auuc.upper
    assert qini.lower < 0.5 * 14 * 0.25 < qini.upper
    shuffled = source.permutation(count)
    again, _ = areas(gain[shuffled], good[shuffled].astype(float), who)
    assert again.value == pytest.approx(auuc.value)
    nothing, _ = areas(gain, np.zeros(count), who)
    assert nothing.value == pytest.approx(gain.mean() / 2)


def test_rows_of_one_subscriber_are_no_independent_evidence():
    """Every row four times is as uncertain as once."""
    source = np.random.default_rng(2)
    gain = source.normal(1, 3, 500)
    once = policy_value(gain, np.ones(500), np.arange(500))
    fourfold = policy_value(np.tile(gain, 4), np.ones(2_000), np.tile(np.arange(500), 4))
    assert fourfold.upper - fourfold.lower == pytest.approx(once.upper - once.lower)
