"""Labels depend on nothing but the tables that their definition declares."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from churn.labels import DEFINITIONS, LabelSettings, outcomes
from churn.states import StateSettings
from churn.windows import TimeSettings

# A world is a number: there is nothing to shrink.
FEW = settings(max_examples=5, phases=(Phase.explicit, Phase.reuse, Phase.generate))
MANY = settings(FEW, max_examples=80)
SEEDS = st.integers(0, 2**32 - 1)
SNAPSHOTS = st.dates(date(2024, 7, 20), date(2024, 10, 10))
NOW = date(2025, 3, 20)
# New definitions join by themselves; the rule that is off by default stands beside.
VARIANTS = {name: LabelSettings().named(name) for name in sorted(DEFINITIONS)}
VARIANTS["default with the coat rule"] = LabelSettings.model_validate(
    {"default": {"coat": {"enabled": True}}}
).chosen
VARIANTS["default with re-entries"] = LabelSettings(re_entry=True).chosen
NAMES = st.sampled_from(sorted(VARIANTS))


@pytest.fixture(scope="module")
def unmoved(engine: Any, world: Any, written: Any) -> Callable[[int, date, str], None]:
    """Check that other tables may say anything, or nothing, without moving a label."""

    def check(seed: int, snapshot: date, name: str) -> None:
        definition = VARIANTS[name]
        operator = world(seed)

        def found(parcels: Any) -> Any:
            known = written(parcels).known_at(NOW)
            told = outcomes(known, snapshot, TimeSettings(), StateSettings(), definition)
            # Whether the row is still on the books tells of the record, not of the outcome.
            return engine.to_arrow(told.drop("vanished"), order_by=["subscriber_id"])

        as_it_was = found(operator.parcels)
        assert as_it_was.equals(found(operator.others_replaced(definition.reads)))
        without = [parcel for parcel in operator.parcels if parcel.table in definition.reads]
        assert as_it_was.equals(found(without))

    return check


@FEW
@given(seed=SEEDS, snapshot=SNAPSHOTS, name=NAMES)
def test_labels_read_only_what_is_declared(
    unmoved: Any, seed: int, snapshot: date, name: str
) -> None:
    """Whatever every other table says, each outcome is the same, with its date and flags."""
    unmoved(seed, snapshot, name)


@pytest.mark.acceptance
@MANY
@given(seed=SEEDS, snapshot=SNAPSHOTS, name=NAMES)
def test_labels_of_many_worlds_read_only_what_is_declared(
    unmoved: Any, seed: int, snapshot: date, name: str
) -> None:
    """The same at length."""
    unmoved(seed, snapshot, name)


@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_what_is_declared_is_read(name: str, engine: Any, world: Any, written: Any) -> None:
    """Other status events give other labels: so the property above can fail."""
    operator = world(3)
    kept = sorted({parcel.table for parcel in operator.parcels} - {"status_events"})

    def found(parcels: Any) -> Any:
        known = written(parcels).known_at(NOW)
        told = outcomes(known, date(2024, 10, 9), TimeSettings(), StateSettings(), VARIANTS[name])
        return engine.to_arrow(told.drop("vanished"), order_by=["subscriber_id"])

    assert not found(operator.parcels).equals(found(operator.others_replaced(kept)))
