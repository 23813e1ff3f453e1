"""Tonight's list: what pays, for whom, with what, and who is left alone."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from churn.language import Text
from churn.targeting import CONTROL_COLUMNS, TARGET_COLUMNS, Action, TargetingSettings, plan
from churn.targeting.control import draws, in_control
from churn.targeting.totals import message
from tests.targeting.worlds import CALL, NIGHT, PLAIN, VISIT, people


def planned(rows: list[dict[str, object]], *, spent: float = 0.0, **changes: object):
    """Plan the night of a little world."""
    chosen = TargetingSettings.model_validate({**PLAIN, **changes})
    return plan(*people(rows), chosen, NIGHT, spent=spent)


def test_a_contact_is_made_only_above_the_break_even_chance():
    """With V 200, d 10, f 1, everyone taking the offer and gamma .3 it breaks even at 16.4 %."""
    done = planned(
        [
            {"subscriber_id": "below", "p_active": 0.164},
            {"subscriber_id": "above", "p_active": 0.166},
        ],
        least_profit=0,
    )
    assert done.frame["subscriber_id"].tolist() == ["above"]
    # .166 * .3 * 190 - .834 * 10 - 1
    assert done.frame["expected_profit"].tolist() == [0.12]
    assert done.totals["not_selected"]["not_profitable"] == 1


def test_a_contact_earns_the_least_profit_or_more():
    """What is expected to earn less is nobody's work: it counts as not profitable."""
    rows = [
        {"subscriber_id": name, "p_active": chance}
        for name, chance in (("little", 0.166), ("enough", 0.2))
    ]
    assert planned(rows).frame["subscriber_id"].tolist() == ["enough"]
    assert planned(rows).totals["not_selected"]["not_profitable"] == 1
    assert planned(rows, least_profit=2.4).frame.empty  # .2 * .3 * 190 - .8 * 10 - 1 = 2.40


def test_the_action_follows_the_cause_and_arrears_raise_the_value():
    """A passive churner is reminded and worth V + A; the frame has exactly the agreed columns."""
    done = planned(
        [
            {"subscriber_id": "a", "p_active": 0.5},
            {"subscriber_id": "b", "p_passive": 0.5, "amount_overdue": 100.0},
        ]
    )
    rows = done.frame.set_index("subscriber_id")
    assert tuple(done.frame.columns) == TARGET_COLUMNS
    assert rows.loc["a", ["cause", "action", "channel"]].tolist() == ["active", "offer", "call"]
    assert rows.loc["b", ["cause", "action", "channel"]].tolist() == [
        "passive",
        "reminder",
        "sms",
    ]
    assert rows["value_if_saved"].to_dict() == {"a": 200.0, "b": 200.0 + 80.0 + 25.0}
    assert rows.loc["b", "expected_profit"] == pytest.approx(0.5 * 0.2 * 305 - 0.5)


def test_an_action_against_any_cause_saves_from_both():
    """The chances add up, arrears count in the passive share, and only key accounts are visited."""
    risk = {"p_active": 0.1, "p_passive": 0.3, "amount_overdue": 100.0}
    done = planned(
        [
            {"subscriber_id": "firm", "key_account_classes": "group", **risk},
            {"subscriber_id": "home", "key_account_classes": "potential", **risk},
        ]
    )
    rows = done.frame.set_index("subscriber_id")
    assert rows["action"].to_dict() == {"firm": "visit", "home": "reminder"}
    value = 200 + 105 * 0.75
    assert rows.loc["firm", "expected_profit"] == pytest.approx(round(0.4 * 0.5 * value - 5, 2))
    assert rows["tier"].to_dict() == {"firm": "key", "home": "standard"}


def test_one_contact_per_customer_goes_to_its_most_profitable_line():
    """The other line is counted as such, not as unprofitable."""
    done = planned(
        [
            {"subscriber_id": "s1", "customer_id": "c", "p_active": 0.5},
            {"subscriber_id": "s2", "customer_id": "c", "p_active": 0.6},
        ]
    )
    assert done.frame["subscriber_id"].tolist() == ["s2"]
    assert done.totals["not_selected"]["other_line"] == 1


