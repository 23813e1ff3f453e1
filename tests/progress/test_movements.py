"""A night's list against the one before it, told as rows."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from churn.progress import Movements, movements

SINCE = date(2025, 3, 1)
# subscriber: chances then (active, passive), decided then, chances now, decided now
STORIES = {
    "came": ((0.05, 0.01), "not_profitable", (0.40, 0.01), "contact"),
    "again": ((0.40, 0.01), "contact", (0.41, 0.01), "contact"),
    "eased": ((0.60, 0.01), "beyond_limits", (0.30, 0.01), "contact"),
    "rested": ((0.50, 0.01), "contact", (0.50, 0.01), "leave_alone"),
    "calmed": ((0.50, 0.01), "contact", (0.01, 0.01), "not_profitable"),
    "left": ((0.50, 0.01), "contact", None, None),
    "spared": ((0.50, 0.01), "leave_alone", None, None),
    "missed": ((0.02, 0.01), "not_profitable", None, None),
    "fresh": (None, None, (0.40, 0.01), "contact"),
    "unseen": (None, None, None, None),
}
DEPARTED = {"left": "active", "spared": "passive", "missed": "active", "unseen": "passive"}


def chances(place: int) -> pd.DataFrame:
    """Return the scores of the night whose chances stand at the place of a story."""
    rows = [(name, *story[place]) for name, story in STORIES.items() if story[place]]
    return pd.DataFrame(rows, columns=["subscriber_id", "p_active", "p_passive"])


def decisions(place: int) -> pd.DataFrame:
    """Return what was decided, contacts first."""
    rows = [(name, story[place]) for name, story in STORIES.items() if story[place]]
    rows.sort(key=lambda row: row[1] != "contact")
    return pd.DataFrame(rows, columns=["subscriber_id", "tonight"])


def moved(**changes: pd.DataFrame) -> Movements:
    """Return the movements of the stories, with parts replaced."""
    departed = pd.DataFrame(
        [(name, cause, date(2025, 3, 5)) for name, cause in DEPARTED.items()],
        columns=["subscriber_id", "cause", "left_on"],
    )
    given = {
        "before": decisions(1),
        "chances_before": chances(0),
        "decided": decisions(3),
        "chances": chances(2),
        "departed": departed,
    }
    return movements(SINCE, **{**given, **changes})


def test_who_is_listed_came_again_rose_or_fell() -> None:
    """A rise or a fall is a change of the odds by a tenth or more; who was not scored is new."""
    listed = moved().listed.set_index("subscriber_id")
    assert listed["movement"].to_dict() == {
        "came": "rose",
        "again": "same",
        "eased": "fell",
        "fresh": "new",
    }
    assert listed.index[listed["again"]].tolist() == ["again"]
    assert np.isnan(listed.loc["fresh", "chance_before"])
    assert listed.loc["came", ["chance_before", "chance"]].tolist() == pytest.approx([0.06, 0.41])


def test_what_became_of_the_list_before_adds_up() -> None:
    """Each of its contacts has exactly one fate; departures go before decisions."""
    assert moved().became == {
        "contact": 1,
        "leave_alone": 1,
        "left_active": 1,
        "not_profitable": 1,
    }


def test_leavers_that_no_list_named_are_told() -> None:
    """Who was contacted or left alone was seen; who was left out, or never scored, was not."""
    unlisted = moved().unlisted
    assert unlisted[["subscriber_id", "before"]].to_numpy().tolist() == [
        ["unseen", "not_scored"],
        ["missed", "not_profitable"],
    ]
    assert moved().counts() == {
        "since": "2025-03-01",
        "listed": {"new": 1, "rose": 1, "fell": 1, "same": 1},
        "again": 1,
        "became": {"contact": 1, "leave_alone": 1, "left_active": 1, "not_profitable": 1},
        "departed": 4,
        "departed_unlisted": 2,
    }


def test_a_new_owner_a_move_or_a_death_is_no_departure() -> None:
    """Who left has left for a competitor or for arrears; nobody asks why a dead was not called."""
    passed_on = pd.DataFrame(
        {"subscriber_id": ["missed"], "cause": ["administrative"], "left_on": [date(2025, 3, 5)]}
    )
    told = moved(departed=passed_on)
    assert (len(told.departed), len(told.unlisted)) == (0, 0)


def test_a_head_put_in_place_since_makes_nobody_rise() -> None:
    """Its cause counts in neither night where it was off in one."""
    off = chances(0).assign(p_active=[float("nan")] * len(chances(0)))
    changed = moved(chances_before=off).changed
    assert set(changed["movement"]) == {"same"}
    assert changed["chance_before"].tolist() == pytest.approx([0.01] * len(changed))


def test_a_night_on_which_nobody_left() -> None:
    """There is nothing to tell, and the list before has its fates all the same."""
    nobody = pd.DataFrame({"subscriber_id": [], "cause": [], "left_on": []}, dtype="str")
    quiet = moved(departed=nobody)
    assert (len(quiet.departed), len(quiet.unlisted)) == (0, 0)
    assert quiet.became == {
        "contact": 1,
        "leave_alone": 1,
        "not_profitable": 1,
        "not_scored": 1,
    }


def test_without_anybody_scored_before_all_are_new() -> None:
    """An empty list before is no error."""
    empty = moved(before=decisions(1)[:0], chances_before=chances(0)[:0])
    assert set(empty.listed["movement"]) == {"new"}
    assert empty.became == {}
    assert set(empty.departed["before"]) == {"not_scored"}
