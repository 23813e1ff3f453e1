"""Whose draws tell of an action: of those it makes sense for, and of all that our lists drew."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from churn.language import Text
from churn.report.terminal.uplift import uplift_lines
from churn.targeting import Action, TargetingSettings
from churn.targeting.effects import EARLIER, LISTED, meant, measured
from churn.targeting.effects.settings import EffectSettings
from tests.targeting.worlds import CALL

REPAIR = Action(
    name="repair",
    label=Text("repair call", "修障回访"),
    answers="active",
    channel="call",
    contact_cost=5,
    effect=0.25,
    needs=("recent_fault",),
    withheld_by_control=False,
)


def draws(selected: int, of: dict[bool, float], *, share: float, seed: int) -> pd.DataFrame:
    """Draw half of a campaign; the effect is another where a line had failed before."""
    source = np.random.default_rng(seed)
    failed = source.random(selected) < share
    treated = source.random(selected) < 0.5
    gamma = np.where(failed, of[True], of[False])
    rows = pd.DataFrame({name: source.normal(size=selected) for name in EARLIER})
    return rows.assign(
        recent_fault=failed.astype("float64"),
        subscriber_id=[f"s{n}" for n in range(selected)],
        campaign_id="spring",
        drawn_from=pd.Timestamp("2025-01-01"),
        action="repair",
        control_share=0.5,
        treated=treated.astype(int),
        left_active=(source.random(selected) < 0.15 * (1 - gamma * treated)).astype(int),
        left_passive=0,
    )


def test_an_effect_is_that_of_those_who_may_have_the_action():
    """A fifth had a fault and is helped, the others are woken: the mean of all is nobody's."""
    rows = draws(20_000, {True: 0.45, False: -0.1}, share=0.2, seed=1)
    (mixed,) = measured(rows, [REPAIR], EffectSettings())
    (own,) = measured(rows[meant(rows, [REPAIR])], [REPAIR], EffectSettings())
    assert mixed.gamma.upper < 0.45
    assert own.gamma.lower < 0.45 < own.gamma.upper
    assert own.treated + own.control == rows["recent_fault"].sum()


def test_what_was_not_known_did_not_hold():
    """A draw from before faults were delivered tells nothing of who had one."""
    rows = draws(2_000, {True: 0, False: 0}, share=1, seed=1)
    rows.loc[rows.index < 500, "recent_fault"] = np.nan
    assert meant(rows, [REPAIR]).sum() == 1_500


def test_what_our_own_lists_drew_was_asked_on_its_day():
    """A fault of last week was not known when the half month began, and was when it was listed."""
    rows = draws(2_000, {True: 0, False: 0}, share=0, seed=1)
    assert meant(rows.assign(**{LISTED: rows.index < 900}), [REPAIR]).sum() == 900


def test_too_few_of_them_leave_it_to_everyone():
    """Arms of which some eight left tell nothing: everyone drawn counts."""
    rows = draws(2_000, {True: 0, False: 0}, share=0.05, seed=1)
    assert meant(rows, [REPAIR]).all()


@pytest.mark.parametrize("action", [CALL, REPAIR.model_copy(update={"name": "other"})])
def test_nothing_is_asked_of_other_draws(action):
    """An action without needs, and draws of another action, count as they stand."""
    rows = draws(2_000, {True: 0, False: 0}, share=0.5, seed=1)
    assert meant(rows, [action]).all()


def test_how_many_do_not_count_is_told():
    """In both languages, and nothing where all count."""
    settings = TargetingSettings()
    told = [line.en for line in uplift_lines((), settings, waiting=0, not_meant=1_234)]
    assert any(line.startswith("1,234 draws were of subscribers whom") for line in told)
    assert not any("not meant" in line.en for line in uplift_lines((), settings, waiting=0))
