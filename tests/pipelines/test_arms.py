"""Who was selected in which revision comes back as campaign contacts of the next night."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from churn.engines import Engine
from churn.store import Workspace
from churn.tables import TABLES, Delivery, Tables
from churn.targeting import TargetingSettings, context, spent_in_month
from pipelines.arms import TABLE, keep, lots, own_deliveries, own_hash

NIGHT, NEXT = date(2025, 3, 10), date(2025, 3, 11)


def selected(*rows: tuple[str, str, float]) -> pd.DataFrame:
    """Return a record of subscribers with their arm and planned cost."""
    names = ("subscriber_id", "arm", "cost")
    return pd.DataFrame(list(rows), columns=names).assign(
        customer_id=[row[0] for row in rows],
        campaign_id="retention-2025-03",
        action="offer",
        channel="call",
        control_share=0.1,
        planned_action="offer",
        action_share=1.0,
        other_actions="",
    )


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Return an empty workspace."""
    return Workspace(tmp_path).open()


def contacts(engine: Engine, deliveries: list[Delivery], day: date) -> dict[str, tuple]:
    """Return each subscriber's arm, action and day as a day knew them."""
    known = Tables(engine, deliveries).known_at(day)
    rows = engine.to_arrow(known.campaign_contacts).to_pylist()
    return {row["subscriber_id"]: (row["arm"], row["action"], row["contacted_on"]) for row in rows}


def test_a_list_is_known_from_the_next_night_with_its_controls(engine, workspace):
    """Not in the night itself; then as a delivery that nobody else need make."""
    keep(workspace, NIGHT, 1, selected(("s1", "treated", 7.5), ("s2", "control", 0.0)))
    own = own_deliveries(workspace, ())
    assert contacts(engine, own, NIGHT) == {}
    assert contacts(engine, own, NEXT) == {
        "s1": ("treated", "offer", NIGHT), "s2": ("control", "offer", NIGHT),
    }  # fmt: skip
    known = Tables(engine, own).known_at(NEXT)
    spent = engine.to_arrow(spent_in_month(known).name("spent").as_table()).to_pylist()
    assert float(spent[0]["spent"]) == 7.5


def test_whom_a_revision_selected_another_does_not_draw_again(engine, workspace):
    """The second adds whom it found; the arm of the first stays, and so does its file."""
    first = keep(workspace, NIGHT, 1, selected(("s1", "control", 0.0)))
    before = first.read_bytes()
    keep(workspace, NIGHT, 2, selected(("s1", "treated", 7.5), ("s3", "treated", 7.5)))
    assert keep(workspace, NIGHT, 1, selected(("s9", "treated", 1.0))).read_bytes() == before
    arms = contacts(engine, own_deliveries(workspace, ()), NEXT)
    assert {name: arm for name, (arm, *_) in arms.items()} == {"s1": "control", "s3": "treated"}


@pytest.mark.parametrize("mode", ["append", "full", "partition"])
def test_the_operators_own_record_takes_its_place(engine, rows_as_tables, workspace, mode):
    """Of the same subscriber and campaign, even of another day; who was not reached stays selected.

    Before the record came, ours is what was known.
    """
    keep(workspace, NIGHT, 1, selected(("s1", "treated", 7.5), ("s2", "treated", 7.5)))
    record = {
        "subscriber_id": "s1", "contacted_on": "2025-03-12", "campaign_id": "retention-2025-03",
        "arm": "treated", "action": "payment_plan", "cost": "3.00",
    }  # fmt: skip
    theirs = rows_as_tables(
        {"campaign_contacts": [record]}, delivered_on="2025-04-01", covers_until="2025-03-31",
        mode=mode,
    ).deliveries  # fmt: skip
    every = [*theirs, *own_deliveries(workspace, theirs)]
    assert contacts(engine, every, NEXT)["s1"] == ("treated", "offer", NIGHT)
    assert contacts(engine, every, date(2025, 4, 2)) == {
        "s1": ("treated", "payment_plan", date(2025, 3, 12)), "s2": ("treated", "offer", NIGHT),
    }  # fmt: skip


def test_what_was_handed_over_claims_no_day_that_deliveries_do_not_cover(rows_as_tables, workspace):
    """A stale table of contacts stays as old as it is; without one, ours is all there is."""
    keep(workspace, NIGHT, 1, selected(("s1", "treated", 7.5)))
    old = rows_as_tables(
        {"campaign_contacts": []}, delivered_on="2025-02-01", covers_until="2025-01-31"
    ).deliveries
    (own,) = own_deliveries(workspace, old)
    assert (own.table, own.covers_until) == (TABLE, date(2025, 1, 31))
    (alone,) = own_deliveries(workspace, ())
    assert alone.covers_until == NIGHT


def test_whoever_was_selected_rests(engine, rows_as_tables, workspace):
    """The cool-down counts from the list, controls too, without any record of the operator's."""
    keep(workspace, NIGHT, 1, selected(("s1", "treated", 7.5), ("s2", "control", 0.0)))
    books = rows_as_tables({"subscribers": [{"subscriber_id": f"s{n}"} for n in (1, 2, 3)]})
    tables = Tables(engine, [*books.deliveries, *own_deliveries(workspace, ())])
    around = context(tables.known_at(NEXT), TargetingSettings())
    rows = engine.to_arrow(around, order_by=["subscriber_id"]).to_pydict()
    assert rows["last_contact_on"] == [NIGHT, NIGHT, None]
    assert rows["offers_in_year"] == [1, 0, 0]


def test_later_lists_change_nothing_that_a_night_knew(workspace):
    """The hash of what was known is that of the lists before it."""
    assert own_hash(workspace, NEXT) is None
    keep(workspace, NIGHT, 1, selected(("s1", "treated", 7.5)))
    before = own_hash(workspace, NEXT)
    keep(workspace, NEXT, 1, selected(("s2", "treated", 7.5)))
    assert own_hash(workspace, NIGHT) is None
    assert own_hash(workspace, NEXT) == before != own_hash(workspace, date(2025, 3, 12))


def test_the_chances_of_a_draw_are_kept_and_nothing_takes_their_place(workspace):
    """Beside the record: the action that was best, the one given, and with what chance."""
    drawn = selected(("s1", "treated", 7.5)).assign(planned_action="gift", action_share=0.2)
    first = keep(workspace, NIGHT, 1, drawn)
    keep(workspace, NIGHT, 2, selected(("s1", "control", 0.0), ("s2", "treated", 7.5)))
    kept = [pq.read_table(path).to_pylist() for path in sorted(first.parent.glob("lot*"))]
    assert [len(rows) for rows in kept] == [1, 1]
    assert kept[0] == [
        {
            "subscriber_id": "s1", "campaign_id": "retention-2025-03", "arm": "treated",
            "control_share": 0.1, "planned_action": "gift", "action": "offer", "action_share": 0.2,
            "other_actions": "",
        }
    ]  # fmt: skip
    assert kept[1][0]["subscriber_id"] == "s2"
    assert lots(workspace, NIGHT).empty
    assert lots(workspace, NEXT)["subscriber_id"].tolist() == ["s1", "s2"]


def test_the_file_has_the_columns_of_the_table(workspace):
    """Exactly, in their types: nothing needs to be read into shape."""
    path = keep(workspace, NIGHT, 1, selected(("s1", "treated", 7.5)))
    assert pq.read_schema(path).equals(TABLES[TABLE].schema.to_pyarrow())
    assert pq.read_table(path)["control_share"].to_pylist()[0].is_finite()
