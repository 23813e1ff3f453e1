"""Limits, conditions and rules of a deployment's own, in the night's list."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from pydantic import ValidationError

from churn.errors import SettingsError
from churn.report.prices import price_lines
from churn.report.terminal.explain import left_out
from churn.targeting import TargetingSettings, context, facts, plan, used_before
from tests.targeting.worlds import CALL, NIGHT, PLAIN, REMIND, people

RISK = {"p_active": 0.5}


def settings(**changes: object) -> TargetingSettings:
    """Return plain settings, changed."""
    return TargetingSettings.model_validate({**PLAIN, **changes})


def planned(rows, chosen: TargetingSettings, *, used=None, **known):
    """Plan a night whose facts are given as columns."""
    scores, around = people(rows)
    around = around.assign(**{name: pd.array(values) for name, values in known.items()})
    return plan(scores, around, chosen, NIGHT, used=used)


def some(count: int, **more: object) -> list[dict[str, object]]:
    """Return subscribers alike."""
    return [{"subscriber_id": f"s{n}", **RISK, **more} for n in range(count)]


def test_each_value_of_a_column_has_the_limit_for_itself():
    """One call per region, two in the south; rows without a region have no limit."""
    by_region = {"name": "regions", "by": "region", "at_most": 1, "each": {"south": 2}}
    regions = ["north", "north", "south", "south", "south", None, None]
    done = planned(some(7), settings(limits=[by_region]), by_regions=regions)
    listed = done.frame["subscriber_id"].str[1:].astype(int)
    assert sorted(str(regions[place]) for place in listed) == [
        "None", "None", "north", "south", "south",
    ]  # fmt: skip
    beyond = done.left_out.set_index("subscriber_id")
    assert set(beyond["limit"]) == {"regions"}
    assert sorted(beyond["cell"]) == ["north", "south"]
    # .5 * .3 * 190 - .5 * 10 - 1
    assert set(beyond["expected_profit"]) == {22.5}


def test_a_stock_is_what_earlier_contacts_left_of_it():
    """Of five offers three are gone: two are made, whatever the budget."""
    stock = {
        "name": "vouchers", "actions": ["offer"], "at_most": 5,
        "period": "since", "since": "2025-01-01",
    }  # fmt: skip
    done = planned(some(6), settings(limits=[stock]), used={"vouchers": {"": 3.0}})
    assert len(done.frame) == 2
    (price,) = done.totals["prices"]
    assert (price["limit"], price["price"], price["used"], price["at_most"]) == (
        "vouchers", 22.5, 2.0, 2.0,
    )  # fmt: skip


def test_money_of_an_action_is_limited_beside_the_budget():
    """An offer is expected to cost 1 + 10 * (.5 * .3 + .5) = 7.50; 20 buy two."""
    purse = {"name": "purse", "counts": "money", "actions": ["offer"], "at_most": 20}
    done = planned(some(6), settings(limits=[purse]))
    assert len(done.frame) == 2
    assert set(done.left_out["limit"]) == {"purse"}


def test_a_floor_makes_contacts_that_do_not_pay():
    """Three reminders are asked for although nobody owes anything."""
    floor = {"name": "reminders", "actions": ["reminder"], "at_least": 3}
    rows = [{"subscriber_id": f"s{n}", "p_passive": 0.0} for n in range(5)]
    done = planned(rows, settings(limits=[floor]))
    assert done.frame["action"].tolist() == ["reminder"] * 3
    assert done.totals["expected_profit"] == -1.5


def test_floors_and_limits_that_contradict_each_other_are_both_named():
    """At least 500 visits with three managers who make ten each."""
    limits = [
        {"name": "visits", "actions": ["visit"], "at_least": 500},
        {"name": "by_manager", "actions": ["visit"], "by": "account_manager", "at_most": 10},
    ]
    rows = some(600, key_account_classes="group")
    managers = [f"M{n % 3}" for n in range(600)]
    with pytest.raises(SettingsError) as told:
        money = {"month": 1e6, "nights_per_month": 30}
        planned(rows, settings(limits=limits, budget=money), by_by_manager=managers)
    assert told.value.what == (
        "limit visits asks for at least 500 contacts, but by_manager leaves room for 30"
    )
    assert told.value.where == "targeting.limits: visits and targeting.limits: by_manager"


def test_only_who_meets_the_condition_may_have_the_action():
    """The others are left with no action that answers their risk."""
    call = CALL.model_copy(update={"when": "region = 'north'"})
    done = planned(some(2), settings(actions=(call, REMIND)), may_offer=[True, False])
    assert done.frame["subscriber_id"].tolist() == ["s0"]
    assert done.totals["not_selected"]["no_action"] == 0
    assert done.totals["not_selected"]["not_profitable"] == 1  # a reminder still makes sense


def test_facts_are_read_from_the_columns_of_the_night(engine, rows_as_tables):
    """A condition over two columns, and the column that a limit is by."""
    chosen = settings(
        actions=(CALL.model_copy(update={"when": "region = 'north' and average_bill > 15"}),),
        limits=[{"name": "plans", "by": "plan", "at_most": 1}],
    )
    bills = [
        {"subscriber_id": name, "bill_month": "2025-01-01", "amount_due": amount}
        for name, amount in [("s1", "20.00"), ("s2", "10.00"), ("s3", "20.00")]
    ]
    subscribers = [
        {"subscriber_id": "s1", "region": "north", "plan": "A"},
        {"subscriber_id": "s2", "region": "north", "plan": "B"},
        {"subscriber_id": "s3", "region": "south"},
    ]
    known = rows_as_tables({"subscribers": subscribers, "bills": bills}).known_at(NIGHT)
    around = context(known, chosen)
    rows = around.join(known.subscribers.select("subscriber_id", "plan"), "subscriber_id")
    found = engine.to_arrow(facts(rows, chosen), order_by=["subscriber_id"]).to_pydict()
    assert found["may_offer"] == [True, False, False]
    assert found["by_plans"] == ["A", "B", None]


@pytest.mark.parametrize(
    ("rule", "barred"),
    [
        ({"action": "offer", "after": "visit", "days": 100}, {"lately"}),
        ({"action": "offer", "after": "visit"}, {"lately", "long_ago"}),
        ({"action": "visit", "after": "offer", "both_ways": True}, {"lately", "long_ago"}),
        ({"action": "visit", "after": "offer"}, set()),
    ],
)
def test_an_action_is_barred_by_another_for_its_days_or_for_ever(rule, barred):
    """Counted from the day of the contact; both ways only where said so."""
    rows = [
        {"subscriber_id": "lately", "last_visit_on": date(2024, 12, 1), **RISK},
        {"subscriber_id": "long_ago", "last_visit_on": date(2020, 1, 1), **RISK},
        {"subscriber_id": "never", "last_visit_on": None, **RISK},
    ]
    scores, around = people(rows)
    around = around.assign(last_visit_on=[row["last_visit_on"] for row in rows], last_offer_on=None)
    done = plan(scores, around, settings(rules=[rule]), NIGHT)
    reasons = done.left_out.set_index("subscriber_id")["reason"]
    assert set(reasons[reasons == "rule"].index) == barred or done.frame["action"].eq("offer").all()
    assert {"lately", "long_ago", "never"} - set(done.frame["subscriber_id"]) == barred


def test_a_customer_gets_so_many_offers_a_year():
    """One of two allowed has been made to the first, both to the second."""
    rows = [
        {"subscriber_id": "one", "offers_in_year": 1, **RISK},
        {"subscriber_id": "two", "offers_in_year": 2, **RISK},
    ]
    done = planned(rows, settings(offers_per_year=2))
    assert done.frame["subscriber_id"].tolist() == ["one"]


def contact(subscriber: str, day: str, arm: str, action: str, cost: str) -> dict[str, str]:
    """Return one campaign contact."""
    return {
        "subscriber_id": subscriber, "contacted_on": day, "campaign_id": "x", "arm": arm,
        "action": action, "cost": cost,
    }  # fmt: skip


def test_histories_and_what_was_used_come_from_treated_contacts(engine, rows_as_tables):
    """Of the whole customer, within the year or the period; controls and tonight do not count."""
    limit = {"name": "calls", "by": "region", "at_most": 9, "period": "month", "counts": "money"}
    chosen = settings(rules=[{"action": "offer", "after": "visit"}], limits=[limit])
    tables = rows_as_tables(
        {
            "subscribers": [
                {"subscriber_id": "s1", "customer_id": "c", "region": "north"},
                {"subscriber_id": "s2", "customer_id": "c", "region": "north"},
            ],
            "campaign_contacts": [
                contact("s1", "2025-02-10", "treated", "offer", "7.00"),
                contact("s1", "2024-02-10", "treated", "offer", "7.00"),
                contact("s2", "2025-02-11", "treated", "offer", "7.50"),
                contact("s2", "2025-02-12", "control", "offer", "0.00"),
                contact("s2", "2024-11-12", "treated", "visit", "60.00"),
            ],
        }
    )
    known = tables.known_at(date(2025, 2, 20))
    around = context(known, chosen)
    rows = engine.to_arrow(around, order_by=["subscriber_id"]).to_pydict()
    assert rows["offers_in_year"] == [2, 2]
    assert rows["last_visit_on"] == [date(2024, 11, 12)] * 2
    (limit_,) = chosen.limits
    people_ = around.join(facts(around, chosen), "subscriber_id")
    used = engine.to_arrow(used_before(known, people_, limit_, chosen.actions)).to_pylist()
    assert used == [{"cell": "north", "used": 14.5}]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"limits": [{"name": "budget", "at_most": 1}]}, "that targeting.budget sets"),
        ({"limits": [{"name": "x"}]}, "limits nothing"),
        ({"limits": [{"name": "x", "at_most": 1, "at_least": 2}]}, "at least 2 and at most 1"),
        ({"limits": [{"name": "x", "counts": "money", "at_least": 2}]}, "only contacts"),
        ({"limits": [{"name": "x", "at_most": 1, "period": "since"}]}, "period since"),
        ({"limits": [{"name": "x", "each": {"north": 1}}]}, "give by"),
        ({"limits": [{"name": "x", "at_most": 1, "actions": ["ofer"]}]}, "no action: ofer"),
        ({"limits": [{"name": "x", "at_most": 1}] * 2}, "named twice: x"),
        ({"rules": [{"action": "offer", "after": "cake"}]}, "no action: cake"),
    ],
)
def test_limits_that_make_no_sense_are_refused(change, said):
    """In words of the domain."""
    with pytest.raises(ValidationError, match=said):
        settings(**change)


def test_prices_and_who_is_left_out_are_told_in_both_languages():
    """What one more unit would earn, and what the limit cost the one it kept out."""
    chosen = settings(limits=[{"name": "calls", "actions": ["offer"], "at_most": 1}])
    done = planned(some(3), chosen)
    (line,) = price_lines(done.totals["prices"], chosen)
    assert line.en == "calls: one more contact would earn 22.50 CNY (1 of 1 used)"
    assert line.zh == "calls：每多 1 次联系 可增收 22.50元（已用 1/1）"
    told = left_out(done.left_out.to_dict("records")[0], chosen)
    assert told.en == (
        "decision: not selected: would pay, but budget or capacity is used up (calls); "
        "forgone: 22.50 CNY by Offer"
    )
    assert told.zh == (
        "决策：未入选：有收益但预算或产能用完（calls）；放弃收益 22.50元，措施：优惠"
    )
