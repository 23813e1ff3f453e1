"""Who left and began anew under another number: no churn, where a setting says so."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from churn.labels import LabelSettings, outcomes, so_far
from churn.states import StateSettings
from churn.windows import TimeSettings

LEFT_ON = date(2025, 3, 20)  # in the window of the snapshot of 1 March, final on 15 May
ON = {"re_entry": True}
FRIENDS = ("p1", "p2", "p3", "p4", "p5")


def calls(line: str, peers: Any, first: date, last: date) -> list[dict[str, Any]]:
    """Write a call with each contact person every ten days."""
    days = range(0, (last - first).days, 10)
    return [
        {
            "subscriber_id": line,
            "peer_id": peer,
            "started_at": f"{first + timedelta(days=day)} 09:00",
        }
        for peer in peers
        for day in days
    ]


def world(
    began: date = LEFT_ON, friends: Any = FRIENDS, status: str = "退网停机", tag: str = ""
) -> dict[str, list[dict[str, Any]]]:
    """Return a line that left, one that began with these friends, and a neighbour who stays."""
    long_ago = date(2020, 1, 1)
    old, new, stays = (f"{tag}{name}" for name in ("old", "new", "stays"))
    theirs, its, near = (
        [f"{tag}{peer}" for peer in peers]
        for peers in (FRIENDS, friends, (*FRIENDS[:3], "q1", "q2", "q3"))
    )
    return {
        "subscribers": [
            {"subscriber_id": old, "customer_id": f"{tag}x", "activated_on": long_ago},
            {"subscriber_id": new, "customer_id": f"{tag}y", "activated_on": began},
            {"subscriber_id": stays, "customer_id": f"{tag}z", "activated_on": long_ago},
        ],
        "status_events": [
            {"subscriber_id": old, "effective_at": long_ago, "status": "在用"},
            {"subscriber_id": old, "effective_at": LEFT_ON, "status": status},
            {"subscriber_id": new, "effective_at": began, "status": "在用"},
            {"subscriber_id": stays, "effective_at": long_ago, "status": "在用"},
        ],
        "calls": [
            *calls(old, theirs, date(2025, 1, 1), LEFT_ON),
            *calls(new, its, began, date(2025, 8, 1)),
            *calls(stays, near, date(2025, 1, 1), date(2025, 8, 1)),
        ],
    }


def together(worlds: Any) -> dict[str, list[dict[str, Any]]]:
    """Put the tables of several worlds together: one question for all."""
    worlds = list(worlds)
    return {name: [row for each in worlds for row in each[name]] for name in worlds[0]}


def test_a_departure_into_another_number_is_no_churn(decided: Any) -> None:
    """Nobody else's label moves; off, as shipped, it is the churn of the day."""
    off, on = decided(world()), decided(world(), **ON)
    assert (off["old"]["outcome"], on["old"]["outcome"]) == ("active", "re_entered")
    assert on["old"] == {**off["old"], "outcome": "re_entered"}
    assert {who: on[who] for who in ("new", "stays")} == {who: off[who] for who in ("new", "stays")}


def test_whatever_would_count_is_repaired(decided: Any) -> None:
    """A line left unpaid too; what is no churn anyway stays what it was."""
    codes = {"双停": "passive", "强拆销号": "passive", "死亡": "administrative"}
    tables = together(world(status=code, tag=code) for code in codes)
    off, on = decided(tables), decided(tables, **ON)
    assert {code: off[f"{code}old"]["outcome"] for code in codes} == codes
    repaired = {code: on[f"{code}old"]["outcome"] for code in codes}
    assert repaired == {**dict.fromkeys(codes, "re_entered"), "死亡": "administrative"}


def test_who_left_before_the_window_opened_is_repaired(decided: Any) -> None:
    """At the snapshot of 10 March the line leaves within the lead."""
    snapshot = date(2025, 3, 10)
    assert decided(world(), snapshot=snapshot)["old"]["outcome"] == "gone"
    assert decided(world(), snapshot=snapshot, **ON)["old"]["outcome"] == "re_entered"


