"""What contacts earned, once it is known who left."""

from __future__ import annotations

import pandas as pd
import pytest

from churn.language import Text
from churn.targeting import Action
from churn.targeting.realised import answered, answered_chance, realised_profit

ACTIONS = (
    Action(name="offer", label=Text("offer", "优惠"), answers="active", channel="call",
           contact_cost=3, offer_cost=20, take_rate=0.3, effect=0.25),
    Action(name="plan", label=Text("plan", "分期"), answers="passive", channel="call",
           contact_cost=2, effect=0.5),
    Action(name="visit", label=Text("visit", "走访"), answers="any", channel="visit",
           contact_cost=60, effect=0.5),
)  # fmt: skip


def contacts(*rows: tuple[str, str]) -> pd.DataFrame:
    """Write contacts as (action, outcome), each worth 200 if saved."""
    return pd.DataFrame(rows, columns=["action", "outcome"]).assign(value_if_saved=200.0)


def test_only_a_departure_that_the_action_answers_brings_anything() -> None:
    """Effect x (V - d) - f where it answers; take rate x d and f are lost on all others."""
    found = realised_profit(
        contacts(
            ("offer", "active"),
            ("offer", "passive"),
            ("offer", "none"),
            ("plan", "passive"),
            ("plan", "active"),
            ("visit", "active"),
            ("visit", "passive"),
        ),
        ACTIONS,
    )
    assert found.tolist() == pytest.approx([42, -9, -9, 98, -2, 40, 40])


def test_the_gone_cost_in_full_and_bring_nothing() -> None:
    """Who had left before the window opened is paid for like a stayer, whatever the action."""
    selected = contacts(("offer", "gone"), ("plan", "gone"), ("visit", "gone"))
    assert realised_profit(selected, ACTIONS).tolist() == pytest.approx([-9, -2, -60])
    assert not answered(selected, ACTIONS).any()


def test_the_promised_chance_is_that_of_the_cause_answered() -> None:
    """An action against any cause adds both up; a head that is off promises nothing."""
    rows = contacts(("offer", "none"), ("plan", "none"), ("visit", "none"), ("visit", "none"))
    rows = rows.assign(p_active=[0.1, 0.1, 0.1, 0.1], p_passive=[0.02, 0.02, 0.02, float("nan")])
    assert answered_chance(rows, ACTIONS).tolist() == pytest.approx([0.1, 0.02, 0.12, 0.1])


def test_an_empty_list_earns_nothing() -> None:
    """There is no contact to price."""
    assert realised_profit(contacts(), ACTIONS).tolist() == []
