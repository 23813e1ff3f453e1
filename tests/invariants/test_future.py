"""Nothing a snapshot could not know changes features, eligibility or draws; leaks are noticed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from ibis import _

from churn import features
from churn.engines import Engine
from churn.features import (
    FAMILIES,
    NONE,
    Family,
    Feature,
    View,
    attributes_family,
    standing,
)
from churn.language import Text
from churn.panel import population
from churn.panel.rows import kept
from churn.states import StateSettings, re_entries
from churn.tables import TABLES, Attribute, Tables
from churn.windows import TimeSettings

Build = Callable[[View], ir.Table]
Found = dict[str, pa.Table]

EXTRA = attributes_family(
    (Attribute("hobby", "class", "hobby", "爱好"), Attribute("limit", "count", "limit", "额度"))
)
EVERY = (*FAMILIES, EXTRA)


@pytest.fixture(autouse=True)
def _few_lines_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let random operators, which are small, be compared by plan and region, and lines match."""
    monkeypatch.setattr(standing, "LEAST_LINES", 2)
    for name, value in (("SHARED_LEAST", 1), ("ALL_TIMES", 20), ("APART_DAYS", 400)):
        monkeypatch.setattr(re_entries, name, value)


pytestmark = pytest.mark.slow(25)

# A world is a number: there is nothing to shrink, and each costs seconds.
FEW = settings(max_examples=2, phases=(Phase.explicit, Phase.reuse, Phase.generate))
MANY = settings(FEW, max_examples=60)
SEEDS = st.integers(0, 2**32 - 1)
SNAPSHOTS = st.dates(date(2024, 7, 20), date(2024, 11, 20))


@pytest.fixture(scope="module")
def computed(engine: Engine) -> Callable[..., Found]:
    """Compute every family, the population and the sampling draw of a snapshot."""

    def compute(tables: Tables, snapshot: date, families: Any = EVERY) -> Found:
        known = tables.known_at(snapshot)
        rows = features.build(known, known.subscribers, families=families)
        people = population(known, TimeSettings(), StateSettings())
        drawn = people.mutate(kept=kept(people.subscriber_id, 3, 0.5))
        return {
            name: engine.to_arrow(table, order_by=["subscriber_id"])
            for name, table in (("features", rows), ("population", drawn))
        }

    return compute


def differing(first: Found, second: Found) -> list[str]:
    """Name the columns in which two findings differ in any bit."""
    told = []
    for name, table in first.items():
        other = second[name]
        if not table["subscriber_id"].equals(other["subscriber_id"]):
            told.append(f"{name}: rows")
            continue
        told += [c for c in table.column_names if not table[c].equals(other[c])]
    return told


@pytest.fixture(scope="module")
def unchanged(world: Any, written: Any, computed: Any) -> Callable[[int, date], None]:
    """Check that a world and its poisoned twin are the same to the snapshot."""

    def check(seed: int, snapshot: date) -> None:
        operator = world(seed, snapshot)
        as_it_was = computed(written(operator.parcels), snapshot)
        otherwise = computed(written(operator.poisoned()), snapshot)
        assert differing(as_it_was, otherwise) == []

    return check


@FEW
@given(seed=SEEDS, snapshot=SNAPSHOTS)
def test_the_future_changes_no_bit(unchanged: Any, seed: int, snapshot: date) -> None:
    """Facts from the snapshot on, and facts delivered after it, in every mode of delivery."""
    unchanged(seed, snapshot)


@pytest.mark.acceptance
@MANY
@given(seed=SEEDS, snapshot=SNAPSHOTS)
def test_the_future_changes_no_bit_of_many_worlds(
    unchanged: Any, seed: int, snapshot: date
) -> None:
    """The same at length."""
    unchanged(seed, snapshot)


def _knows_next_month(tables: Tables) -> Build:
    def build(view: View) -> ir.Table:
        later = tables.known_at(view.day + timedelta(days=30))
        return later.complaints.group_by("subscriber_id").aggregate(knows_next_month=_.count())

    return build


def _reads_the_files(tables: Tables) -> Build:
    def build(_view: View) -> ir.Table:
        paths = [path for d in tables.deliveries if d.table == "notices" for path in d.paths]
        rows = tables.reader.read_parquet(paths, TABLES["notices"].schema)
        return rows.group_by("subscriber_id").aggregate(reads_the_files=_.count())

    return build


def _sees_through_the_mask(tables: Tables) -> Build:
    def build(view: View) -> ir.Table:
        known = [d for d in tables.deliveries if d.table == "bills" and d.known_by(view.day)]
        paths = [path for delivery in known for path in delivery.paths]
        rows = tables.reader.read_parquet(paths, TABLES["bills"].schema)
        bills = rows.filter(_.bill_month < view.day.replace(day=1))
        return bills.group_by("subscriber_id").aggregate(sees_through_the_mask=_.amount_paid.sum())

    return build


LEAKS = {
    "knows_next_month": _knows_next_month,
    "reads_the_files": _reads_the_files,
    "sees_through_the_mask": _sees_through_the_mask,
}


def test_planted_leaks_are_noticed(world: Any, written: Any, computed: Any) -> None:
    """Features that read the future differ, and they alone: so the property above can fail."""
    operator = world(5)

    def with_leaks(parcels: Any) -> Found:
        tables = written(parcels)
        planted = [
            Family(
                name=name,
                text=Text("planted", "植入"),
                needs=(),
                features=(Feature(name, "count", NONE, "planted", "植入"),),
                build=leak(tables),
            )
            for name, leak in LEAKS.items()
        ]
        found: Found = computed(tables, operator.snapshot, (*EVERY, *planted))
        return found

    noticed = differing(with_leaks(operator.parcels), with_leaks(operator.poisoned()))
    assert noticed == list(LEAKS)


def test_random_worlds_reach_every_feature_and_reason(
    world: Any, written: Any, computed: Any
) -> None:
    """Every feature and who is eligible vary there, else the properties would prove nothing."""
    values: dict[str, set[Any]] = {}
    for seed in (1, 2):
        operator = world(seed)
        for table in computed(written(operator.parcels), operator.snapshot).values():
            for name in table.column_names:
                values.setdefault(name, set()).update(table[name].to_pylist())
    assert [name for name, found in values.items() if len(found) == 1] == []
    assert values["eligible"] == values["kept"] == {True, False}
    assert len(values["reason"]) > 5


def test_random_worlds_hold_every_way_of_delivery(world: Any) -> None:
    """All modes, loads, restatements, early, late and same-day deliveries are drawn."""
    parcels = [parcel for seed in range(12) for parcel in world(seed).parcels]
    assert {parcel.table for parcel in parcels} == {n for n, t in TABLES.items() if not t.personal}
    assert {parcel.mode for parcel in parcels} == {"append", "partition", "full"}
    loads = [parcel for parcel in parcels if parcel.assumed_lag is not None]
    assert {parcel.mode for parcel in loads} == {"append", "partition", "full"}
    assert any(parcel.constant for parcel in loads)
    assert {parcel.delivered_on > date(2024, 10, 9) for parcel in loads} == {True, False}
    assert any(parcel.delivered_on < parcel.covers_until for parcel in parcels)
    again = [(p.table, p.partition) for p in world(1).parcels if p.mode != "full"]
    assert len(set(again)) < len(again)