def test_refused_channels_and_recent_contacts_are_respected():
    """An opt-out leaves other channels open; a contact within the cool-down leaves none."""
    both = {"p_active": 0.5, "p_passive": 0.4}
    done = planned(
        [
            {"subscriber_id": "no_calls", "opt_outs": "call;", **both},
            {"subscriber_id": "nothing", "opt_outs": "call;sms;", **both},
            {"subscriber_id": "rested", "last_contact_on": date(2024, 12, 30), **both},
            {"subscriber_id": "called", "last_contact_on": date(2024, 12, 31), **both},
        ]
    )
    actions = done.frame.set_index("subscriber_id")["action"].to_dict()
    assert actions == {"no_calls": "reminder", "rested": "offer"}
    assert done.totals["not_selected"]["opted_out"] == 1
    assert done.totals["not_selected"]["cool_down"] == 1


def test_who_has_applied_to_port_out_is_contacted_by_nobody():
    """Neither by an offer nor by what is never withheld, such as a visit or a reminder."""
    both = {"p_active": 0.9, "p_passive": 0.9}
    done = planned(
        [
            {"subscriber_id": "applied", "applied_to_port": True, **both},
            {
                "subscriber_id": "key",
                "applied_to_port": True,
                "key_account_classes": "high_value",
                **both,
            },
            {"subscriber_id": "other", **both},
        ]
    )
    assert done.frame["subscriber_id"].tolist() == ["other"]
    assert done.totals["not_selected"]["applied_to_port"] == 2


def test_a_head_that_is_off_is_answered_by_no_action():
    """Without an active head only passive churn is met."""
    done = planned([{"subscriber_id": "s", "p_active": float("nan"), "p_passive": 0.0}])
    assert done.totals["not_selected"]["not_profitable"] == 1
    done = planned([{"subscriber_id": "s", "p_active": float("nan"), "p_passive": float("nan")}])
    assert done.totals["not_selected"]["no_action"] == 1


def test_an_empty_list_says_so_in_plain_words():
    """Nobody above break-even: no rows, a sentence in both languages, totals that reconcile."""
    done = planned([{"subscriber_id": "s", "p_active": 0.01}])
    assert done.frame.empty
    assert tuple(done.frame.columns) == TARGET_COLUMNS
    assert done.message.en.startswith("The list is empty: of 1 scored subscribers none is worth")
    assert done.message.zh.startswith("名单为空")
    rest = message(0, 0, 5_005, 601)
    assert rest.en.startswith(
        "The list is empty: of 5,005 scored subscribers none is worth a contact tonight besides "
        "the 601 contacted"
    )
    assert "另有601户处于冷却期" in rest.zh
    assert planned_nobody().message.en == "The list is empty: nobody was scored."


def planned_nobody():
    """Plan a night on which nobody is eligible."""
    scores, context = people([{"subscriber_id": "s"}])
    return plan(scores.iloc[:0], context, TargetingSettings.model_validate(PLAIN), NIGHT)


def test_the_month_s_money_is_paced_over_its_nights():
    """3,000 over 31 days is 100 on the first night; what is spent leaves less to each that is left.

    On 1 March all 30 nights are ahead; 1,500 spent before leaves 50 a night.
    """
    rows = [{"subscriber_id": f"s{n:02}", "p_active": 0.9} for n in range(40)]
    done = planned(rows)
    # each contact is expected to cost 1 + 10 * (.9 * .3 + .1) = 4.70
    assert done.totals["budget_tonight"] == 100.0
    assert done.totals["listed"] == 21
    assert done.totals["planned_spend"] == 98.7
    assert done.totals["not_selected"]["beyond_limits"] == 19
    assert planned(rows, spent=1_500).totals["listed"] == 10
    assert planned(rows, spent=4_000).frame.empty
    late = TargetingSettings.model_validate(PLAIN).budget
    assert late.nights_left(date(2025, 3, 31)) == 1
    assert late.tonight(date(2025, 3, 31), 2_900) == 100.0


