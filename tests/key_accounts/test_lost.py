"""Key accounts that nobody can visit any more."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from churn.key_accounts import KeyAccounts, KeyAccountSettings, summarise

NIGHT, LEFT = date(2025, 3, 10), date(2025, 2, 20)
UNKNOWN = (
    "group_id", "product", "plan", "region", "account_manager", "customer_type",
    "contract_ends_on", "average_bill", "p_active", "p_passive", "lost",
)  # fmt: skip


def _line(subscriber: str, customer: str, *, served: bool, remains: bool) -> dict[str, object]:
    return {
        **dict.fromkeys(UNKNOWN),
        "subscriber_id": subscriber,
        "customer_id": customer,
        "key_account_classes": "important",
        "served": served,
        "remains": remains,
        "left_on": None if served else LEFT,
        "cause": None if served else "active",
    }


@pytest.fixture(scope="module")
def told() -> KeyAccounts:
    """Three accounts that lost a line: one keeps another, one is suspended, one has none left."""
    lines = [
        _line("k1", "KEPT", served=True, remains=True),
        _line("k2", "KEPT", served=False, remains=False),
        _line("s1", "SUSPENDED", served=False, remains=True),
        _line("g1", "GONE", served=False, remains=False),
        _line("g2", "GONE", served=False, remains=False),
    ]
    events = [
        {"customer_id": name, "subscriber_id": line, "code": "line_lost", "on": LEFT, "value": None}
        for name, line in (("KEPT", "k2"), ("SUSPENDED", "s1"), ("GONE", "g1"), ("GONE", "g2"))
    ]
    sums = pd.DataFrame(columns=["customer_id", "month", "what", "amount"])
    visits = pd.DataFrame(columns=["customer_id", "last_visit_on", "last_visit_by", "last_outcome"])
    return summarise(
        pd.DataFrame(lines), pd.DataFrame(events), sums, visits, NIGHT, KeyAccountSettings()
    )


def test_an_account_without_a_line_is_lost_and_not_to_be_visited(told: KeyAccounts) -> None:
    """It comes last; one that kept a line, or whose line may be paid for again, is visited."""
    found = dict(zip(told.accounts["customer_id"], told.accounts["visit"], strict=True))
    assert found == {"KEPT": "must", "SUSPENDED": "must", "GONE": "lost"}
    assert told.accounts["customer_id"].iloc[-1] == "GONE"
    assert {name: told.counts()[name] for name in ("accounts", "must", "lost")} == {
        "accounts": 3, "must": 2, "lost": 1,
    }  # fmt: skip


def test_what_is_lost_still_counts_as_lost_and_needs_nobody(told: KeyAccounts) -> None:
    """Its lines are told in the year's loss; no star is given for a need."""
    assert told.loss.lines["active"] == 4
    stars = dict(zip(told.accounts["customer_id"], told.accounts["star"], strict=True))
    assert stars == {"KEPT": 2, "SUSPENDED": 2, "GONE": 1}
