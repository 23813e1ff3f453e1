"""Nothing a snapshot could not know changes a bit of any feature, and a leak is noticed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from ibis import _

from churn.features import FAMILIES, NONE, Family, Feature
from churn.language import Text
from churn.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable

    import ibis.expr.types as ir
    import pyarrow as pa

    from churn.features import View
    from churn.tables import Tables

    Build = Callable[[View], ir.Table]

SEEDS = (1, 2, 3)


def differing(first: pa.Table, second: pa.Table) -> list[str]:
    """Name the columns in which two feature tables differ in any bit."""
    assert first["subscriber_id"].equals(second["subscriber_id"])
    return [name for name in first.column_names if not first[name].equals(second[name])]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_future_changes_no_bit(seed: int, world: Any, written: Any, computed: Any) -> None:
    """Facts from the snapshot on, and facts delivered after it, reach no feature of any table."""
    operator = world(seed)
    as_it_was = computed(written(operator.parcels))
    otherwise = computed(written(operator.poisoned()))
    assert as_it_was.num_rows > 10
    assert differing(as_it_was, otherwise) == []


def test_order_and_packing_change_no_bit(world: Any, written: Any, computed: Any) -> None:
    """Neither the order of rows nor how a delivery is cut into files reaches a feature."""
    operator = world(4)
    as_it_was = computed(written(operator.parcels))
    assert differing(as_it_was, computed(written(operator.shuffled()))) == []


def _knows_next_month(tables: Tables) -> Build:
    def build(view: View) -> ir.Table:
        later = tables.known_at(view.day + timedelta(days=30))
        return later.complaints.group_by("subscriber_id").aggregate(knows_next_month=_.count())

    return build


def _reads_the_files(tables: Tables) -> Build:
    def build(_view: View) -> ir.Table:
        paths = [path for d in tables.deliveries if d.table == "notices" for path in d.paths]
        rows = tables.engine.read_parquet(paths, TABLES["notices"].schema)
        return rows.group_by("subscriber_id").aggregate(reads_the_files=_.count())

    return build


def _sees_through_the_mask(tables: Tables) -> Build:
    def build(view: View) -> ir.Table:
        known = [d for d in tables.deliveries if d.table == "bills" and d.known_by(view.day)]
        paths = [path for delivery in known for path in delivery.paths]
        rows = tables.engine.read_parquet(paths, TABLES["bills"].schema)
        bills = rows.filter(_.bill_month < view.day.replace(day=1))
        return bills.group_by("subscriber_id").aggregate(sees_through_the_mask=_.amount_paid.sum())

    return build


LEAKS = {
    "knows_next_month": _knows_next_month,
    "reads_the_files": _reads_the_files,
    "sees_through_the_mask": _sees_through_the_mask,
}


def test_planted_leaks_are_noticed(world: Any, written: Any, computed: Any) -> None:
    """Features that read the future differ, and they alone: so the test above can fail."""

    def with_leaks(parcels: Any) -> pa.Table:
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
        return computed(tables, (*FAMILIES, *planted))

    operator = world(5)
    noticed = differing(with_leaks(operator.parcels), with_leaks(operator.poisoned()))
    assert noticed == list(LEAKS)


def test_the_random_world_reaches_every_feature(world: Any, written: Any, computed: Any) -> None:
    """Every feature takes more than one value there, else its test above would prove nothing."""
    rows = computed(written(world(6).parcels))
    constant = [name for name in rows.column_names if len(set(rows[name].to_pylist())) == 1]
    assert constant == []
