"""What a night gives up to learn: who is left alone longer, given another action, or bought."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from churn.evaluation.intervals import Interval
from churn.language import Text
from churn.report.effects import learning_lines, proof_line
from churn.report.terminal.uplift import instead_lines
from churn.targeting import Action, TargetingSettings, TargetList, plan
from churn.targeting.effects import Effect, instead
from tests.targeting.worlds import CALL, NIGHT, PLAIN, VISIT, people

GIFT = Action(
    name="gift",
    label=Text("Gift", "赠礼"),
    answers="active",
    channel="sms",
    contact_cost=1.0,
    effect=0.1,
)
RICH = {"month": 1e6, "nights_per_month": 1}


def planned(count: int, effects: list[Effect] | None = None, **changes: object) -> TargetList:
    """Plan a night of so many subscribers alike, with a call and a gift."""
    rows = [{"subscriber_id": f"s{n:04}", "p_active": 0.4} for n in range(count)]
    chosen = TargetingSettings.model_validate(
        {**PLAIN, "actions": (CALL, GIFT), "budget": RICH, **changes}
    )
    return plan(*people(rows), chosen, NIGHT, effects=effects or [])


def effect(verdict: str, upper: float = 0.5) -> Effect:
    """Return an effect of the call with the upper end of the interval true at all times."""
    looking = Interval(value=0.2, lower=0.0, upper=upper)
    return Effect(action="offer", verdict=verdict, used=0.3, assumed=0.3, looking=looking)


@pytest.mark.parametrize(
    ("effects", "share"),
    [
        ([], 0.5),
        ([effect("not_proven")], 0.5),
        ([effect("not_random")], 0.5),
        ([effect("helps")], 0.1),
        ([effect("not_proven", upper=0.25)], 0.1),
    ],
)
def test_half_is_left_alone_until_the_effect_is_settled(effects, share):
    """Settled is what is proven, or shown to be below what is assumed; then a tenth remains."""
    done = planned(400, effects, control_share=0.1, learning={"control_share": 0.5})
    assert done.totals["control"] / 400 == pytest.approx(share, abs=0.06)
    assert set(done.selected["control_share"]) == {share}
    assert set(done.controls["control_share"]) == {share}


def test_who_is_left_alone_at_a_tenth_was_so_at_a_half():
    """The share falls inside a campaign without anybody of the smaller arm changing sides."""
    many = planned(400, control_share=0.1, learning={"control_share": 0.5})
    few = planned(400, [effect("helps")], control_share=0.1, learning={"control_share": 0.5})
    assert set(few.controls["subscriber_id"]) < set(many.controls["subscriber_id"])


def test_a_share_is_given_another_action_with_chances_on_record():
    """A fifth of 1,000 get the gift instead of the better call; what that costs is told."""
    done = planned(1_000, learning={"other_action_share": 0.2})
    other = done.selected["action"] == "gift"
    assert other.mean() == pytest.approx(0.2, abs=0.03)
    assert (done.selected["planned_action"] == "offer").all()
    chance = done.selected["action_share"].to_numpy()
    np.testing.assert_allclose(chance, np.where(other, 0.2, 0.8))
    told = done.totals["learning"]
    assert told["other_action"] == other.sum()
    profit = done.frame.groupby("action")["expected_profit"].first()
    forgone = other.sum() * (profit["offer"] - profit["gift"])
    assert told["forgone"] == pytest.approx(forgone)
    again = planned(1_000, learning={"other_action_share": 0.2})
    pd.testing.assert_frame_equal(done.selected, again.selected)


def test_inverse_propensity_gives_every_action_its_mean():
    """Of rows whose chances are known, each action's weighted mean is that of all selected."""
    done = planned(2_000, learning={"other_action_share": 0.3})
    rows = done.selected
    secret = rows["subscriber_id"].str.slice(1).astype(int) / 2_000  # nothing to do with the lot
    for name in ("offer", "gift"):
        weight = (rows["action"] == name) / rows["action_share"]
        assert np.average(secret, weights=weight) == pytest.approx(secret.mean(), abs=0.03)
        assert weight.sum() == pytest.approx(len(rows), rel=0.1)


def test_one_action_instead_of_another_is_told_from_draws_whose_chances_are_known():
    """The gift loses one in ten more than the call; rows without a chance on record do not count.

    Who could not be given the gift, and controls, are in neither part.
    """
    done = planned(6_000, control_share=0.2, learning={"other_action_share": 0.3})
    lot = done.selected
    assert set(lot["other_actions"]) == {"gift"}
    source = np.random.default_rng(3)
    chance = np.where(lot["action"] == "gift", 0.3, 0.2)
    rows = pd.DataFrame(
        {
            "subscriber_id": lot["subscriber_id"],
            "campaign_id": lot["campaign_id"],
            "action": lot["action"],
            "treated": (lot["arm"] == "treated").astype(int),
            "left_active": (source.random(len(lot)) < chance).astype(int),
            "left_passive": 0,
        }
    )
    (found,) = instead(rows, lot, (CALL, GIFT), 20)
    assert (found.planned, found.given) == ("offer", "gift")
    assert found.kept + found.changed == (lot["arm"] == "treated").sum()
    assert found.difference.lower < 0.1 < found.difference.upper
    assert found.difference.upper - found.difference.lower < 0.1
    assert instead(rows, lot.assign(action_share=np.nan), (CALL, GIFT), 20) == ()
    assert instead(rows, lot.assign(other_actions=""), (CALL, GIFT), 20) == ()
    nothing_kept = pd.DataFrame().reindex(columns=lot.columns)
    assert instead(rows, nothing_kept, (CALL, GIFT), 20) == ()
    settings = TargetingSettings.model_validate({**PLAIN, "actions": (CALL, GIFT)})
    (line,) = instead_lines([found], settings)
    assert "Gift instead of Offer" in line.en
    assert "赠礼" in line.zh


