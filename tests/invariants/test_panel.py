"""A whole panel: moved by 28 years it moves and nothing else; order and packing change nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from churn import features
from churn.engines import Engine
from churn.panel import (
    PanelManifest,
    PanelSettings,
    Walk,
    calendar,
    left_out,
    manifest,
    population,
    walk,
)
from churn.panel.calendar import Calendar
from churn.panel.history import first_days
from churn.panel.manifest import churners, tally
from churn.panel.rows import panel_rows, thinned_out
from churn.states import StateSettings
from churn.tables import TABLES, Tables
from churn.windows import TimeSettings

pytestmark = pytest.mark.slow(60)

# A world is a number: there is nothing to shrink, and each costs seconds.
FEW = settings(max_examples=1, phases=(Phase.explicit, Phase.reuse, Phase.generate))
MANY = settings(FEW, max_examples=15)
SEEDS = st.integers(0, 2**32 - 1)
NIGHTS = st.dates(date(2025, 3, 1), date(2025, 3, 31))
# An outcome window that no two snapshots have apart: customers are folded, rows of all but the
# latest snapshots are thinned, and three snapshots are enough to see it.
TIME = TimeSettings(lookback=60, outcome=120, min_tenure=30)
PANEL = PanelSettings(
    test=1,
    train=3,
    keep_negatives=0.5,
    history_tables=("bills", "calls"),
)
STATES = StateSettings()


@dataclass(frozen=True)
class Found:
    """A panel: which snapshots, which rows, and what is counted about it."""

    calendar: Calendar
    rows: pa.Table
    manifest: PanelManifest


@pytest.fixture(scope="module")
def built(engine: Engine) -> Callable[[Tables, date], Found]:
    """Build a panel as the recipe does."""

    def build(tables: Tables, night: date) -> Found:
        now = tables.known_at(night)
        first = engine.to_arrow(first_days(now, PANEL)).to_pylist()
        chosen = calendar(tables, night, first, settings=PANEL, time=TIME, max_age=150)
        asked: Any = {"settings": PANEL, "time": TIME, "states": STATES}
        rows, tallied, reasons, thinned, ages = [], [], {}, [], {}
        for day in chosen.snapshots:
            then = tables.known_at(day)
            keep = 1.0 if day == chosen.snapshots[-1] else PANEL.keep_negatives
            people = population(then, TIME, STATES)
            counted = engine.to_arrow(left_out(people)).to_pylist()
            reasons[day] = {row["reason"]: row["rows"] for row in counted}
            ages[day] = {name: then.age(name) for name in TABLES if then.has(name)}
            thinned += engine.to_arrow(thinned_out(then, now, keep=keep, **asked)).to_pylist()
            found = panel_rows(then, now, keep=keep, families=features.delivered(now), **asked)
            rows.append(engine.to_arrow(found, order_by=["subscriber_id"]))
            stored = engine.from_arrow(rows[-1])
            tallied += engine.to_arrow(tally(stored), order_by=["snapshot", "outcome"]).to_pylist()
        decided = walk(chosen.snapshots, churners(tallied), PANEL, TIME)
        told = manifest(chosen, decided, reasons, tallied, thinned=thinned, ages=ages)
        return Found(chosen, pa.concat_tables(rows), told)

    return build


@pytest.fixture(scope="module")
def equal(built: Any, world: Any, written: Any, years_later: Any) -> Callable[..., None]:
    """Check the panel of a world against that of a variation, itself or 28 years later."""

    def check(seed: int, night: date, *, later: bool, shuffled: bool) -> None:
        operator = world(seed)
        move = years_later if later else _same
        parcels = operator.shuffled() if shuffled else operator.parcels
        if later:
            parcels = operator.years_later(parcels)
        first = built(written(operator.parcels), night)
        again = built(written(parcels), move(night))
        assert first.rows.num_rows > 0
        assert first.rows.schema == again.rows.schema
        for name in first.rows.column_names:
            expected = pa.chunked_array(
                [[move(value) for value in first.rows[name].to_pylist()]], first.rows[name].type
            )
            assert again.rows[name].combine_chunks().equals(expected.combine_chunks()), name
        assert again.calendar.snapshots == tuple(move(day) for day in first.calendar.snapshots)
        assert again.manifest.model_dump_json() == _moved(first.manifest, move)

    return check


def _same(value: Any) -> Any:
    return value


def _moved(told: PanelManifest, years_later: Any) -> str:
    """Move every date of a manifest: they are its only dates."""
    return told.model_copy(
        update={
            "as_of": years_later(told.as_of),
            "walk": Walk.by_customer([years_later(day) for day in told.walk.teach]),
            "dropped": {years_later(day): why for day, why in told.dropped.items()},
            "snapshots": tuple(
                one.model_copy(update={"snapshot": years_later(one.snapshot)})
                for one in told.snapshots
            ),
        }
    ).model_dump_json()


@FEW
@given(seed=SEEDS, night=NIGHTS)
def test_28_years_later_in_other_files_everything_has_moved_and_nothing_else(
    equal: Any, seed: int, night: date
) -> None:
    """Features, eligibility, labels, draws, weights and counts are equal, every date is later.

    So they are with the deliveries in another order, their rows shuffled, each cut into two files.
    """
    equal(seed, night, later=True, shuffled=True)


@pytest.mark.acceptance
@MANY
@given(seed=SEEDS, night=NIGHTS)
def test_28_years_move_many_worlds_and_nothing_else(equal: Any, seed: int, night: date) -> None:
    """The calendar alone, at length."""
    equal(seed, night, later=True, shuffled=False)


@pytest.mark.acceptance
@MANY
@given(seed=SEEDS, night=NIGHTS)
def test_order_and_packing_change_no_bit(equal: Any, seed: int, night: date) -> None:
    """Order of rows and files alone, at length."""
    equal(seed, night, later=False, shuffled=True)


def test_the_panel_of_a_random_world_holds_what_can_vary(
    built: Any, world: Any, written: Any
) -> None:
    """All folds, several outcomes and weights, thinned rows: the properties see them move."""
    found = built(written(world(10).parcels), date(2025, 3, 9))
    assert found.manifest.order == "customer"
    values = {name: {*found.rows[name].to_pylist()} for name in ("fold", "outcome", "weight")}
    assert values["fold"] == {0, 1, 2, 3, 4}
    assert {"active", "passive", "none"} <= values["outcome"]
    assert {0.0, 1.0, 2.0} <= values["weight"]
    parts = [part for one in found.manifest.snapshots for part in one.parts.values()]
    assert sum(part.thinned for part in parts) > 0
