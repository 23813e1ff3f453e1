"""What lists that were handed over promised and earned, of a few draws."""

from __future__ import annotations

import math
from datetime import date
from typing import cast

import pandas as pd
import pytest

from churn.evaluation import EvaluationSettings
from churn.monitoring.record import ListProfit, Record
from churn.tables import Known
from churn.targeting import TargetingSettings
from pipelines.monitor.lists import MonthOfLists, earned, profits, promise
from pipelines.run import Run

FIRST, SECOND, FINAL = date(2025, 1, 1), date(2025, 1, 20), date(2025, 4, 5)
ACTIONS = TargetingSettings().actions
OFFER = next(each for each in ACTIONS if each.name == "offer")
DOWNGRADE = next(each.name for each in ACTIONS if each.answers == "downgrade")
DECIDED = ["customer_id", "action", "value_if_saved", "expected_profit", "p_active", "p_passive"]
DRAWS = (
    # arm, share, action, outcome
    *[("treated", 0.5, "offer", "none")] * 20,
    ("treated", None, "repair_call", "active"),
    ("treated", 0.5, DOWNGRADE, "none"),
    ("treated", 0.5, "offer", "administrative"),
    *[("control", 0.5, "offer", "gone")] * 5,
    *[("control", 0.5, "offer", "passive")] * 5,
    *[("control", 0.5, "offer", "none")] * 10,
    ("control", 0.5, "no longer offered", "active"),
    ("control", 0.5, "offer", None),
)


@pytest.fixture
def rows() -> pd.DataFrame:
    """Return draws beside what was decided of each; all were expected to leave."""
    draws = pd.DataFrame(DRAWS, columns=["arm", "control_share", "action", "outcome"])
    ids = [f"s{number}" for number in range(len(draws))]
    return draws.assign(
        subscriber_id=ids,
        customer_id=ids,
        value_if_saved=200.0,
        expected_profit=10.0,
        p_active=1.0,
        p_passive=float("nan"),
    )


def _promise(rows: pd.DataFrame) -> ListProfit:
    nights = {FIRST: rows.iloc[::2], SECOND: rows.iloc[1::2]}
    return promise(
        {night: each.drop(columns="outcome") for night, each in nights.items()}, FINAL, ""
    )


def _earned(rows: pd.DataFrame) -> ListProfit:
    return earned(_promise(rows), rows, ACTIONS, EvaluationSettings(replicates=50))


def test_lists_promise_what_their_contacts_were_expected_to_earn(rows: pd.DataFrame) -> None:
    """A month adds up its nights; controls promise nothing, and nothing is compared as yet."""
    told = _promise(rows)
    assert (told.month, told.lists, told.contacts, told.expected) == (FIRST, 2, 23, 230)
    assert (told.mature, told.compared, told.realised) == (False, 0, None)


def test_what_cannot_be_compared_is_not(rows: pd.DataFrame) -> None:
    """Not who could not be spared, moves to cheaper plans, ends of no choice, unpriced actions.

    Those gone before the window and those who left for another cause are lost like all others.
    """
    told = _earned(rows)
    assert (told.mature, told.contacts, told.compared, told.controls) == (True, 23, 20, 20)
    assert told.expected_of_compared == 200
    assert told.realised is not None
    cost = 10 * OFFER.take_rate * OFFER.offer_cost + 20 * OFFER.contact_cost
    assert told.realised.value == pytest.approx(10 * (200 - OFFER.offer_cost) - cost)


def test_where_few_departures_could_be_expected_nothing_is_measured(rows: pd.DataFrame) -> None:
    """Chances decide, not what was seen; without controls there is nothing either."""
    told = _earned(rows.assign(p_active=0.99))
    assert (told.mature, told.controls, told.realised) == (True, 20, None)
    luckless = rows.assign(outcome=rows["outcome"].replace({"gone": "none", "passive": "none"}))
    assert _earned(luckless).realised is not None
    alone = _earned(rows[rows["arm"] == "treated"])
    assert (alone.controls, alone.realised) == (0, None)


def test_a_decision_that_is_not_stored_promises_nothing(rows: pd.DataFrame) -> None:
    """Neither in part: an amount of some of the contacts would be read as that of all."""
    forgotten = rows.assign(**{name: rows[name].where(rows.index != 0) for name in DECIDED})
    told = _earned(forgotten)
    assert math.isnan(told.expected)
    assert (told.contacts, told.compared, told.realised) == (23, 19, None)


def test_a_final_month_is_not_counted_again(rows: pd.DataFrame) -> None:
    """It is taken from an earlier watch, nothing that it rests on having changed: nobody looks."""
    final = _earned(rows).model_copy(update={"basis": "same"})
    before = Record(
        as_of=FINAL, observed_through=FINAL, references=(), looks=12, heads={}, watched=(),
        alarms=(), passed_over={}, lists=(_promise(rows), final),
    )  # fmt: skip
    nothing = cast("Run", None), cast("Known", None)
    assert profits(*nothing, [MonthOfLists(FIRST, (), "same")], [before]) == (final,)
    with pytest.raises(AttributeError):
        profits(*nothing, [MonthOfLists(FIRST, (), "")], [before])  # was not final: looked at
