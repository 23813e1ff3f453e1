"""Months to come: hazards found again, months that are right out of time, and lives counted."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from churn.states import StateSettings, departures, spans
from churn.targeting.survival import (
    Survival,
    checked,
    landmarks,
    lives,
    months_to_come,
    survival,
)
from churn.targeting.survival.history import NO_CONTRACT
from churn.windows import TimeSettings

HORIZON = 12


def hazards(cells: pd.DataFrame, month: int) -> tuple[np.ndarray, np.ndarray]:
    """Return true monthly hazards: young ones, mobile ones and ending commitments leave."""
    left = np.where(cells["contract"] == NO_CONTRACT, 99, cells["contract"] - (month - 1))
    active = 0.01 * np.where(cells["tenure"] < 2, 2.0, 1.0)
    active = active * np.where(cells["product"] == "mobile", 1.5, 1.0) * np.where(left == 0, 4, 1)
    passive = 0.006 * np.where((cells["overdue"] > 0) & (month == 1), 8.0, 1.0)
    return active, passive


def drawn(source: np.random.Generator, subscribers: int, followed: int) -> pd.DataFrame:
    """Draw lives at one landmark, followed for so many months, and count them."""
    cells = pd.DataFrame(
        {
            "product": source.choice(["mobile", "broadband"], subscribers),
            "tenure": source.integers(0, 6, subscribers),
            "contract": source.choice([NO_CONTRACT, *range(13)], subscribers),
            "overdue": (source.random(subscribers) < 0.1).astype(int),
        }
    )
    month, cause = np.zeros(subscribers, dtype=int), np.full(subscribers, "", dtype=object)
    for k in range(1, followed + 1):
        active, passive = hazards(cells, k)
        draw, there = source.random(subscribers), month == 0
        for name, low, high in (("active", 0.0, active), ("passive", active, active + passive)):
            gone = there & (draw >= low) & (draw < high)
            month[gone], cause[gone] = k, name
    rows = cells.assign(month=month, cause=cause)
    return rows.groupby(list(rows.columns), as_index=False).size().rename(
        columns={"size": "subscribers"}
    )  # fmt: skip


def true_months(cells: pd.DataFrame) -> np.ndarray:
    """Return the true months to come within the horizon."""
    there, total = np.ones(len(cells)), np.zeros(len(cells))
    for k in range(1, HORIZON + 1):
        there = there * (1 - sum(hazards(cells, k)))
        total += there
    return total


@pytest.fixture(scope="module")
def fitted() -> Survival:
    """Fit lives of three landmarks."""
    source = np.random.default_rng(1)
    found = survival([(n, drawn(source, 8_000, n)) for n in (12, 8, 4)], HORIZON)
    assert found is not None
    return found


def test_months_to_come_are_those_that_truly_come(fitted):
    """By product, tenure, commitment and arrears: .15 of a month off on average; mean covered."""
    people = pd.DataFrame(
        {
            "product": ["mobile", "mobile", "broadband", "broadband", "television"],
            "tenure_days": [100.0, 2_000.0, 2_000.0, 2_000.0, 2_000.0],
            "contract_days": [np.nan, np.nan, 200.0, np.nan, np.nan],
            "amount_overdue": [0.0, 0.0, 0.0, 90.0, 0.0],
        }
    )
    months = fitted.months(people, 0.0)
    young, old, committed, owing, unknown = months
    assert young < old
    assert owing < old
    assert committed < unknown + 0.5
    cells = drawn(np.random.default_rng(2), 4_000, 1)
    there = fitted.survival(cells, HORIZON).sum(axis=1)
    away = there - true_months(cells)
    assert np.average(np.abs(away), weights=cells["subscribers"]) < 0.15
    truth = np.average(true_months(cells), weights=cells["subscribers"])
    assert fitted.mean.lower - 0.05 < truth < fitted.mean.upper + 0.05
    assert fitted.mean.upper - fitted.mean.lower < 0.3
    assert (fitted.months(people, 0.1) < months).all()
    assert (months > 0).all()
    assert (months < HORIZON).all()


def test_what_was_foretold_came_out_of_time(fitted):
    """Later lives leave as hazards of earlier ones say, tenth by tenth; others do not."""
    source = np.random.default_rng(5)
    check = checked(fitted, drawn(source, 10_000, 6), 6)
    assert check.months == 6
    assert check.passed
    assert check.ratio.lower < 1 < check.ratio.upper
    assert len(check.deciles) == 10
    assert check.within >= 8
    assert sum(decile.subscribers for decile in check.deciles) == 10_000
    other = drawn(source, 10_000, 6)
    other.loc[other["month"] > 0, "subscribers"] *= 3
    assert not checked(fitted, other, 6).passed


def test_intervals_of_the_mean_cover_it():
    """Of 8 histories hardly any interval misses the truth, and none is wider than need be."""
    covered = 0
    cells = drawn(np.random.default_rng(2), 4_000, 1)
    for seed in range(8):
        source = np.random.default_rng(100 + seed)
        found = survival([(6, drawn(source, 2_500, 6))], 6)
        there, total = np.ones(len(cells)), np.zeros(len(cells))
        for k in range(1, 7):
            there = there * (1 - sum(hazards(cells, k)))
            total += there
        truth = np.average(total, weights=cells["subscribers"])
        covered += found.mean.lower - 0.01 <= truth <= found.mean.upper + 0.01
        assert found.mean.upper - found.mean.lower < 0.3
    assert covered >= 6


def test_history_is_used_where_its_first_half_foretold_the_second():
    """Twelve months, six landmarks: checked at six months. Three months cannot be checked."""
    source = np.random.default_rng(6)
    counts = [(n, drawn(source, 2_000, n)) for n in (12, 10, 8, 6, 4, 2)]
    found = months_to_come(counts, HORIZON)
    assert found.check.months == 6
    assert found.used
    people = pd.DataFrame(
        {"product": ["mobile"], "tenure_days": [90.0], "contract_days": [np.nan],
         "amount_overdue": [0.0]}
    )  # fmt: skip
    assert 5 < found.months(people, 0.0)[0] < 11
    few = months_to_come([(n, rows) for n, rows in counts if n < 4], HORIZON)
    assert few.check is None
    assert few.months(people, 0.0) is None
    later = counts[3][1]
    later["subscribers"] *= np.where(later["month"] > 0, 3, 1)
    assert not months_to_come(counts, HORIZON).used


def test_nobody_left_tells_nothing():
    """Without a departure there are no hazards."""
    rows = drawn(np.random.default_rng(1), 100, 1).assign(month=0, cause="")
    assert survival([(3, rows)], HORIZON) is None
    assert survival([], HORIZON) is None


def test_landmarks_are_few_and_leave_two_months():
    """At most four, evenly apart, the last with two months to follow."""
    days = landmarks(date(2023, 1, 15), date(2024, 12, 20))
    assert len(days) <= 4
    assert days[-1] == date(2024, 10, 1)
    assert landmarks(date(2024, 11, 15), date(2024, 12, 20)) == []


def test_lives_are_counted_as_known_then(engine, rows_as_tables):
    """Back within the allowance never left; who left before is not there; months are whole.

    What is left of a commitment, and arrears, are those of the landmark.
    """
    names = ["stays", "leaves", "back", "before", "late"]
    begun = [
        {"subscriber_id": name, "effective_at": "2020-01-01 08:00:00", "status": "在用"}
        for name in names
    ]
    moves = [
        ("leaves", "2025-02-20", "退网停机"),
        ("back", "2025-02-01", "欠费服务暂停"),
        ("back", "2025-02-10", "在用"),
        ("before", "2024-12-01", "退网停机"),
        ("late", "2025-05-25", "退网停机"),
    ]
    books = {"product": "mobile", "activated_on": "2023-06-01"}
    tables = rows_as_tables(
        {
            "subscribers": [
                {"subscriber_id": name, **books}
                | ({"contract_ends_on": "2025-03-15"} if name == "leaves" else {})
                for name in names
            ],
            "status_events": [
                *begun,
                *(
                    {"subscriber_id": name, "effective_at": f"{day} 08:00:00", "status": status}
                    for name, day, status in moves
                ),
            ],
            "arrears": [{"subscriber_id": "back", "as_of": "2024-12-31", "amount_overdue": "9.00"}],
        }
    )
    known = tables.known_at(date(2025, 6, 20))
    end = date(2025, 5, 21)
    history = spans(known.status_events, StateSettings())
    away = departures(history, StateSettings())
    rows = lives(known, history, away, date(2025, 1, 1), end, TimeSettings(), 40)
    order = ["contract", "overdue", "month"]
    told = engine.to_arrow(rows, order_by=order).to_pylist()
    assert told == [
        {"product": "mobile", "tenure": 2, "contract": NO_CONTRACT, "overdue": 0, "month": 0,
         "cause": "", "subscribers": 2},
        {"product": "mobile", "tenure": 2, "contract": NO_CONTRACT, "overdue": 1, "month": 0,
         "cause": "", "subscribers": 1},
        {"product": "mobile", "tenure": 2, "contract": 2, "overdue": 0, "month": 2,
         "cause": "active", "subscribers": 1},
    ]  # fmt: skip
