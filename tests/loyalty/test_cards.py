"""Cards, what the next one takes, and the month's rewards, told as rows."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from churn.language import Text
from churn.loyalty import LoyaltySettings, Reward, cards, rewards
from churn.targeting.people import tiers
from churn.targeting.settings import TierSettings

NIGHT = date(2025, 3, 10)
# years 2, 5, 10, 15; spend 500 … 2,000; lines 1, 2; mobile 1. Silver from 5, gold from 8.
HOUSEHOLDS = pd.DataFrame(
    [
        ("gold", date(2005, 3, 1), 2_000.0, 2, True),
        ("silver", date(2014, 3, 20), 1_000.0, 1, False),
        ("near", date(2021, 3, 15), 700.0, 1, True),
        ("fresh", date(2024, 3, 31), 100.0, 1, False),
        ("blank", None, None, 1, False),
    ],
    columns=["customer_id", "activated_on", "yearly_spend", "lines", "has_mobile"],
)


def told() -> pd.DataFrame:
    """Return the cards by customer."""
    return cards(HOUSEHOLDS, TierSettings(), NIGHT).set_index("customer_id")


def test_a_card_comes_of_points_and_is_the_one_of_the_list() -> None:
    """Both rest on the same points."""
    rows = told()
    assert rows["points"].to_dict() == {"gold": 11, "silver": 6, "near": 4, "fresh": 1, "blank": 1}
    assert rows["card"].to_dict() == {
        "gold": "gold",
        "silver": "silver",
        "near": "standard",
        "fresh": "standard",
        "blank": "standard",
    }
    listed = tiers(HOUSEHOLDS.assign(key_classes=0), TierSettings(), NIGHT)
    assert listed.tolist() == rows["card"].tolist()


def test_what_the_next_card_takes() -> None:
    """The missing points, and per measure how far the next one is; nothing above gold."""
    rows = told()
    assert rows["points_missing"].dropna().to_dict() == {
        "silver": 2,
        "near": 1,
        "fresh": 4,
        "blank": 4,
    }
    assert rows["next_card"].dropna().to_dict() == {
        "silver": "gold",
        "near": "silver",
        "fresh": "silver",
        "blank": "silver",
    }
    near = rows.loc["near"]
    assert (near["spend_to_point"], near["lines_to_point"], near["mobile_would_add"]) == (300, 1, 0)
    assert near["tenure_point_on"] == date(2026, 3, 16)  # five years of 365.25 days
    assert rows.loc["gold", ["spend_to_point", "lines_to_point"]].isna().all()
    assert rows.loc["blank", "spend_to_point"] == 500
    assert pd.isna(rows.loc["blank", "tenure_point_on"])
    assert rows.loc["silver", "mobile_would_add"] == 1


def test_on_the_day_that_is_told_the_point_is_there() -> None:
    """And not the day before."""
    day = told().loc["near", "tenure_point_on"]
    near = HOUSEHOLDS[HOUSEHOLDS["customer_id"] == "near"]
    after, before = (
        cards(near, TierSettings(), each)["points_tenure"].tolist()
        for each in (day, day - pd.Timedelta(days=1))
    )
    assert (before, after) == ([1], [2])


def facts(**changes: object) -> pd.DataFrame:
    """Return what is known of the households besides, nobody barred."""
    names = ("applied_to_port", "opted_out", "in_arrears", "leave_alone")
    rows = HOUSEHOLDS[["customer_id", "activated_on", "yearly_spend"]]
    rows = rows.assign(**dict.fromkeys(names, False))
    for name, customer in changes.items():
        rows.loc[rows["customer_id"] == customer, name] = True
    return rows


ALL = tuple(
    Reward(card=card, label=Text(card, card), cost=cost)
    for card, cost in (("gold", 50.0), ("silver", 20.0), ("standard", 5.0))
)


def standings(settings: LoyaltySettings, **changes: object) -> dict[str, str]:
    """Return what each household due this month gets."""
    rows = rewards(cards(HOUSEHOLDS, TierSettings(), NIGHT), facts(**changes), settings, NIGHT)
    return dict(zip(rows["customer_id"], rows["standing"], strict=True))


def test_rewards_go_by_card_within_the_month_s_budget() -> None:
    """Gold first, then by spend; whose first year is not over has none; no card, no reward."""
    plain = LoyaltySettings(rewards=ALL, budget=75.0, control_share=0.0)
    assert list(standings(plain).items()) == [
        ("gold", "rewarded"),
        ("silver", "rewarded"),
        ("near", "rewarded"),
        ("fresh", "beyond_budget"),
    ]
    none = LoyaltySettings(rewards=ALL[:1], control_share=0.0)
    assert standings(none) == {"gold": "rewarded"}


@pytest.mark.parametrize("why", ["applied_to_port", "opted_out", "in_arrears", "leave_alone"])
def test_who_is_barred_is_told_why_and_takes_nothing_of_the_budget(why: str) -> None:
    """The budget goes to the next."""
    plain = LoyaltySettings(rewards=ALL, budget=25.0, control_share=0.0)
    assert standings(plain, **{why: "gold"}) == {
        "gold": why,
        "silver": "rewarded",
        "near": "rewarded",
        "fresh": "beyond_budget",
    }


def test_controls_are_drawn_by_customer_and_month() -> None:
    """The same all month long, in whatever order; their share of the budget is theirs."""
    people = pd.DataFrame(
        {
            "customer_id": [f"c{n}" for n in range(400)],
            "activated_on": date(2005, 3, 1),
            "yearly_spend": 3_000.0,
            "lines": 2,
            "has_mobile": True,
        }
    )
    settings = LoyaltySettings(rewards=ALL, budget=10_000.0, control_share=0.25)
    known = people.assign(
        applied_to_port=False, opted_out=False, in_arrears=False, leave_alone=False
    )

    def drawn(night: date, rows: pd.DataFrame) -> set[str]:
        mine = rewards(cards(people, TierSettings(), night), rows, settings, night)
        assert mine["standing"].value_counts()[["control", "rewarded"]].sum() == 200
        return set(mine.loc[mine["standing"] == "control", "customer_id"])

    first = drawn(NIGHT, known)
    assert drawn(date(2025, 3, 31), known.sample(frac=1, random_state=1)) == first
    assert 30 < len(first) < 70


def test_a_card_with_two_rewards_is_refused() -> None:
    """Nobody could tell which is given."""
    with pytest.raises(ValueError, match="more than one reward"):
        LoyaltySettings(rewards=(*ALL, ALL[0]))