def test_no_lot_breaks_a_limit_or_touches_what_is_never_withheld():
    """Seven gifts at most: no more are drawn, and then the chance of a call is 1. Visits stay."""
    limits = [{"name": "gifts", "actions": ["gift"], "at_most": 7}]
    done = planned(300, learning={"other_action_share": 0.5}, limits=limits)
    assert (done.selected["action"] == "gift").sum() == 7
    assert (done.selected["action_share"] == 1).sum() > 250
    rows = [{"subscriber_id": "k", "p_active": 0.9, "key_account_classes": "group"}]
    chosen = TargetingSettings.model_validate(
        {**PLAIN, "actions": (VISIT, GIFT), "learning": {"other_action_share": 0.99}}
    )
    assert plan(*people(rows), chosen, NIGHT).frame["action"].tolist() == ["visit"]


def test_money_buys_contacts_that_do_not_pay():
    """Nobody pays at a chance of .1; a share of the money buys the least losses, and says so."""
    rows = [{"subscriber_id": f"s{n}", "p_active": 0.1 - n / 1_000} for n in range(50)]
    base = {**PLAIN, "actions": (CALL,), "budget": {"month": 1_000, "nights_per_month": 1}}
    plain = TargetingSettings.model_validate(base)
    assert plan(*people(rows), plain, NIGHT).frame.empty
    share = {"learning": {"budget_share": 0.1}}
    done = plan(*people(rows), TargetingSettings.model_validate(base | share), NIGHT)
    told = done.totals["learning"]
    assert 0 < told["bought"] == len(done.frame)
    assert 90 < done.totals["planned_spend"] <= 100
    assert set(done.frame["subscriber_id"]) == {f"s{n}" for n in range(told["bought"])}
    assert told["bought_profit"] == pytest.approx(done.frame["expected_profit"].sum())
    assert told["bought_profit"] < 0
    settled = TargetingSettings.model_validate(base | share)
    assert plan(*people(rows), settled, NIGHT, effects=[effect("helps")]).frame.empty


def test_a_least_profit_below_nothing_says_what_it_bought():
    """Contacts between the least profit and nothing are learning."""
    rows = [{"subscriber_id": f"s{n}", "p_active": chance} for n, chance in enumerate((0.1, 0.9))]
    chosen = TargetingSettings.model_validate({**PLAIN, "actions": (CALL,), "least_profit": -5})
    told = plan(*people(rows), chosen, NIGHT).totals["learning"]
    assert (told["bought"], told["bought_profit"]) == (1, pytest.approx(-4.3))


def test_nights_that_would_settle_an_effect_are_told_in_both_languages():
    """Half of 400 left alone settles sooner than a tenth; both say after how many such nights."""
    nights = {}
    for share in (0.1, 0.5):
        done = planned(400, control_share=0.1, learning={"control_share": share})
        (row,) = [row for row in done.totals["learning"]["power"] if row["action"] == "offer"]
        assert row["selected"] == 400
        assert row["more_selected"] > 400 * (row["nights"] - 1)
        nights[share] = row["nights"]
        settings = TargetingSettings.model_validate({**PLAIN, "actions": (CALL, GIFT)})
        (line,) = learning_lines(done.totals, settings)
        assert f"{row['nights']} nights like this one" in line.en
        assert f"约 {row['nights']} 夜" in line.zh
    assert nights[0.5] < nights[0.1]


def test_what_nobody_can_wait_for_is_told_as_such():
    """Not that 33,193 nights remain: that this pace proves nothing, and what could be done."""
    settings = TargetingSettings.model_validate({**PLAIN, "actions": (CALL, GIFT)})
    row = {"action": "offer", "selected": 12, "control_share": 0.1, "more_selected": 398_316}
    words = {}
    for nights in (730, 33_193):
        learning = {"other_action": 0, "bought": 0, "power": [{**row, "nights": nights}]}
        (line,) = learning_lines({"learning": learning}, settings)
        words[nights] = line
        proof = effect("not_proven").model_copy(
            update={"more_selected": 398_316, "more_days": nights}
        )
        told = proof_line(proof, CALL.label)
        assert told is not None
        assert ("not provable at this pace" in told.en) == (nights > 730)
        assert ("按此进度无法证实" in told.zh) == (nights > 730)
    assert "730 nights like this one" in words[730].en
    for text in ("33,193", "nights like"):
        assert text not in words[33_193].en
    assert "not provable at this pace: it would take about 398,316 more" in words[33_193].en
    assert "33,193" not in words[33_193].zh
