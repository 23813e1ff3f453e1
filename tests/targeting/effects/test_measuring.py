"""Effects of actions from their arms: verdicts, shrinkage, and arms that no lot had drawn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from churn.evaluation.intervals import Interval
from churn.language import Text
from churn.report.effects import short_source_of, source_of
from churn.report.terminal.uplift import uplift_lines
from churn.targeting import Action, TargetingSettings, plan
from churn.targeting.effects import DRAW, EARLIER, Effect, measured
from churn.targeting.effects.measuring import reckoned, surely
from churn.targeting.effects.personal import Personal, Trait
from churn.targeting.effects.randomness import arms_alike
from churn.targeting.effects.settings import EffectSettings
from tests.targeting.worlds import CALL, NIGHT, PLAIN, REMIND, people

SETTINGS = EffectSettings()


def drawn(
    selected: int,
    gamma: float,
    *,
    seed: int = 1,
    chance: float = 0.1,
    control_share: float = 0.5,
    action: str = "offer",
    by_lot: bool = True,
) -> pd.DataFrame:
    """Draw the arms of two campaigns; without a lot, those who owe most are treated."""
    source = np.random.default_rng(seed)
    earlier = pd.DataFrame({name: source.normal(size=selected) for name in EARLIER})
    lot = source.random(selected)
    if not by_lot:
        lot = earlier["amount_overdue"].rank(pct=True).to_numpy() * 0.4 + lot * 0.6
    treated = (lot >= control_share).astype(int)
    left = source.random(selected) < chance * (1 - gamma * treated)
    rows = {
        "subscriber_id": [f"s{n}" for n in range(selected)],
        "campaign_id": np.where(np.arange(selected) % 2, "spring", "autumn"),
        "drawn_from": pd.Timestamp("2025-01-01"),
        "action": action,
        "control_share": control_share,
        "treated": treated,
        "left_active": left.astype(int),
        "left_passive": 0,
    }
    return pd.concat([pd.DataFrame(rows), earlier], axis=1)


def test_a_real_effect_is_proven_and_used():
    """Half of 12,000 spared: gamma .4 is found within its interval, and what is used is near it."""
    (effect,) = measured(drawn(12_000, 0.4, seed=2), [CALL], SETTINGS)
    assert effect.verdict == "helps"
    assert effect.gamma.lower < 0.4 < effect.gamma.upper
    assert effect.used == pytest.approx(effect.gamma.value, abs=0.03)
    assert effect.difference.upper < 0
    assert effect.looking.lower < effect.gamma.lower
    assert effect.more_selected is None


def test_harm_is_proven_too_and_who_would_be_harmed_is_not_contacted():
    """Where a contact wakes people, the list leaves them alone, whatever the settings assume."""
    effects = measured(drawn(12_000, -0.6), [CALL], SETTINGS)
    (effect,) = effects
    assert effect.verdict == "harms"
    assert effect.used < 0
    scores, around = people([{"subscriber_id": "s", "p_active": 0.6}])
    chosen = TargetingSettings.model_validate({**PLAIN, "actions": (CALL,)})
    assert len(plan(scores, around, chosen, NIGHT).frame) == 1
    done = plan(scores, around, chosen, NIGHT, effects=effects)
    assert done.frame.empty
    assert done.totals["effects"][0]["verdict"] == "harms"
    assert done.totals["not_selected"]["harmed"] == 1


@pytest.mark.parametrize(
    "asking",
    [{"limits": [{"name": "calls", "actions": ["offer"], "at_least": 1}]}, {"least_profit": -1e6}],
)
def test_neither_a_floor_nor_learning_wakes_anybody(asking):
    """One of two is harmed: the other alone is contacted, though both are asked for."""
    rows = [{"subscriber_id": name, "p_active": 0.2} for name in ("s1", "s2")]
    scores, around = people(rows)
    around["customer_type"] = ["business", "residential"]
    own = Personal(
        traits=(Trait(column="customer_type", value="business"),),
        base=float(np.log(0.7)),
        slopes=(1.0,),
        gain=Interval(value=2.0, lower=1.0, upper=3.0),
    )
    effect = Effect(action="offer", verdict="helps", used=0.3, assumed=0.3, personal=own)
    chosen = TargetingSettings.model_validate({**PLAIN, "actions": (CALL,), **asking})
    done = plan(scores, around, chosen, NIGHT, effects=[effect])
    assert done.frame["subscriber_id"].tolist() == ["s2"]
    assert done.left_out[["subscriber_id", "reason"]].to_numpy().tolist() == [["s1", "harmed"]]


def test_few_contacts_leave_the_assumption_nearly_as_it_was():
    """Sixty selected prove nothing: the prior stays, and it is said how many more would do."""
    (effect,) = measured(drawn(60, 0.0), [CALL], SETTINGS)
    assert effect.verdict == "not_proven"
    assert short_source_of(effect).en == "measured, not proven"
    far = effect.model_copy(update={"gamma": Interval(value=0.1, lower=-402.43, upper=0.64)})
    assert "(< −1000% to +64%; not proven)" in source_of(far).en
    assert effect.used == pytest.approx(CALL.effect, abs=0.08)
    assert effect.more_selected > 1_000
    assert effect.more_days == pytest.approx(effect.more_selected / (60 / 15.21875), abs=1)


def test_the_prior_alone_gives_the_assumption_back():
    """Shrinkage is centred: with next to no evidence the mean effect is the one assumed."""
    rows = drawn(60, 0.3, chance=1e-9)
    (effect,) = measured(rows, [CALL], SETTINGS)
    assert effect.used == pytest.approx(CALL.effect, abs=0.005)


def test_the_sure_effect_is_a_quantile_of_arms_and_prior():
    """With next to no evidence it is the prior's; with many arms it comes close to the mean."""
    (effect,) = measured(drawn(60, 0.3, chance=1e-9), [CALL], SETTINGS)
    spread = SETTINGS.prior_spread
    highest = np.log(1 - CALL.effect) - spread**2 / 2 + spread * norm.ppf(SETTINGS.certainty)
    assert effect.sure == pytest.approx(1 - np.exp(highest), abs=0.005)
    (many,) = measured(drawn(60_000, 0.3), [CALL], SETTINGS)
    assert many.used - 0.03 < many.sure < many.used


