"""Who counts in which arm, and as having left."""

from __future__ import annotations

from datetime import date

import pytest

from churn.labels import downgraded, outcomes
from churn.language import Text
from churn.states import StateSettings
from churn.targeting import Action, TargetingSettings, context
from churn.targeting.effects import assignments, draw_days, exposure, half_month
from churn.targeting.effects.outcomes import answered
from churn.windows import TimeSettings, Window

DRAWS = Window(date(2025, 1, 1), date(2025, 1, 15))
TIME = exposure(TimeSettings())


def contact(subscriber: str, day: str, arm: str, action: str | None, campaign: str = "x"):
    """Return one campaign contact."""
    return {
        "subscriber_id": subscriber, "contacted_on": day, "campaign_id": campaign, "arm": arm,
        "action": action,
    }  # fmt: skip


def event(subscriber: str, day: str, status: str) -> dict[str, str]:
    """Return one status event."""
    return {"subscriber_id": subscriber, "effective_at": f"{day} 08:00:00", "status": status}


def test_assignment_decides_and_a_departure_counts_from_its_day(engine, rows_as_tables):
    """Gone before the draw: not there. Gone in the lead: left. Later than the window: stayed.

    A control without an action has that of its campaign; foreign actions are not looked at.
    """
    names = ["early", "lead", "late", "stays", "spared", "other"]
    leaves = {"early": "2025-01-03", "lead": "2025-01-12", "late": "2025-02-20"}
    tables = rows_as_tables(
        {
            "subscribers": [{"subscriber_id": name} for name in names],
            "status_events": [
                *(event(name, "2020-01-01", "在用") for name in names),
                *(event(name, day, "退网停机") for name, day in leaves.items()),
            ],
            "campaign_contacts": [
                contact("early", "2025-01-10", "treated", "offer"),
                contact("lead", "2025-01-10", "treated", "offer"),
                contact("late", "2025-01-10", "treated", "offer"),
                contact("stays", "2025-01-10", "treated", "offer"),
                contact("spared", "2025-01-10", "control", None),
                contact("other", "2025-01-11", "treated", "cake", "y"),
                contact("other", "2025-01-20", "treated", "offer", "z"),
            ],
        }
    )
    known = tables.known_at(date(2025, 6, 1))
    found = outcomes(known, DRAWS.start, TIME, StateSettings())
    around = context(tables.known_at(DRAWS.start), TargetingSettings())
    rows = assignments(known, DRAWS, found, around, ["offer"])
    told = engine.to_arrow(rows, order_by=["subscriber_id"]).to_pylist()
    assert {row["subscriber_id"]: (row["treated"], row["left_active"]) for row in told} == {
        "late": (1, 0), "lead": (1, 1), "spared": (0, 0), "stays": (1, 0),
    }  # fmt: skip
    assert {row["action"] for row in told} == {"offer"}
    days = engine.to_arrow(draw_days(known), order_by=["contacted_on"]).to_pydict()
    assert days["contacts"] == [5, 1, 1]


def test_advice_on_plans_is_measured_by_who_moved_down_after_it(engine, rows_as_tables):
    """From the day of the draw on; who left counts as kept its plan, and nobody as both."""
    names = ["before", "after", "spared", "left"]
    tables = rows_as_tables(
        {
            "subscribers": [{"subscriber_id": name} for name in names],
            "status_events": [
                *(event(name, "2020-01-01", "在用") for name in names),
                event("left", "2025-01-20", "退网停机"),
            ],
            "plan_changes": [
                {"subscriber_id": name, "changed_on": day, "fee_change": "-5", "reason": "asked"}
                for name, day in (
                    ("before", "2025-01-05"), ("after", "2025-02-01"), ("spared", "2025-02-01"),
                )
            ],
            "campaign_contacts": [
                contact(name, "2025-01-10", "control" if name == "spared" else "treated", "advice")
                for name in names
            ],
        }
    )  # fmt: skip
    known = tables.known_at(date(2025, 6, 1))
    found = outcomes(known, DRAWS.start, TIME, StateSettings())
    around = context(tables.known_at(DRAWS.start), TargetingSettings())
    moved = downgraded(known, DRAWS.start, TIME, StateSettings())
    table = engine.to_arrow(assignments(known, DRAWS, found, around, ["advice"], moved))
    rows = table.to_pandas().set_index("subscriber_id").sort_index()
    advice = Action(
        name="advice", label=Text("a", "a"), answers="downgrade", channel="call", contact_cost=1,
        effect=0.2,
    )  # fmt: skip
    told = dict(zip(rows.index, answered(rows, advice).tolist(), strict=True))
    assert told == {"after": 1, "before": 0, "left": 0, "spared": 1}
    offer = advice.model_copy(update={"answers": "active"})
    assert answered(rows, offer).sum() == rows.loc["left", "left_active"] == 1
    assert not answered(rows.drop(columns="left_downgrade"), advice).any()


@pytest.mark.parametrize(
    ("day", "first", "end"),
    [
        (date(2025, 2, 14), date(2025, 2, 1), date(2025, 2, 15)),
        (date(2025, 2, 15), date(2025, 2, 15), date(2025, 3, 1)),
        (date(2024, 12, 31), date(2024, 12, 15), date(2025, 1, 1)),
    ],
)
def test_every_day_lies_in_one_half_month(day, first, end):
    """Halves meet at the fifteenth and at the month's end."""
    assert half_month(day) == Window(first, end)
