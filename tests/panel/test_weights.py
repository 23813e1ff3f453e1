"""Campaign arms: the treated are dropped, their controls stand in, and the rest is untouched."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from churn.engines import Engine
from churn.labels import LabelSettings, outcomes
from churn.panel import arm_weights
from churn.states import StateSettings
from churn.windows import TimeSettings

SNAPSHOT = date(2025, 3, 10)
NOW = date(2025, 7, 1)
TIME, STATES = TimeSettings(), StateSettings()
SHARE = {"control_share": "0.2"}


def contact(line: str, day: str, arm: str, campaign: str = "k", **more: Any) -> dict[str, Any]:
    """Write one campaign contact."""
    return {
        "subscriber_id": line,
        "contacted_on": day,
        "campaign_id": campaign,
        "arm": arm,
        **more,
    }


def weights_of(
    engine: Engine,
    rows_as_tables: Any,
    contacts: Any,
    left: dict[str, tuple[str, str]],
    *,
    labels: dict[str, Any] | None = None,
    more: dict[str, Any] | None = None,
    **how: Any,
) -> dict[str, dict[str, Any]]:
    """Weigh the contacts of lines in service since 2020, some of which have left."""
    lines = sorted({one["subscriber_id"] for one in contacts} | set(left))
    events = [
        {"subscriber_id": line, "effective_at": "2020-01-01", "status": "在用"} for line in lines
    ]
    events += [
        {"subscriber_id": line, "effective_at": day, "status": code}
        for line, (day, code) in left.items()
    ]
    tables = {"status_events": events, "campaign_contacts": contacts, **(more or {})}
    known = rows_as_tables(tables).known_at(NOW)
    told = outcomes(known, SNAPSHOT, TIME, STATES, LabelSettings(**(labels or {})).chosen)
    rows = engine.to_arrow(arm_weights(known, SNAPSHOT, TIME, told, **how)).to_pylist()
    return {row["subscriber_id"]: row for row in rows}


def test_a_contact_that_can_touch_the_outcome_weighs_the_row(
    engine: Engine, rows_as_tables: Any
) -> None:
    """From the snapshot to the end of the window: treated 0, control one over the share."""
    contacts = [
        contact("before", "2025-03-09", "treated", **SHARE),
        contact("first day", "2025-03-10", "treated", **SHARE),
        contact("last day", "2025-04-23", "control", **SHARE),
        contact("after", "2025-04-24", "treated", **SHARE),
        contact("in the lead", "2025-03-20", "control", **SHARE),
    ]
    found = weights_of(engine, rows_as_tables, contacts, {})
    assert {line: row["weight"] for line, row in found.items()} == {
        "first day": 0,
        "last day": 5,
        "in the lead": 5,
    }


def test_a_share_that_is_not_on_record_is_the_campaigns_own(
    engine: Engine, rows_as_tables: Any
) -> None:
    """One control of three selected, wherever in time, stands for three; it is marked."""
    contacts = [
        contact("a", "2025-03-20", "control"),
        contact("b", "2025-03-20", "treated"),
        contact("c", "2025-05-20", "treated"),
    ]
    found = weights_of(engine, rows_as_tables, contacts, {})
    assert {line: (row["weight"], row["share_observed"]) for line, row in found.items()} == {
        "a": (3, True),
        "b": (0, False),
    }


def test_several_campaigns_are_several_draws(engine: Engine, rows_as_tables: Any) -> None:
    """Controls of two campaigns stand for both, a second contact of one campaign is no draw."""
    contacts = [
        contact("both", "2025-03-20", "control", "k", control_share="0.2"),
        contact("both", "2025-04-20", "control", "l", control_share="0.15"),
        contact("one", "2025-03-20", "control", "k", control_share="0.2"),
        contact("one", "2025-03-27", "control", "k", control_share="0.2"),
        contact("mixed", "2025-03-20", "control", "k", control_share="0.2"),
        contact("mixed", "2025-04-20", "treated", "l", control_share="0.15"),
    ]
    found = weights_of(engine, rows_as_tables, contacts, {})
    weights = {line: row["weight"] for line, row in found.items()}
    assert weights == pytest.approx({"both": 1 / (0.2 * 0.15), "one": 5, "mixed": 0}, rel=1e-6)


def test_a_call_after_the_customer_has_left_hides_no_churner(
    engine: Engine, rows_as_tables: Any
) -> None:
    """Win-back comes too late to change an active departure; arrears can still be settled."""
    contacts = [
        contact(line, "2025-04-10", arm, **SHARE)
        for line, arm in [
            ("left", "treated"),
            ("left as control", "control"),
            ("leaves that day", "treated"),
            ("leaves later", "treated"),
            ("suspended", "treated"),
        ]
    ]
    left = {
        "left": ("2025-04-09", "携号转出"),
        "left as control": ("2025-04-09", "携号转出"),
        "leaves that day": ("2025-04-10", "携号转出"),
        "leaves later": ("2025-04-11", "携号转出"),
        "suspended": ("2025-04-09", "双停"),
    }
    found = weights_of(engine, rows_as_tables, contacts, left)
    assert {line: row["weight"] for line, row in found.items()} == {
        "leaves that day": 0,
        "leaves later": 0,
        "suspended": 0,
    }


def test_a_call_to_those_gone_of_their_own_will_changes_nothing(
    engine: Engine, rows_as_tables: Any
) -> None:
    """Gone before the window opens: who left is past saving, who was suspended is not."""
    contacts = [
        contact(line, "2025-03-18", "treated", **SHARE)
        for line in ("left", "leaves later", "suspended", "removed")
    ]
    left = {
        "left": ("2025-03-15", "退网停机"),
        "leaves later": ("2025-03-20", "退网停机"),
        "suspended": ("2025-03-15", "双停"),
        "removed": ("2025-03-15", "强拆销号"),
    }
    found = weights_of(engine, rows_as_tables, contacts, left)
    assert {line: row["weight"] for line, row in found.items()} == {
        "leaves later": 0,
        "suspended": 0,
        "removed": 0,
    }


def test_a_number_locked_on_the_day_its_holder_left_is_past_saving(
    engine: Engine, rows_as_tables: Any
) -> None:
    """The lock inherits the cause of the end before it, also before the window opens."""
    contacts = [contact(line, "2025-03-18", "treated", **SHARE) for line in ("left", "removed")]
    ends = (("left", "退网停机"), ("removed", "强拆销号"))
    events = [
        {"subscriber_id": line, "effective_at": at, "status": status}
        for line, code in ends
        for at, status in (
            ("2020-01-01", "在用"),
            ("2025-03-15 10:00", code),
            ("2025-03-15 10:05", "锁定期"),
        )
    ]
    found = weights_of(engine, rows_as_tables, contacts, {}, more={"status_events": events})
    assert {line: row["weight"] for line, row in found.items()} == {"removed": 0}


def test_a_suspension_read_as_active_can_still_be_paid(engine: Engine, rows_as_tables: Any) -> None:
    """In a passive coat: a contact after the suspension counts, one after a removal as well."""
    lines = {"suspended": "双停", "removed": "强拆销号", "left": "退网停机"}
    more = {
        "calls": [
            {"subscriber_id": line, "started_at": "2024-06-01", "direction": "out", "kind": "voice"}
            for line in lines
        ],
        "bills": [
            {"subscriber_id": line, "bill_month": "2025-01-01", "amount_due": 9, "due_on": day}
            for line in lines
            for day in ["2025-01-15"]
        ],
    }
    found = weights_of(
        engine,
        rows_as_tables,
        [contact(line, "2025-04-10", "treated", **SHARE) for line in lines],
        {line: ("2025-04-05", code) for line, code in lines.items()},
        labels={"default": {"coat": {"enabled": True}}},
        more=more,
    )
    assert {line: row["weight"] for line, row in found.items()} == {"suspended": 0, "removed": 0}


def test_a_silence_can_still_be_broken(engine: Engine, rows_as_tables: Any) -> None:
    """Prepaid inactivity: who has been silent for long enough is there to be called."""
    contacts = [contact(line, "2025-04-10", "treated", **SHARE) for line in ("silent", "left")]
    found = weights_of(
        engine,
        rows_as_tables,
        contacts,
        {"left": ("2025-04-05", "退网停机")},
        labels={"definition": "inactivity"},
        more={
            "usage_monthly": [
                {"subscriber_id": line, "month": f"{month}-01", "sms": 1}
                for line, months in (("silent", ["2024-12"]), ("left", ["2024-12", "2025-03"]))
                for month in months
            ]
        },
    )
    assert {line: row["weight"] for line, row in found.items()} == {"silent": 0}


@pytest.mark.parametrize(("event", "weights"), [("any_line", {}), ("all_lines", {"a": 0, "b": 0})])
def test_a_customers_line_is_past_saving_once_the_event_has_happened(
    engine: Engine, rows_as_tables: Any, event: str, weights: dict[str, float]
) -> None:
    """One line left, then both are called: the household that counts it is lost, another not."""
    books = [
        {"subscriber_id": line, "customer_id": "home", "activated_on": "2020-01-01"}
        for line in "ab"
    ]
    found = weights_of(
        engine,
        rows_as_tables,
        [contact(line, "2025-04-10", "treated", **SHARE) for line in "ab"],
        {"a": ("2025-03-15", "退网停机")},
        labels={"definition": "household", "household": {"event": event}},
        more={"subscribers": books},
    )
    assert {line: row["weight"] for line, row in found.items()} == weights


def test_a_universal_control_group_is_one_draw(engine: Engine, rows_as_tables: Any) -> None:
    """Control of two campaigns weighs by the smaller share, once; whoever was treated weighs 0."""
    contacts = [
        contact("both", "2025-03-20", "control", "k", control_share="0.2"),
        contact("both", "2025-04-20", "control", "l", control_share="0.15"),
        contact("one", "2025-03-20", "control", "k", control_share="0.2"),
        contact("mixed", "2025-03-20", "control", "k", control_share="0.2"),
        contact("mixed", "2025-04-20", "treated", "l", control_share="0.15"),
    ]
    found = weights_of(engine, rows_as_tables, contacts, {}, control_group="universal")
    weights = {line: row["weight"] for line, row in found.items()}
    assert weights == pytest.approx({"both": 1 / 0.15, "one": 5, "mixed": 0}, rel=1e-6)


def test_the_weighted_stand_for_everyone(engine: Engine, rows_as_tables: Any) -> None:
    """Two campaigns that draw independently: the weights sum to the number of lines.

    Each campaign selects half of 4,000 lines; a fifth of them is control in the first and a
    quarter in the second. Standard error of the sum: about 2.5 %.
    """
    rng = np.random.default_rng(7)
    count, contacts = 4000, []
    for campaign, share in (("k", 0.2), ("l", 0.25)):
        for line in np.flatnonzero(rng.random(count) < 0.5):
            arm = "control" if rng.random() < share else "treated"
            contacts.append(
                contact(f"s{line}", "2025-03-20", arm, campaign, control_share=str(share))
            )
    found = weights_of(engine, rows_as_tables, contacts, {})
    untouched = count - len(found)
    total = untouched + sum(row["weight"] for row in found.values())
    assert total == pytest.approx(count, rel=0.1)