def test_without_arms_there_is_no_sure_effect():
    """The settings' effect is then all there is."""
    (effect,) = measured(drawn(60, 0.3).iloc[:0], [CALL], SETTINGS)
    assert effect.sure is None


@pytest.mark.parametrize(
    ("sure", "learning", "listed"),
    [
        (None, {}, ["likely", "unlikely"]),
        (0.2, {}, ["likely"]),
        (-0.01, {}, []),
        (-0.01, {"budget_share": 0.5}, ["likely", "unlikely"]),
    ],
    ids=["no arms", "sure for some", "may as well wake", "learned from"],
)
def test_a_measured_contact_must_pay_surely_enough(sure, learning, listed):
    """It is left alone where it pays in the mean alone, unless the night pays to learn."""
    rows = [
        {"subscriber_id": name, "p_active": p} for name, p in (("likely", 0.4), ("unlikely", 0.22))
    ]
    effect = Effect(action="offer", verdict="not_proven", used=0.3, sure=sure, assumed=0.3)
    chosen = TargetingSettings.model_validate({**PLAIN, "actions": (CALL,), "learning": learning})
    done = plan(*people(rows), chosen, NIGHT, effects=[effect])
    assert sorted(done.frame["subscriber_id"]) == listed
    assert done.totals["not_selected"]["unsure"] == 2 - len(listed)
    # .4 * .2 * 190 - .6 * 10 - 1 = 8.2, and .22 * .2 * 190 - .78 * 10 - 1 is below 0
    if sure == 0.2:
        assert done.left_out["reason"].tolist() == ["unsure"]


