"""Base rates and data ages beside what was learned from, and beside last year's season."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from churn.causes import Cause
from churn.evaluation.intervals import Interval
from churn.monitoring.base_rates import BaseRate, Rate, base_rates
from churn.monitoring.data_age import data_ages
from churn.windows import add_months

NIGHT = date(2025, 1, 1)
LINES, SPREAD = 30_000, 0.03


def _share(rate: float, lines: int = LINES) -> Interval:
    """Return a counted share with the interval that its events leave."""
    error = 1.96 / np.sqrt(rate * lines)
    return Interval(value=rate, lower=rate * np.exp(-error), upper=rate * np.exp(error))


def _learned(*rates: float) -> list[Rate]:
    """Return snapshots of as many lines, a month apart."""
    return [
        Rate(add_months(date(2024, 1, 1), month), rate, LINES, rate * LINES)
        for month, rate in enumerate(rates)
    ]


def _one(now: float, learned: list[Rate], last_year: float | None = None) -> BaseRate:
    then: dict[Cause, Rate] = {}
    if last_year is not None:
        then["active"] = Rate(NIGHT, last_year, LINES, last_year * LINES)
    (found,) = base_rates(
        {"active": (NIGHT, _share(now))}, {"active": learned}, then, spread=SPREAD
    )
    return found


STEADY = _learned(0.0100, 0.0101, 0.0099, 0.0100)


def test_a_rate_that_rose_is_told_with_what_it_moves() -> None:
    """1.3 % where 1 % was learned: beyond chance; the logit's move is that of the odds."""
    found = _one(0.013, STEADY)
    assert found.told
    assert found.learned == pytest.approx(0.01)
    assert found.moves == pytest.approx(np.log(0.013 / 0.987) - np.log(0.01 / 0.99))
    assert found.last_year is None
    assert found.as_last_year is None


@pytest.mark.parametrize("now", [0.0100, 0.0104, 0.0095])
def test_chance_is_not_told(now: float) -> None:
    """What 300 departures more or less leave in doubt is none."""
    assert not _one(now, STEADY).told


def test_months_that_differ_so_are_as_learned() -> None:
    """The same 1.3 % is no news where months went from .7 to 1.4 %."""
    found = _one(0.013, _learned(0.007, 0.014, 0.008, 0.013, 0.009))
    assert not found.told


def test_a_certain_trifle_is_not_worth_a_look() -> None:
    """Of thirty million lines a twentieth more is certain, and no matter."""
    many = [Rate(each.snapshot, 0.01, 3e7, 3e5) for each in STEADY]
    (found,) = base_rates(
        {"active": (NIGHT, _share(0.0105, 30_000_000))}, {"active": many}, {}, spread=0.0
    )
    assert found.chance < 1e-6
    assert not found.told


@pytest.mark.parametrize(("then", "season"), [(0.0128, True), (0.0100, False)])
def test_the_season_explains_what_last_year_was_too(then: float, season: bool) -> None:  # noqa: FBT001 - a case
    """Told all the same: with the word that it was so in the same weeks of last year, or not."""
    found = _one(0.013, STEADY, then)
    assert found.told
    assert found.last_year == then
    assert found.as_last_year is season


def test_more_heads_ask_for_more() -> None:
    """Holm: the stranger of two heads that were looked at is twice as likely by chance."""
    shares: dict[Cause, tuple[date, Interval]] = {"active": (NIGHT, _share(0.012))}
    both = {**shares, "passive": (NIGHT, _share(0.010))}
    learned: dict[Cause, list[Rate]] = {"active": STEADY, "passive": STEADY}
    alone = base_rates(shares, learned, {}, spread=SPREAD)[0]
    among = base_rates(both, learned, {}, spread=SPREAD)[0]
    assert among.chance == pytest.approx(2 * alone.chance)


def test_what_cannot_be_held_against_anything_is_left_out() -> None:
    """A head that nobody left by, or that the panel did not hold."""
    shares: dict[Cause, tuple[date, Interval]] = {
        "active": (NIGHT, _share(0.01)),
        "passive": (NIGHT, _share(0.01)),
    }
    assert base_rates(shares, {"active": _learned(0.0, 0.0)}, {}, spread=SPREAD) == ()
    bare = Interval(value=0.01, lower=float("nan"), upper=float("nan"))
    assert base_rates({"active": (NIGHT, bare)}, {"active": STEADY}, {}, spread=SPREAD) == ()


def test_months_without_a_change_are_hardly_ever_told() -> None:
    """Of 300 drawn operators whose months differ by the spread, at most six are told."""
    draw = np.random.default_rng(1)

    def month() -> float:
        return float(draw.poisson(0.01 * np.exp(draw.normal(0, SPREAD)) * LINES) / LINES)

    told = sum(_one(month(), _learned(*(month() for _ in range(6)))).told for _ in range(300))
    assert told <= 6


def test_an_old_table_is_told_and_one_as_old_as_ever_is_not() -> None:
    """Bills twelve days late; calls come monthly and are up to 30 days old, as they always were."""
    found = data_ages(
        {"bills": 12, "calls": 20, "arrears": 1, "surveys": 3},
        {"bills": [0] * 6, "calls": [0, 30, 15, 20, 10], "arrears": [0, 1, 0]},
        {"bills": 11, "calls": 2},
    )
    assert [(each.table, each.told) for each in found] == [
        ("bills", True), ("calls", False), ("arrears", False),
    ]  # fmt: skip
    bills = found[0]
    assert (bills.now, bills.usual, bills.last_year, bills.as_last_year) == (12, 0, 11, True)
    assert data_ages({"bills": 12}, {"bills": [0] * 6}, {"bills": 0})[0].as_last_year is False


def test_months_of_other_lengths_are_no_drift() -> None:
    """A delivery three days later than usual, among thirteen tables: nothing is told."""
    names = [f"t{number}" for number in range(13)]
    found = data_ages(dict.fromkeys(names, 3), {name: [0, 0, 1] for name in names}, {})
    assert not any(each.told for each in found)
    assert data_ages({"bills": 3}, {}, {}) == ()