def test_controls_are_left_alone_but_never_a_notice_or_a_key_account_visit():
    """Half of the offers fall to the control arm and no one takes their place; reminders none."""
    rows = [{"subscriber_id": f"a{n:02}", "p_active": 0.9} for n in range(20)]
    rows += [{"subscriber_id": f"p{n:02}", "p_passive": 0.9} for n in range(20)]
    done = planned(rows, control_share=0.5, budget={"month": 30_000})
    assert set(done.controls["action"]) == {"offer"}
    assert done.totals["listed_by_action"]["reminder"] == 20
    assert 4 <= len(done.controls) <= 16
    assert done.totals["selected"] == 40
    assert tuple(done.controls.columns) == CONTROL_COLUMNS
    assert set(done.controls["campaign_id"]) == {"retention-2025-03"}
    assert not set(done.controls["subscriber_id"]) & set(done.frame["subscriber_id"])


def test_the_control_draw_is_md5_of_campaign_and_customer():
    """A golden value, so that any engine can draw the same arm; shares are met on average."""
    # md5 of "retention-2025-03|c1" is fa4aae5aded837fd07576e0d13afceb3
    assert draws(["c1"], "retention-2025-03")[0] == int("fa4aae5aded83", 16) / 16**13
    share = in_control([f"c{n}" for n in range(4_000)], "x", 0.25).mean()
    assert share == pytest.approx(0.25, abs=0.03)


def test_scoring_someone_without_context_is_a_defect():
    """A list must not silently lose people."""
    scores, context = people([{"subscriber_id": "s"}])
    with pytest.raises(ValueError, match="1 scored subscribers have no context"):
        plan(scores, context.iloc[:0], TargetingSettings(), NIGHT)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"campaign": "x-{week}"}, "may hold"),
        ({"actions": (CALL, CALL)}, "named twice: offer"),
        ({"control_shares": 0.1}, "Extra inputs"),
        ({"tiers": {"gold": 3}}, "not more than silver"),
    ],
)
def test_impossible_settings_are_refused(change, said):
    """In words of the domain."""
    with pytest.raises(ValidationError, match=said):
        TargetingSettings.model_validate(change)


def test_a_key_account_visit_cannot_be_withheld():
    """Notices, repairs and key-account visits reach everyone they are meant for."""
    with pytest.raises(ValidationError, match="never withheld"):
        Action.model_validate({**VISIT.model_dump(), "withheld_by_control": True})


person = st.fixed_dictionaries(
    {
        "customer_id": st.sampled_from(["c1", "c2", "c3", "c4", "c5", "c6"]),
        "p_active": st.floats(0, 1) | st.just(float("nan")),
        "p_passive": st.floats(0, 1) | st.just(float("nan")),
        "average_bill": st.floats(-5, 300) | st.just(float("nan")),
        "amount_overdue": st.floats(0, 500) | st.just(float("nan")),
        "opt_outs": st.sampled_from(["", "call;", "sms;", "call;sms;visit;"]),
        "key_account_classes": st.sampled_from([None, "group", "group;important"]),
        "last_contact_on": st.sampled_from([None, date(2025, 2, 1), date(2024, 1, 1)]),
    }
)


@settings(deadline=None, max_examples=60)
@given(
    rows=st.lists(person, max_size=14),
    budget=st.integers(0, 60),
    limits=st.tuples(st.none() | st.integers(0, 4), st.none() | st.integers(0, 2)),
    shuffle=st.randoms(use_true_random=False),
)
def test_whatever_the_world_the_list_keeps_its_promises(rows, budget, limits, shuffle):
    """Within budget and capacity, one contact a customer, opt-outs kept, totals that reconcile.

    And the order in which people come changes nothing.
    """
    rows = [{"subscriber_id": f"s{n:02}", **row} for n, row in enumerate(rows)]
    contacts, calls = limits
    changes = {
        "control_share": 0.4,
        "budget": {
            "month": budget,
            "nights_per_month": 1,
            "max_contacts": contacts,
            "channel_capacity": {} if calls is None else {"call": calls},
        },
    }
    if not rows:
        return
    done = planned(rows, **changes)
    totals = done.totals
    both = pd.concat([done.frame, done.controls])
    assert totals["planned_spend"] + totals["withheld_spend"] <= budget + 1e-9
    assert contacts is None or len(both) <= contacts
    assert calls is None or (both["channel"] == "call").sum() <= calls
    assert both["customer_id"].is_unique
    assert (both["expected_profit"] > 0).all()
    assert totals["scored"] == totals["selected"] + sum(totals["not_selected"].values())
    assert totals["selected"] == totals["listed"] + totals["control"] == len(both)
    assert totals["expected_profit"] == pytest.approx(done.frame["expected_profit"].sum())
    asked = {row["subscriber_id"]: row for row in rows}
    for subscriber, channel in zip(both["subscriber_id"], both["channel"], strict=True):
        assert f"{channel};" not in asked[subscriber]["opt_outs"]
        assert asked[subscriber]["last_contact_on"] != date(2025, 2, 1)
    assert done.frame["rank"].tolist() == list(range(1, len(done.frame) + 1))
    assert np.all(np.diff(done.frame["expected_profit"]) <= 0)
    shuffled = list(rows)
    shuffle.shuffle(shuffled)
    again = planned(shuffled, **changes)
    pd.testing.assert_frame_equal(again.frame, done.frame)
    pd.testing.assert_frame_equal(again.controls, done.controls)