def test_most_contact_persons_are_shared_and_both_lie_together(decided: Any) -> None:
    """As the feature `re_entry` has it: three at least, more than half of all, in 45 days."""
    cases = (
        (0, (*FRIENDS[:4], "n1"), "re_entered"),
        (0, (*FRIENDS[:3], "n1", "n2"), "active"),  # 3 of 7
        (0, FRIENDS[:3], "re_entered"),  # 3 of 5
        (0, (*FRIENDS[:3], "n1"), "active"),  # half is not most
        (0, FRIENDS[:2], "active"),
        (-45, FRIENDS, "re_entered"),
        (-46, FRIENDS, "active"),
        (45, FRIENDS, "re_entered"),
        (46, FRIENDS, "active"),
    )
    found = decided(
        together(
            world(LEFT_ON + timedelta(days=days), friends, tag=f"{at}-")
            for at, (days, friends, _) in enumerate(cases)
        ),
        **ON,
    )
    outcomes_found = [found[f"{at}-old"]["outcome"] for at in range(len(cases))]
    assert outcomes_found == [outcome for *_, outcome in cases]


def test_of_several_only_the_closest_is_the_next_line(decided: Any) -> None:
    """A line that left after the window takes the new one, if it is the closer match."""
    tables = world(friends=(*FRIENDS[:4], "n1"))
    assert decided(tables, **ON)["old"]["outcome"] == "re_entered"
    tables["subscribers"].append({"subscriber_id": "other", "activated_on": "2020-01-01"})
    tables["status_events"] += [
        {"subscriber_id": "other", "effective_at": at, "status": status}
        for at, status in (("2020-01-01", "在用"), ("2025-04-20", "退网停机"))
    ]
    tables["calls"] += calls("other", (*FRIENDS[:4], "n1"), date(2025, 1, 1), date(2025, 4, 20))
    assert decided(tables, **ON)["old"]["outcome"] == "active"


def test_who_came_back_to_the_number_needs_no_other(decided: Any) -> None:
    """Back in time it never left; back later it is churn that came back, as without."""
    backs = {"2025-04-10": "administrative", "2025-05-10": "active", "2025-05-16": "re_entered"}
    tables = together(world(tag=back) for back in backs)
    tables["status_events"] += [
        {"subscriber_id": f"{back}old", "effective_at": back, "status": "在用"} for back in backs
    ]
    found = decided(tables, **ON)
    assert {back: found[f"{back}old"]["outcome"] for back in backs} == backs
    assert not found["2025-05-16old"]["returned_late"]


def test_calls_after_the_last_day_of_a_label_tell_nothing(decided: Any) -> None:
    """Final on 15 May: whose calls begin later has left, as far as anybody could know."""
    tables = world()
    early = [c for c in tables["calls"] if c["subscriber_id"] != "new"]
    for first, outcome in (("2025-05-15", "re_entered"), ("2025-05-16", "active")):
        begun = calls("new", FRIENDS, date.fromisoformat(first), date(2025, 8, 1))
        found = decided({**tables, "calls": [*early, *begun]}, **ON)
        assert found["old"]["outcome"] == outcome


@pytest.fixture
def delivered_late(rows_as_tables: Any) -> Any:
    """Return tables of which the new line's calls came in on 1 July only."""
    tables = world()
    new = [call for call in tables["calls"] if call["subscriber_id"] == "new"]
    others = [call for call in tables["calls"] if call["subscriber_id"] != "new"]
    calls_by_delivery = [("1900-01-01", "2199-12-31", others), ("2025-07-01", "2025-06-30", new)]
    return rows_as_tables({**tables, "calls": calls_by_delivery})


@pytest.mark.parametrize("read", [outcomes, so_far])
def test_a_night_before_the_calls_came_does_not_know(
    delivered_late: Any, engine: Any, read: Any
) -> None:
    """Late facts revise the label, from the day on which they are on record."""
    for night, outcome in ((date(2025, 6, 30), "active"), (date(2025, 7, 1), "re_entered")):
        known = delivered_late.known_at(night)
        definition = LabelSettings(re_entry=True).chosen
        rows = read(known, date(2025, 3, 1), TimeSettings(), StateSettings(), definition)
        found = {row["subscriber_id"]: row for row in engine.to_arrow(rows).to_pylist()}
        assert (night, found["old"]["outcome"]) == (night, outcome)


