"""Every engine makes the same of a random operator: to 1e-9, before features are rounded."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from typing import Any

import ibis.expr.types as ir
import pytest

from churn import features
from churn.engines import ENGINES, Engine, EngineSettings
from churn.features import View
from churn.labels import DEFINITIONS, LabelSettings, outcomes
from churn.panel import population
from churn.states import StateSettings
from churn.states.lines import lines
from churn.tables import TABLES, Tables
from churn.windows import TimeSettings
from tests.invariants.conftest import World

DAY = date(2024, 10, 9)
NOW = date(2025, 3, 20)
FIRST = next(iter(ENGINES))
FAMILIES = {family.name: family for family in features.FAMILIES}
pytestmark = pytest.mark.every_engine(long=True, against_first=True)
every_engine = pytest.mark.every_engine(against_first=True)

Build = Callable[[Tables], ir.Table]


@pytest.fixture
def agree(
    engines: dict[str, Engine], engine_settings: EngineSettings, written: Callable[..., Tables]
) -> Callable[[Build, str], None]:
    """Compare what an engine makes of a random operator with what the first one makes of it."""

    def check(build: Build, *key: str) -> None:
        deliveries = written(World(1, DAY).parcels).deliveries
        one, other = (
            engines[name].to_arrow(build(Tables(engines[name], deliveries)), order_by=key)
            for name in (FIRST, engine_settings.name)
        )
        assert one.schema.names == other.schema.names
        assert one.num_rows > 0
        differing = [
            name
            for name in one.column_names
            if not all(map(_equal, one[name].to_pylist(), other[name].to_pylist()))
        ]
        assert not differing

    return check


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    return bool(one == other)


def _family(name: str) -> Build:
    return lambda tables: FAMILIES[name].build(View(tables.known_at(DAY), StateSettings()))


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_is_the_same(name: str, agree: Any) -> None:
    """Each as it is before its values are rounded to float32.

    `make test` computes all of them once, for a night that is scored on Spark.
    """
    agree(_family(name), "subscriber_id")


@pytest.mark.parametrize("name", [name for name, table in TABLES.items() if not table.personal])
def test_a_table_is_the_same(name: str, agree: Any) -> None:
    """What was known on a day, with what it masks and what was restated."""
    agree(lambda tables: tables.known_at(DAY).table(name), *TABLES[name].schema.names)


def test_the_population_is_the_same(agree: Any) -> None:
    """Who is eligible, and why others are not."""
    agree(
        lambda tables: population(tables.known_at(DAY), TimeSettings(), StateSettings()),
        "subscriber_id",
    )


def test_lines_are_the_same(agree: Any) -> None:
    """Chains of subscribers over transfers and moves."""

    def build(tables: Tables) -> ir.Table:
        known = tables.known_at(DAY)
        return lines(known.status_events, known.subscribers, StateSettings())

    agree(build, "subscriber_id")


def _labels(name: str) -> Build:
    return lambda tables: outcomes(
        tables.known_at(NOW),
        date(2024, 9, 1),
        TimeSettings(),
        StateSettings(),
        LabelSettings().named(name),
    )


@every_engine
def test_labels_are_the_same(agree: Any) -> None:
    """Who left, why and when, by the definition of churn that is the default."""
    agree(_labels("default"), "subscriber_id")


@pytest.mark.parametrize("name", sorted(set(DEFINITIONS) - {"default"}))
def test_so_are_those_of_other_definitions(name: str, agree: Any) -> None:
    """The definitions that `make test` has no time for."""
    agree(_labels(name), "subscriber_id")