def test_by_subscriber_the_sure_effect_lies_as_far_below_as_in_the_mean():
    """Relative risks differ by one factor for all."""
    own = Personal(
        traits=(Trait(column="customer_type", value="business"),),
        base=float(np.log(0.7)),
        slopes=(0.2,),
        gain=Interval(value=2.0, lower=1.0, upper=3.0),
    )
    effect = Effect(action="offer", verdict="helps", used=0.3, sure=0.2, assumed=0.3, personal=own)
    rows = pd.DataFrame({"customer_type": ["business", "residential"]})
    mean = reckoned([effect], rows)
    low = surely([effect], mean)["offer"]
    assert (1 - low) / (1 - mean["offer"]) == pytest.approx([0.8 / 0.7] * 2)


def test_arms_that_no_lot_drew_are_not_believed():
    """Those who owe most were treated: their earlier columns tell the arms apart."""
    (effect,) = measured(drawn(2_000, 0.5, by_lot=False), [CALL], SETTINGS)
    assert effect.verdict == "not_random"
    assert effect.campaigns_refused == 2
    assert effect.used == effect.assumed


def test_one_crooked_campaign_does_not_discredit_the_others():
    """It is left out and counted."""
    crooked = drawn(1_000, 0.9, by_lot=False, seed=3).assign(campaign_id="crooked")
    (effect,) = measured(pd.concat([drawn(4_000, 0.0), crooked]), [CALL], SETTINGS)
    assert effect.campaigns_refused == 1
    assert effect.treated + effect.control == 4_000
    assert effect.verdict == "not_proven"


def test_honest_lots_are_hardly_ever_called_crooked():
    """The chance is uniform: of 400 honest lots about 20 lie below .05."""
    source = np.random.default_rng(5)
    found = []
    for _ in range(400):
        earlier = pd.DataFrame(source.exponential(size=(120, 4))).mask(
            source.random((120, 4)) < 0.1
        )
        treated = (source.random(120) < 0.6).astype(int)
        found.append(arms_alike(treated, np.arange(120) % 3, earlier))
    assert 8 <= np.sum(np.array(found) < 0.05) <= 34


def test_without_a_control_nothing_can_be_measured():
    """Whom nobody is spared from, and what nobody has had yet, keep the assumption and say so."""
    everyone = drawn(500, 0.0).assign(treated=1)
    later = Action.model_validate({**CALL.model_dump(), "name": "later"})
    effects = measured(everyone, [CALL, REMIND, later], SETTINGS)
    assert [effect.verdict for effect in effects] == [
        "not_measurable", "not_measurable", "no_contacts",
    ]  # fmt: skip
    assert [effect.used for effect in effects] == [0.3, 0.2, 0.3]
    assert source_of(effects[0]).en == "assumed: not measurable: nobody is spared"
    assert short_source_of(effects[0]).en == "assumed"


def test_an_action_against_any_cause_is_judged_by_both():
    """Who left passively counts for an action against either, not for one against active churn."""
    rows = drawn(2_000, 0.0)
    rows["left_passive"] = 1 - rows["left_active"]
    either = Action.model_validate({**CALL.model_dump(), "answers": "any"})
    (effect,) = measured(rows, [either], SETTINGS)
    assert effect.treated_rate == effect.control_rate == 1.0
    (effect,) = measured(rows, [CALL], SETTINGS)
    assert effect.control_rate < 0.2


def test_effects_are_told_in_both_languages():
    """A row per action, what would prove the unproven, what waits for its outcome."""
    chosen = TargetingSettings.model_validate({**PLAIN, "actions": (CALL, REMIND)})
    effects = measured(drawn(300, 0.0), chosen.actions, SETTINGS)
    lines = list(uplift_lines(effects, chosen, waiting=12))
    assert [line.en.split()[0] for line in lines[:3]] == ["action", "Offer", "Reminder"]
    assert "not measurable: nobody is spared" in lines[2].en
    assert "无法测量" in lines[2].zh
    assert any("would prove the effect assumed" in line.en for line in lines)
    assert any("12 次接触的结果尚未确定" in line.zh for line in lines)
    assert isinstance(lines[0], Text)


def test_rows_carry_the_draw_they_belong_to():
    """Draws are compared within campaign, half month and action."""
    assert set(DRAW) <= set(drawn(10, 0.0).columns)