def advised(rows, **settings):
    """Plan a list with advice on plans in the catalogue; a row may tell ``p_downgrade``."""
    advice = Action(
        name="advice",
        label=Text("Advice", "建议"),
        answers="downgrade",
        channel="call",
        contact_cost=1.0,
        effect=0.5,
    )
    actions = (*PLAIN["actions"], advice)
    scores, context = people([{k: v for k, v in r.items() if k != "p_downgrade"} for r in rows])
    told = scores.assign(p_downgrade=[row.get("p_downgrade", 0.0) for row in rows])
    chosen = TargetingSettings(**{**PLAIN, "actions": actions, **settings})
    return plan(told, context, chosen, NIGHT)


def test_a_downgrade_is_answered_beside_churn_and_once_for_each():
    """Worth the share of V that it loses; whoever may leave gets what earns more; none twice."""
    done = advised(
        [
            {"subscriber_id": "down", "p_downgrade": 0.3},
            {"subscriber_id": "both", "p_downgrade": 0.3, "p_active": 0.5},
            {"subscriber_id": "refused", "p_downgrade": 0.3, "opt_outs": "call;sms"},
            {"subscriber_id": "applied", "p_downgrade": 0.3, "applied_to_port": True},
            {"subscriber_id": "hardly", "p_downgrade": 0.01},
        ]
    )
    rows = done.frame.set_index("subscriber_id")
    assert rows[["cause", "action"]].to_dict("index") == {
        "down": {"cause": "downgrade", "action": "advice"},
        "both": {"cause": "active", "action": "offer"},
    }
    assert rows.loc["down", "value_if_saved"] == pytest.approx(0.3 * 200)
    assert rows.loc["down", "expected_profit"] == pytest.approx(0.3 * 0.5 * 60 - 1)
    assert rows["p_downgrade"].to_dict() == {"down": 0.3, "both": 0.3}
    left = done.left_out.set_index("subscriber_id")["reason"].to_dict()
    assert left == {
        "refused": "opted_out", "applied": "applied_to_port", "hardly": "not_profitable",
    }  # fmt: skip


def test_the_control_arm_is_drawn_from_downgrades_too():
    """A share of the selected is left alone, and goes on record with its arm."""
    rows = [{"subscriber_id": f"s{number}", "p_downgrade": 0.3} for number in range(60)]
    done = advised(rows, control_share=0.3)
    assert len(done.frame) + len(done.controls) == 60
    assert len(done.controls) > 5
    assert set(done.controls["cause"]) == {"downgrade"}
    assert set(done.selected["arm"]) == {"treated", "control"}


def test_actions_against_what_no_table_tells_of_are_none_of_the_night(rows_as_tables):
    """Advice on plans is in the catalogue only where plan changes are delivered."""
    change = {"subscriber_id": "a", "changed_on": "2025-01-01"}
    without = rows_as_tables({"bills": []}).known_at(NIGHT)
    with_it = rows_as_tables({"plan_changes": [change]}).known_at(NIGHT)
    settings = TargetingSettings()
    told = {action.name for action in settings.delivered(with_it).actions}
    kept = {action.name for action in settings.delivered(without).actions}
    assert told - kept == {"plan_advice"}
