"""Parts, labels and weights that leak, each planted in a panel that is clean without it."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from churn.audit import both_sides, control_group, immature, treated, windows
from churn.labels import DEFAULT
from churn.panel import Walk
from churn.panel.split import Origin
from churn.windows import TimeSettings, add_months

TIME = TimeSettings()
FIRST, LAST = date(2024, 1, 1), date(2024, 6, 1)
DAYS = {FIRST: 0, date(2024, 2, 1): 1, date(2024, 4, 1): 2, LAST: 3}
WALK = Walk(
    order="time",
    teach=tuple(DAYS),
    calibration=(Origin(snapshot=date(2024, 4, 1), fitted=(FIRST, date(2024, 2, 1))),),
    test=(Origin(snapshot=LAST, fitted=(FIRST, date(2024, 2, 1), date(2024, 4, 1))),),
)


def _panel(days=DAYS, lines=6):
    """Six lines of three households at each snapshot."""
    return pd.DataFrame(
        [
            {
                "subscriber_id": f"s{line}",
                "customer_id": f"c{line // 2}",
                "snapshot": day,
                "fold": fold,
                "outcome": "none",
                "event_on": None,
                "ended_by_holder": False,
                "weight": 1.0,
            }
            for day, fold in days.items()
            for line in range(lines)
        ]
    )


def _found(findings):
    return [(one.code, one.subject, one.evidence) for one in findings]


def test_nights_that_learn_what_was_closed_are_clean():
    """The last window that a night learns from closes by it."""
    assert windows.find(WALK, TIME) == []
    assert both_sides.find(_panel(), WALK.folded) == []


def test_an_outcome_window_that_had_not_closed():
    """The snapshot of 1 March is labelled until 15 April, and the night learns on the 1st."""
    early = Origin(snapshot=date(2024, 4, 1), fitted=(FIRST, date(2024, 3, 1)))
    walk = WALK.model_copy(update={"calibration": (early,)})
    assert _found(windows.find(walk, TIME)) == [("LEAK201", "fit | 2024-04-01", {"days": 14})]


def test_a_calibration_that_was_not_known_by_the_first_test():
    """The snapshot of 1 May is labelled until 15 June, and the first test is on 1 June."""
    late = Origin(snapshot=date(2024, 5, 1), fitted=(FIRST, date(2024, 2, 1)))
    walk = WALK.model_copy(update={"calibration": (*WALK.calibration, late)})
    assert _found(windows.find(walk, TIME)) == [
        ("LEAK201", "calibration | 2024-06-01", {"days": 14})
    ]


def test_one_snapshot_on_two_sides():
    """A night that tests also calibrates: out of time it is none of both."""
    walk = WALK.model_copy(update={"calibration": (*WALK.calibration, *WALK.test)})
    assert _found(windows.find(walk, TIME)) == [
        ("LEAK202", "calibration and test", {"snapshots": 1})
    ]


def test_a_household_in_two_folds():
    """Two lines of one customer are drawn apart, and one line has changed its customer."""
    rows = _panel({FIRST: 0})
    rows.loc[rows["customer_id"] == "c2", "fold"] = 1
    assert both_sides.find(rows, [FIRST]) == []
    rows.loc[rows["subscriber_id"] == "s1", "fold"] = 1
    assert _found(both_sides.find(rows, [FIRST])) == [
        ("LEAK203", "customer_id", {"customers": 1, "share": pytest.approx(1 / 3)})
    ]
    moved = _panel({date(2024, 2, 1): 1}).assign(customer_id="new")
    linked = pd.concat([_panel({FIRST: 0}), moved])
    assert [one[:2] for one in _found(both_sides.find(linked, [FIRST, date(2024, 2, 1)]))] == [
        ("LEAK203", "subscriber_id")
    ]


def test_a_few_lines_may_change_hands():
    """Short history folds customers, and lines are handed over meanwhile: one in 200 is few."""
    lines = 400
    first = _panel({FIRST: 0}, lines)
    later = _panel({date(2024, 2, 1): 0}, lines)

    def after(moved):
        handed = later["subscriber_id"].isin([f"s{2 * n}" for n in range(moved)])
        new = later.assign(
            customer_id=later["customer_id"].mask(handed, "n" + later["customer_id"])
        )
        return pd.concat([first, new.assign(fold=new["fold"].mask(handed, 1))])

    folded = [FIRST, date(2024, 2, 1)]
    assert both_sides.find(after(2), folded) == []
    assert _found(both_sides.find(after(8), folded)) == [
        ("LEAK203", "subscriber_id", {"subscribers": 8, "share": 0.02})
    ]


def test_customers_may_return_on_a_later_night():
    """Where only the test is later, folds must not share customers; the test may."""
    days = {FIRST: 0, LAST: 1}
    assert both_sides.find(_panel(days), [FIRST]) == []
    torn = pd.concat([_panel(days), _panel({FIRST: 1})])
    assert {one.code for one in both_sides.find(torn, [FIRST])} == {"LEAK203"}


def test_labels_that_are_not_final(rows_as_tables):
    """Events through 1 August: the labels of 1 June need 15 August, those before are final."""
    event = {"subscriber_id": "s0", "effective_at": "2020-01-01", "status": "在用"}
    tables = rows_as_tables({"status_events": [event]}, covers_until="2024-08-01")
    found = immature.find(_panel(), tables.known_at(date(2024, 9, 1)), TIME, DEFAULT)
    assert _found(found) == [("LEAK204", "2024-06-01", {"days": 14, "rows": 6})]


def test_treated_rows_that_count():
    """A contact between the snapshot and the end of its window: the row must weigh 0."""
    rows = _panel({FIRST: 0})
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
    rows = _panel({FIRST: 0}, lines=4)
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