def test_other_definitions_repair_too(decided: Any) -> None:
    """A household keeps the line; a card put away is its holder's old one."""
    for name in ("household", "contract_lapse"):
        assert decided(world(), definition=name)["old"]["outcome"] == "active"
    assert decided(world(), definition="household", **ON)["old"]["outcome"] == "none"
    assert decided(world(), definition="contract_lapse", **ON)["old"]["outcome"] == "re_entered"
    silent = world(began=date(2025, 1, 10))
    silent["status_events"].pop(1)
    silent["calls"] = [
        {**call, "direction": "out", "kind": "voice"}
        for call in (
            *calls("old", FRIENDS, date(2024, 11, 1), date(2025, 1, 5)),
            *calls("new", FRIENDS, date(2025, 1, 10), date(2025, 8, 1)),
        )
    ]
    reading = {"definition": "inactivity", "inactivity": {"days": 80, "use": ["calls"]}}
    assert decided(silent, **reading)["old"]["outcome"] == "active"
    assert decided(silent, **reading, **ON)["old"]["outcome"] == "re_entered"


def test_five_states_counts_whatever_follows() -> None:
    """The two are refused together, in words; where it is compared with others it stays."""
    with pytest.raises(ValidationError, match="five_states counts a departure whatever follows"):
        LabelSettings(definition="five_states", re_entry=True)
    assert not LabelSettings(re_entry=True).named("five_states").re_entry


def test_the_story_tells_the_other_line_and_not_its_number(told: Any) -> None:
    """When it began and by how many contact persons, in both languages."""
    english, chinese = (told(world(), "old", language=each, **ON) for each in ("en", "zh"))
    assert english[-3:] == (
        (
            "Out of service on 2025-03-20 (in the outcome window): left the network; not back as "
            "far as is known: its holder began anew under another number, no churn."
        ),
        ("By 5 contact persons in common, the line begun on 2025-03-20 is its holder's next one."),
        (
            "Outcome: back under another number: no churn, excluded and counted, by what happened "
            "on 2025-03-20."
        ),
    )
    assert len(chinese) == len(english)
    assert not re.search("[A-Za-z,;()]", "".join(chinese))


def planted(seed: int) -> tuple[dict[str, list[dict[str, Any]]], set[str]]:
    """Return a world of circles in each of which a line leaves, and those that begin anew.

    Contact persons are shared by neighbours, who stay, or begin when the other leaves.
    """
    draw = np.random.default_rng(seed)
    tables: dict[str, list[dict[str, Any]]] = {"subscribers": [], "status_events": [], "calls": []}
    anew = set()

    def line(name: str, contacts: Any, since: date, last: date) -> None:
        tables["subscribers"].append({"subscriber_id": name, "activated_on": since})
        tables["status_events"].append(
            {"subscriber_id": name, "effective_at": since, "status": "在用"}
        )
        tables["calls"] += [
            {
                "subscriber_id": name,
                "peer_id": str(peer),
                "started_at": f"{last - timedelta(days=int(draw.integers(1, 40)))} 10:00",
            }
            for peer in [*contacts, *draw.choice([f"hub{at}" for at in range(5)], 3, replace=False)]
            for _ in range(2)
        ]

    for circle in range(120):
        members = [f"x{circle}-{at}" for at in range(14)]
        for at in range(2):
            contacts = draw.choice(members, 7, replace=False)
            line(f"stays{circle}-{at}", contacts, date(2020, 1, 1), date(2025, 5, 1))
        contacts = draw.choice(members, 8, replace=False)
        left = date(2025, 3, 16) + timedelta(days=int(draw.integers(0, 30)))
        line(f"left{circle}", contacts, date(2020, 1, 1), left)
        tables["status_events"].append(
            {"subscriber_id": f"left{circle}", "effective_at": left, "status": "退网停机"}
        )
        began = left + timedelta(days=int(draw.integers(-10, 20)))
        own = draw.choice(members, 7, replace=False)  # a neighbour's first line
        if circle % 2:
            own = [*draw.choice(contacts, 6, replace=False), f"new{circle}"]
            anew.add(f"left{circle}")
        line(f"begins{circle}", own, began, began + timedelta(days=45))
    return tables, anew


def test_nine_in_ten_of_the_recognised_are_planted(decided: Any) -> None:
    """Where every other departure is a re-entry, and neighbours of the others begin lines."""
    tables, anew = planted(1)
    found = {who for who, row in decided(tables, **ON).items() if row["outcome"] == "re_entered"}
    assert len(found & anew) >= 0.9 * len(found)
    assert len(found & anew) >= 0.8 * len(anew)
