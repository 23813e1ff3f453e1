"""What contacts earned, once it is known who left."""

from __future__ import annotations

import pandas as pd
import pytest

from churn.evaluation.intervals import Interval
from churn.language import Text
from churn.targeting import Action
from churn.targeting.realised import answered, answered_chance, profit_by_arms, realised_profit

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


def drawn(arm: str, share: float, *left: int, action: str = "offer") -> pd.DataFrame:
    """Draw one customer per flag of whether it left, each worth 200."""
    return pd.DataFrame({"left": left}).assign(
        arm=arm,
        control_share=share,
        action=action,
        value_if_saved=200.0,
        customer_id=[f"{action} {arm} {share} {number}" for number in range(len(left))],
    )


def earned(*parts: pd.DataFrame) -> Interval:
    """Hold the arms against each other."""
    rows = pd.concat(parts, ignore_index=True)
    return profit_by_arms(rows, ACTIONS, replicates=200, seed=1)


def test_what_contacts_earned_is_what_controls_lost_more() -> None:
    """Half of the controls left, a quarter of the contacted: one saved, two takers, four calls."""
    found = earned(drawn("treated", 0.5, 1, 0, 0, 0), drawn("control", 0.5, 1, 1, 0, 0))
    assert found.value == pytest.approx((2 - 1) * (200 - 20) - 2 * 0.3 * 20 - 4 * 3)
    assert found.lower < found.value < found.upper


def test_a_control_stands_for_the_contacted_drawn_with_its_share() -> None:
    """Of one draw with a fifth of controls one stands for four, of another with half for one."""
    rows = [
        drawn("treated", 0.2, 0, 0, 0, 0, action="plan"),
        drawn("control", 0.2, 1, action="plan"),
        drawn("treated", 0.5, 0, action="plan"),
        drawn("control", 0.5, 0, action="plan"),
    ]
    assert earned(*rows).value == pytest.approx(4 * 200 - 5 * 2)


def test_a_list_may_have_lost() -> None:
    """More of the contacted left than of those left alone: it is told as it is."""
    found = earned(drawn("treated", 0.5, 1, 1, 0), drawn("control", 0.5, 0, 0, 0))
    assert found.value == pytest.approx(-2 * 180 - 3 * 0.3 * 20 - 3 * 3)
    assert found.upper < 0


def test_the_lines_of_a_customer_are_no_separate_evidence() -> None:
    """Four lines of one customer vary more together than four customers do."""
    apart = [drawn("treated", 0.5, *[1, 0] * 12), drawn("control", 0.5, *[1, 0] * 12)]
    together = [
        part.assign(customer_id=part["arm"] + (part.index // 8).astype(str)) for part in apart
    ]
    one_kind = [part.sort_values("left", ignore_index=True) for part in apart]
    one_kind = [
        part.assign(customer_id=part["arm"] + (part.index // 4).astype(str)) for part in one_kind
    ]
    assert earned(*one_kind).error > earned(*apart).error > earned(*together).error
