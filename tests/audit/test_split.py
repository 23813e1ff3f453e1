"""Parts, labels and weights that leak, each planted in a panel that is clean without it."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from churn.audit import both_sides, control_group, immature, treated, windows
from churn.labels import DEFAULT
from churn.windows import TimeSettings, add_months

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
                "ended_by_holder": False,
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
    """Who was called only after ending the service counts; a suspended line could be saved.

    Whatever the definition calls it: a lapsed contract that its holder ended is passive.
    """
    rows = _panel({date(2024, 1, 1): "train"}, lines=4)
    rows["outcome"] = ["passive", "active", "active", "passive"]
    rows["ended_by_holder"] = [True, True, True, False]
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


def _arms(seed, *, universal, months=6, lines=400, select=0.6, share=0.2):
    """Write the contacts of monthly campaigns that draw anew, or keep one control group."""
    rng = np.random.default_rng(seed)
    ever = rng.random(lines) < share
    rows = []
    for month in range(months):
        for line in np.flatnonzero(rng.random(lines) < select):
            control = ever[line] if universal else rng.random() < share
            rows.append(
                {
                    "subscriber_id": f"s{line}",
                    "contacted_on": add_months(date(2024, 1, 5), month),
                    "campaign_id": f"k{month}",
                    "arm": "control" if control else "treated",
                    "control_share": str(share),
                }
            )
    return rows


def _of_arms(engine, rows_as_tables, contacts, setting, books=()):
    tables = {"campaign_contacts": contacts, "subscribers": list(books)}
    known = rows_as_tables(tables).known_at(date(2024, 10, 1))
    counted = engine.to_arrow(control_group.drawn_again(known, TIME)).to_pylist()[0]
    return counted, [one.code for one in control_group.find(counted, setting)]


@pytest.mark.parametrize("seed", range(4))
def test_control_arms_are_drawn_as_the_settings_say(engine, rows_as_tables, seed):
    """Fresh draws and a universal group are told apart, each found where the other is declared."""
    for universal, right, wrong in (
        (False, "per_campaign", "universal"),
        (True, "universal", "per_campaign"),
    ):
        contacts = _arms(seed, universal=universal)
        counted, found = _of_arms(engine, rows_as_tables, contacts, right)
        assert (counted["rows"] > 100, found) == (True, [])
        assert _of_arms(engine, rows_as_tables, contacts, wrong)[1] == ["LEAK206"]


def test_campaigns_that_spare_whom_they_have_called_draw_anew(engine, rows_as_tables):
    """Where the treated are left in peace, all who are selected again had been controls."""
    contacts = _arms(9, universal=False, lines=3000)
    first = {one["subscriber_id"]: one for one in reversed(contacts)}
    spared = [
        one
        for one in contacts
        if one is first[one["subscriber_id"]] or first[one["subscriber_id"]]["arm"] == "control"
    ]
    counted, found = _of_arms(engine, rows_as_tables, spared, "per_campaign")
    assert (counted["rows"] > 100, found) == (True, [])


def test_the_lines_of_a_customer_are_one_draw(engine, rows_as_tables):
    """A firm of 300 lines that happens to be control twice, and treated once, proves nothing."""
    books = [{"subscriber_id": f"f{number}", "customer_id": "firm"} for number in range(300)]
    contacts = [
        {
            "subscriber_id": one["subscriber_id"],
            "contacted_on": add_months(date(2024, 1, 5), month),
            "campaign_id": f"k{month}",
            "arm": arm,
            "control_share": "0.2",
        }
        for month, arm in enumerate(("control", "control", "treated"))
        for one in books
    ]
    contacts += _arms(2, universal=False, lines=60)
    for setting in ("per_campaign", "universal"):
        of_firm = contacts if setting == "per_campaign" else contacts[:900]
        assert _of_arms(engine, rows_as_tables, of_firm, setting, books)[1] == []
        assert _of_arms(engine, rows_as_tables, of_firm, setting)[1] == ["LEAK206"]


def test_no_campaign_is_no_finding(engine, rows_as_tables):
    """Neither none nor a single one."""
    for contacts in ([], _arms(1, universal=True, months=1)):
        for setting in ("per_campaign", "universal"):
            counted, found = _of_arms(engine, rows_as_tables, contacts, setting)
            assert (counted["rows"], found) == (0, [])
