"""What the decision knows of a subscriber: bills, arrears, refusals, contacts, tier."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from churn.targeting import TargetingSettings, context, spent_in_month
from churn.targeting.people import tiers
from churn.targeting.settings import TierSettings, ValueSettings
from churn.targeting.value import margin_shares, recovered, value_if_saved

NIGHT = date(2025, 3, 10)
SETTINGS = TargetingSettings()


def bill(subscriber: str, month: str, amount: str) -> dict[str, str]:
    """Return one bill."""
    return {"subscriber_id": subscriber, "bill_month": month, "amount_due": amount}


@pytest.fixture
def world(rows_as_tables):
    """Return two lines of one household and one line without anything."""
    return rows_as_tables(
        {
            "subscribers": [
                {"subscriber_id": "s1", "customer_id": "c1", "opt_outs": "call;sms"},
                {"subscriber_id": "s2", "customer_id": "c1", "product": "mobile"},
                {"subscriber_id": "s3"},
            ],
            "bills": [
                bill("s1", "2024-11-01", "1000.00"),
                bill("s1", "2024-12-01", "10.00"),
                bill("s1", "2025-01-01", "10.10"),
                bill("s1", "2025-02-01", "10.20"),
                bill("s1", "2025-03-01", "5000.00"),
                bill("s2", "2025-02-01", "30.00"),
            ],
            "arrears": [
                {"subscriber_id": "s2", "as_of": "2025-02-28", "amount_overdue": "12.50"},
            ],
            "faults": [{"fault_id": "f", "subscriber_id": "s1", "opened_at": "2025-03-01 10:00"}],
            "campaign_contacts": [
                contact("s2", "2025-01-15", "control", None),
                contact("s1", "2024-12-01", "treated", "5.00"),
                contact("s1", "2025-03-02", "treated", "3.50"),
                contact("s3", "2025-03-09", "treated", "1.25"),
                contact("s3", "2025-03-10", "treated", "9.00"),
            ],
        },
        covers_until=date(2025, 3, 9),
    ).known_at(NIGHT)


def contact(subscriber: str, day: str, arm: str, cost: str | None) -> dict[str, str | None]:
    """Return one campaign contact."""
    return {
        "subscriber_id": subscriber,
        "contacted_on": day,
        "campaign_id": "x",
        "arm": arm,
        "cost": cost,
    }


def test_offers_refused_on_a_channel_close_it_and_profiling_closes_none(engine, rows_as_tables):
    """What a list plans is marketing; an objection to profiling keeps a line from being scored."""
    people = [
        {"subscriber_id": "a", "customer_id": "c", "opt_outs": "sms:marketing;call:profiling"},
        {"subscriber_id": "b", "customer_id": "c", "opt_outs": "visit"},
    ]
    known = rows_as_tables({"subscribers": people}).known_at(NIGHT)
    rows = engine.to_arrow(context(known, SETTINGS), order_by=["subscriber_id"]).to_pylist()
    assert [row["opt_outs"] for row in rows] == ["sms;visit;", "sms;visit;"]


def test_context_is_one_row_per_line_with_what_its_customer_refused(engine, world):
    """The latest three known bills, the month not ended unknown; refusals and contacts shared."""
    rows = engine.to_arrow(context(world, SETTINGS), order_by=["subscriber_id"]).to_pylist()
    first, second, third = rows
    assert first["average_bill"] == pytest.approx(10.1, abs=1e-12)
    assert (second["average_bill"], third["average_bill"]) == (30.0, None)
    assert first["yearly_spend"] == pytest.approx(1030.3)
    assert [row["opt_outs"] for row in rows] == ["call;sms;", "call;sms;", ""]
    assert [row["customer_id"] for row in rows] == ["c1", "c1", "s3"]
    assert [row["amount_overdue"] for row in rows] == [0.0, 12.5, 0.0]
    assert [row["recent_fault"] for row in rows] == [True, False, False]
    assert first["last_contact_on"] == second["last_contact_on"] == date(2025, 3, 2)


def test_who_has_applied_to_port_out_is_known_for_the_whole_customer(engine, rows_as_tables):
    """An application on one line closes both of its holder; a question closes none."""
    known = rows_as_tables(
        {
            "subscribers": [
                {"subscriber_id": "s1", "customer_id": "c1"},
                {"subscriber_id": "s2", "customer_id": "c1"},
                {"subscriber_id": "s3"},
            ],
            "port_queries": [
                {"subscriber_id": "s1", "on": "2025-03-08", "kind": "applied"},
                {"subscriber_id": "s3", "on": "2025-03-08", "kind": "asked"},
            ],
        }
    ).known_at(NIGHT)
    rows = engine.to_arrow(context(known, SETTINGS), order_by=["subscriber_id"]).to_pylist()
    assert [row["applied_to_port"] for row in rows] == [True, True, False]


def test_the_month_s_spending_is_what_was_known_of_it(engine, world):
    """Contacts of this month before tonight; other months and controls cost nothing."""
    total = engine.to_arrow(spent_in_month(world).name("spent").as_table()).to_pylist()
    assert float(total[0]["spent"]) == 4.75


def test_without_optional_tables_the_context_still_stands(engine, rows_as_tables):
    """Nothing known of bills and arrears is null, not nought."""
    known = rows_as_tables({"subscribers": [{"subscriber_id": "s"}]}).known_at(NIGHT)
    (row,) = engine.to_arrow(context(known, SETTINGS)).to_pylist()
    assert (row["average_bill"], row["amount_overdue"], row["recent_fault"]) == (None, None, False)


def test_value_is_margin_over_the_horizon_discounted_and_thinned():
    """Margin times horizon by default; survival and discount take from it."""
    plain = ValueSettings(margin_share=0.5, horizon_months=12)
    assert value_if_saved([100.0], plain).tolist() == [600.0]
    own = ValueSettings(margin_share=0.5, margin_by_product={"leased": 0.25})
    shares = margin_shares(pd.Series(["leased", "mobile", None]), own)
    assert value_if_saved([100.0] * 3, plain, margin=shares).tolist() == [300.0, 600.0, 600.0]
    assert value_if_saved([100.0], plain, np.array([6.0])).tolist() == [300.0]
    thinned = ValueSettings(
        margin_share=0.5, horizon_months=2, monthly_survival=0.9, discount_rate=0.21
    )
    expected = 50 * (0.9 / 1.21 ** (1 / 12) + 0.81 / 1.21 ** (2 / 12))
    assert value_if_saved([100.0], thinned)[0] == pytest.approx(expected)


def test_arrears_recovered_never_fall_below_what_removal_costs():
    """A: the share of arrears that comes back, and reconnection and collection avoided."""
    settings = ValueSettings(recovered_share=0.5, reconnection_cost=10, collection_cost=5)
    assert recovered([100.0, float("nan"), -20.0], settings).tolist() == [65.0, 15.0, 15.0]


def test_tiers_follow_tenure_spend_lines_and_mobile():
    """Bands give a point per bound reached; two key-account classes are the top class."""
    households = pd.DataFrame(
        {
            "activated_on": pd.to_datetime(
                ["2005-01-01", "2019-01-01", "2024-01-01", None, "2005-01-01"]
            ),
            "yearly_spend": [2_500.0, 1_000.0, 499.0, float("nan"), 0.0],
            "lines": [2, 1, 1, 1, 1],
            "has_mobile": [True, True, False, False, False],
            "key_classes": [0, 0, 0, 1, 2],
        }
    )
    found = tiers(households, TierSettings(), NIGHT).tolist()
    assert found == ["gold", "silver", "standard", "key", "top_key"]


def test_a_balance_no_longer_reported_has_been_paid(engine, rows_as_tables):
    """Who stood in November's arrears and not in December's owes nothing in January."""
    known = rows_as_tables(
        {
            "subscribers": [{"subscriber_id": "paid"}, {"subscriber_id": "owes"}],
            "arrears": [
                {"subscriber_id": "paid", "as_of": "2024-11-30", "amount_overdue": "554.60"},
                {"subscriber_id": "owes", "as_of": "2024-11-30", "amount_overdue": "40.00"},
                {"subscriber_id": "owes", "as_of": "2024-12-31", "amount_overdue": "64.20"},
            ],
        }
    ).known_at(date(2025, 1, 1))
    rows = engine.to_arrow(context(known, SETTINGS), order_by=["subscriber_id"])
    owed = dict(
        zip(rows["subscriber_id"].to_pylist(), rows["amount_overdue"].to_pylist(), strict=True)
    )
    assert owed == {"owes": 64.2, "paid": 0.0}
