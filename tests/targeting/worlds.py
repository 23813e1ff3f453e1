"""A little world of subscribers, and plain settings, for tests of the list."""

from __future__ import annotations

from datetime import date

import pandas as pd

from churn.language import Text
from churn.targeting import Action

NIGHT = date(2025, 3, 1)
CALL = Action(
    name="offer",
    label=Text("Offer", "优惠"),
    answers="active",
    channel="call",
    contact_cost=1.0,
    offer_cost=10.0,
    take_rate=1.0,
    effect=0.3,
)
REMIND = Action(
    name="reminder",
    label=Text("Reminder", "提醒"),
    answers="passive",
    channel="sms",
    contact_cost=0.5,
    effect=0.2,
    withheld_by_control=False,
)
VISIT = Action(
    name="visit",
    label=Text("Visit", "走访"),
    answers="any",
    channel="visit",
    contact_cost=5.0,
    effect=0.5,
    needs=("key_account",),
    withheld_by_control=False,
)
PLAIN = {
    "actions": (CALL, REMIND, VISIT),
    "control_share": 0.0,
    "value": {"margin_share": 1.0, "horizon_months": 10, "fallback_value": 200.0},
    "budget": {"month": 3_000, "nights_per_month": 30},
}


def people(rows: list[dict[str, object]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split rows of a little world into scores and context; what a row leaves out is plain."""
    plain = {
        "p_active": 0.0,
        "p_passive": 0.0,
        "customer_id": None,
        "product": "mobile",
        "region": "north",
        "account_manager": None,
        "key_account_classes": None,
        "activated_on": date(2020, 1, 1),
        "opt_outs": "",
        "average_bill": 20.0,
        "yearly_spend": 240.0,
        "amount_overdue": 0.0,
        "recent_fault": False,
        "applied_to_port": False,
        "last_contact_on": None,
        "offers_in_year": 0,
    }
    frame = pd.DataFrame([{**plain, **row} for row in rows])
    frame["customer_id"] = frame["customer_id"].fillna(frame["subscriber_id"])
    names = ["subscriber_id", "p_active", "p_passive"]
    return frame[names], frame.drop(columns=names[1:])
