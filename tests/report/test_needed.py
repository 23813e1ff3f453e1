"""What it would take to be chosen: for each reason, the thing that would have to give."""

from __future__ import annotations

import re
from datetime import date

import pandas as pd
import pytest

from churn.evaluation.profit import contact_profit
from churn.report.page.explained import write_explained
from churn.report.terminal.explain import on_record, reasons_then
from churn.report.terminal.needed import needed
from churn.targeting import NOT_SELECTED, TargetingSettings

SETTINGS = TargetingSettings()
OFFER = next(action for action in SETTINGS.actions if action.name == "offer")
CHANCES = {"p_active": 0.02, "p_passive": float("nan")}


def earned(p: float, value: float = 300.0) -> float:
    """Return what a retention offer earns at a chance."""
    return float(
        contact_profit(
            [p],
            gamma=[OFFER.effect],
            value=[value],
            offer_cost=[OFFER.offer_cost],
            contact_cost=[OFFER.contact_cost],
            take_rate=[OFFER.take_rate],
        )[0]
    )


def left_out(reason: str, profit: float, limit: str = "") -> dict[str, object]:
    """Return the row of a subscriber that was left out."""
    return {
        "reason": reason,
        "action": "offer",
        "expected_profit": profit,
        "limit": limit,
        "cell": "",
    }


def told(*row: object, **more: object) -> str:
    """Return the lines in English."""
    lines = needed(left_out(*row), CHANCES, SETTINGS, **more)  # type: ignore[arg-type] # keywords by name
    return "\n".join(line.en for line in lines)


def test_the_chance_that_would_pay_is_where_profit_meets_the_least() -> None:
    """Put back into the formula it earns the least profit, to the rounding of what is told."""
    lines = told("not_profitable", earned(0.02))
    chance = float(re.search(r"above ([\d.]+)%", lines)[1]) / 100
    assert earned(chance) == pytest.approx(SETTINGS.least_profit, abs=0.02)
    times = float(re.search(r"or ([\d.]+) times", lines)[1])
    saved = 300 - OFFER.offer_cost
    worth = OFFER.offer_cost + saved * times
    assert earned(0.02, worth) == pytest.approx(SETTINGS.least_profit, abs=0.3)


def test_where_no_chance_pays_that_is_said() -> None:
    """What is saved is worth less than the offer and the contact."""
    lines = told("not_profitable", earned(0.02, 30.0))
    assert "no chance to leave would make it pay" in lines


def test_a_limit_is_named_with_its_price() -> None:
    """Whose contact pays needs room, and nothing of its own."""
    prices = [{"limit": "budget", "cell": "", "money": True, "price": 1.25}]
    lines = told("beyond_limits", 9.0, "budget", prices=prices)
    assert "more room in tonight's budget" in lines
    assert "1.25 CNY" in lines
    assert "short" not in lines


def test_every_reason_has_an_answer_in_both_languages() -> None:
    """Rest has its day, and who has applied to port out cannot be chosen at all."""
    for reason in NOT_SELECTED:
        lines = list(needed(left_out(reason, -1.0), CHANCES, SETTINGS))
        assert lines, reason
        assert all(line.en.startswith("  ") and re.search("[一-鿿]", line.zh) for line in lines)
    assert "2025-05-01" in told("cool_down", -1.0, rests_until=date(2025, 5, 1))
    assert "nobody" in told("applied_to_port", -1.0)


def test_reasons_then_and_now_differ_by_their_words_not_their_figures() -> None:
    """A figure that moved is the same reason; one that came is new, one that went is told."""
    then = pd.Series(
        {"reason_1_active": "faults in 90 days: 2", "reason_2_active": "no commitment"}
    )
    now = pd.Series({"reason_1_active": "faults in 90 days: 3", "reason_2_active": "no use"})
    heading, lines = reasons_then("2025-01-01", then, now)
    assert "2025-01-01" in heading.en
    assert [line.en.strip() for line in lines] == [
        "active, new  no use",
        "active, no longer  no commitment",
        "active, still  faults in 90 days: 3",
    ]


def test_a_key_account_has_a_next_visit() -> None:
    """Without one on record that is said."""
    facts = {"key_account": "group", "visited_on": None, "visit_due_on": date(2025, 3, 1)}
    assert [line.en for line in on_record(facts)] == [
        "  last visit  none on record",
        "  next visit due  2025-03-01",
    ]
    assert list(on_record({"contract_ends_on": None})) == []


def test_the_page_tells_the_same_lines() -> None:
    """Every line stands on it, escaped; and it runs nothing."""
    lines = [*needed(left_out("not_profitable", -1.0), CHANCES, SETTINGS)]
    page = write_explained("<b>1", "2025-03-01", [(NOT_SELECTED["rule"], lines)], "en").decode()
    assert "<b>1" not in page
    assert "Subscriber &lt;b&gt;1, night of 2025-03-01" in page
    assert page.count("<li>") == len(lines) + 1
    assert "<script" not in page
