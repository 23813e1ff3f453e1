"""Parts, labels and weights that leak, each planted in a panel that is clean without it."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest

from churn.labels import DEFAULT
from churn.panel.audit import both_sides, immature, treated, windows
from churn.windows import TimeSettings

TIME = TimeSettings()
DAYS = {
    date(2024, 1, 1): "train",
    date(2024, 2, 1): "train",
    date(2024, 4, 1): "calibration",
    date(2024, 6, 1): "test",
}


def _panel(days=DAYS, lines=6):
    """Six lines of three households at each snapshot."""
    return pd.DataFrame(
        [
            {
                "subscriber_id": f"s{line}",
                "customer_id": f"c{line // 2}",
                "snapshot": day,
                "part": part,
                "outcome": "none",
                "event_on": None,
                "weight": 1.0,
            }
            for day, part in days.items()
            for line in range(lines)
        ]
    )


def _found(findings):
    return [(one.code, one.subject, one.evidence) for one in findings]


def test_parts_apart_in_time_are_clean():
    """The last window of a part closes before the first snapshot of the next."""
    assert windows.find(_panel(), "time", TIME) == []
    assert both_sides.find(_panel(), "time") == []


def test_an_outcome_window_that_reaches_into_the_next_part():
    """The snapshot of 1 March is labelled until 15 April, and calibration begins on the 1st."""
    days = DAYS | {date(2024, 3, 1): "train"}
    assert _found(windows.find(_panel(days), "time", TIME)) == [
        ("LEAK201", "train | calibration", {"days": 14})
    ]


def test_one_snapshot_on_two_sides():
    """Half the rows of a test night also train: as a split by time this is none."""
    both = pd.concat([_panel(), _panel({date(2024, 6, 1): "train"})])
    assert [one[:2] for one in _found(windows.find(both, "time", TIME))] == [
        ("LEAK201", "train | calibration"),
        ("LEAK202", "train and calibration | test"),
    ]


def test_a_household_in_train_and_test():
    """Two lines of one customer are drawn apart, and one line has changed its customer."""
    rows = _panel({date(2024, 1, 1): "train"})
    rows.loc[rows["customer_id"] == "c2", "part"] = "test"
    assert both_sides.find(rows, "customer") == []
    rows.loc[rows["subscriber_id"] == "s1", "part"] = "test"
    assert _found(both_sides.find(rows, "customer")) == [
        ("LEAK203", "customer_id", {"customers": 1, "share": pytest.approx(1 / 3)})
    ]
    moved = _panel({date(2024, 2, 1): "test"}).assign(customer_id="new")
    linked = pd.concat([_panel({date(2024, 1, 1): "train"}), moved])
    assert [one[:2] for one in _found(both_sides.find(linked, "customer"))] == [
        ("LEAK203", "subscriber_id")
    ]


def test_a_few_lines_may_change_hands():
    """Short history splits by customer, and lines are handed over meanwhile: one in 200 is few."""
    lines = 400
    first = _panel({date(2024, 1, 1): "train"}, lines)
    later = _panel({date(2024, 2, 1): "train"}, lines)

    def after(moved):
        handed = later["subscriber_id"].isin([f"s{2 * n}" for n in range(moved)])
        new = later.assign(
            customer_id=later["customer_id"].mask(handed, "n" + later["customer_id"])
        )
        return pd.concat([first, new.assign(part=new["part"].mask(handed, "calibration"))])

    assert both_sides.find(after(2), "test") == []
    assert _found(both_sides.find(after(8), "test")) == [
        ("LEAK203", "subscriber_id", {"subscribers": 8, "share": 0.02})
    ]


def test_customers_may_return_on_a_later_night():
    """Where only the test is later, training and calibration must not share customers."""
    days = {date(2024, 1, 1): "train", date(2024, 6, 1): "test"}
    assert both_sides.find(_panel(days), "test") == []
    torn = pd.concat([_panel(days), _panel({date(2024, 1, 1): "calibration"})])
    assert {one.code for one in both_sides.find(torn, "test")} == {"LEAK203"}


def test_labels_that_are_not_final(rows_as_tables):
    """Events through 1 August: the labels of 1 June need 15 August, those before are final."""
    event = {"subscriber_id": "s0", "effective_at": "2020-01-01", "status": "在用"}
    tables = rows_as_tables({"status_events": [event]}, covers_until="2024-08-01")
    found = immature.find(_panel(), tables.known_at(date(2024, 9, 1)), TIME, DEFAULT)
    assert _found(found) == [("LEAK204", "2024-06-01", {"days": 14, "rows": 6})]


def test_treated_rows_that_count():
    """A contact between the snapshot and the end of its window: the row must weigh 0."""
    rows = _panel({date(2024, 1, 1): "train"})
    contacts = pd.DataFrame(
        {
            "subscriber_id": ["s0", "s1", "s2", "s2"],
            "contacted_on": [
                date(2024, 1, 1),
                date(2024, 1, 1) + timedelta(TIME.lead + TIME.outcome),
                date(2023, 12, 31),
                date(2024, 2, 1),
            ],
        }
    )
    assert _found(treated.find(rows, contacts, TIME)) == [("LEAK205", "weight", {"rows": 2})]
    rows.loc[rows["subscriber_id"].isin(["s0", "s2"]), "weight"] = 0.0
    assert treated.find(rows, contacts, TIME) == []


def test_a_win_back_call_is_no_treatment():
    """Who was called only after leaving of its own will counts; a suspended line could be saved."""
    rows = _panel({date(2024, 1, 1): "train"}, lines=4)
    rows["outcome"] = ["active", "active", "active", "passive"]
    rows["event_on"] = date(2024, 1, 20)
    contacts = pd.DataFrame(
        {
            "subscriber_id": ["s0", "s1", "s2", "s2", "s3"],
            "contacted_on": [
                date(2024, 1, 21),
                date(2024, 1, 20),
                date(2024, 1, 10),
                date(2024, 1, 25),
                date(2024, 1, 21),
            ],
        }
    )
    assert treated.find(rows.head(1), contacts, TIME) == []
    assert _found(treated.find(rows, contacts, TIME)) == [("LEAK205", "weight", {"rows": 3})]
