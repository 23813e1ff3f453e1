"""Nights laid side by side on the calendar, and the rule by which something is told."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from scipy import stats

from churn.monitoring import (
    Counted,
    Development,
    Night,
    Reference,
    alarm_of,
    expected_average_precision,
    strangeness,
    watch,
    watched_days,
)
from churn.monitoring.watching import Days

DAYS = 30
OPENS = (date(2025, 1, 16), date(2025, 2, 13), date(2025, 3, 16))


def _development(per_day=1000):
    final = np.full(DAYS, per_day, dtype=np.int64)
    return Development.of([[Reference(final, final, final, 100)]])


def _days(seen, expected, first=date(2025, 1, 1), evidence=1e9):
    seen = np.asarray(seen, dtype=np.float64)
    expected = np.broadcast_to(np.asarray(expected, dtype=np.float64), seen.shape)
    one = np.zeros(len(seen))
    return Days(first, seen, expected, one, np.full(len(seen), evidence), 1.0)


def test_a_day_of_two_windows_belongs_to_the_later_night():
    """Windows that overlap by two days are not counted twice; what is not seen yet is not asked."""
    nights = [Night(OPENS[0], 100), Night(OPENS[1], 9)]
    counts = [Counted(np.full(DAYS, 3.0), 60.0), Counted(np.full(DAYS, 5.0), 90.0)]
    days = watched_days(nights, counts, _development(), memory=180)
    assert days.first == OPENS[0]
    assert len(days.seen) == 38
    assert days.seen.tolist() == [3.0] * 28 + [5.0] * 10
    assert days.expected == pytest.approx([2.0] * 28 + [3.0] * 10)
    short = watched_days(nights, counts, _development(), memory=12)
    assert short.first == OPENS[1] - timedelta(days=2)
    assert watched_days([Night(OPENS[0], -1)], counts[:1], _development(), memory=9) is None


def test_without_spread_it_is_poisson():
    """With references beyond doubt, the two-sided chance is Poisson's with half its own point."""
    found = strangeness(_days([2] * 10, 1.0), date(2025, 1, 1), spread=0.0)
    law = stats.poisson(10)
    assert found.chance == pytest.approx(2 * (law.sf(20) + law.pmf(20) / 2), rel=1e-3)
    assert found.ratio.value == 2
    assert found.ratio.lower < 2 < found.ratio.upper


def test_what_months_differ_by_is_no_alarm():
    """A tenth more over many events is strange to single events, not to months that differ so."""
    days = _days([1100] * 30, 1000.0)
    assert strangeness(days, days.first, spread=0.0).chance < 1e-6
    assert strangeness(days, days.first, spread=0.1).chance > 0.3


def test_few_references_leave_doubt():
    """Half more than expected means little where the expectation rests on a few events."""
    sure, doubtful = (_days([15] * 20, 10.0, evidence=each) for each in (1e9, 0.5))
    assert strangeness(sure, sure.first, spread=0.0).chance < 1e-6
    assert strangeness(doubtful, doubtful.first, spread=0.0).chance > 0.05


def _watch(days, **changes):
    given = {"looks": 12, "alarms_per_year": 1, "spread": 0.03, "least_expected": 10, **changes}
    return watch({("active", "all"): days}, **given)


def test_an_alarm_says_since_when():
    """Twice as many from the eighth week on: told with that week and about twice the number."""
    days = _days([10] * 49 + [20] * 30, 10.0)
    (watched,) = _watch(days)
    assert watched.alarm
    assert abs((watched.stretch.since - date(2025, 2, 19)).days) <= 7
    assert watched.stretch.ratio.value == pytest.approx(2, abs=0.2)
    fewer = _watch(_days([10] * 49 + [4] * 30, 10.0))[0]
    assert fewer.alarm
    assert fewer.stretch.ratio.value == pytest.approx(0.4, abs=0.1)


def test_more_looks_ask_for_more():
    """What is told by who looks monthly may be chance to who looks at many things every day."""
    days = _days([10] * 40 + [13] * 30, 10.0)
    assert _watch(days)[0].alarm
    assert not _watch(days, looks=10_000)[0].alarm
    assert not _watch(days, alarms_per_year=1e-4)[0].alarm


def test_few_events_are_not_judged():
    """Below the least number expected nothing is said at all."""
    assert _watch(_days([3] * 9, 0.5)) == []


def test_what_moved_is_named_and_only_that():
    """One region has all of the change: it is named, the others, which did not move, are not."""
    everywhere = _days([30] * 40 + [40] * 30, 30.0)
    parts = {f"region={name}": _days([10] * 70, 10.0) for name in "ab"}
    parts["region=c"] = _days([10] * 40 + [20] * 30, 10.0)
    (alarm,) = alarm_of(_watch(everywhere), {"active": parts}, spread=0.03)
    assert [name for name, _ in alarm.moved] == ["region=c"]
    even = {name: _days([10] * 70, 10.0) for name in parts}
    (alarm,) = alarm_of(_watch(everywhere), {"active": even}, spread=0.03)
    assert alarm.moved == ()


def test_chances_alone():
    """Worked by hand: .5 .25 .25 gives .5 · 1/2 + .25 · .75/2 + .25 · 1/3; no chance, no figure."""
    chances = np.array([0.25, 0.5, 0.25])
    found = expected_average_precision(chances, np.ones(3))
    assert found == pytest.approx(0.5 * 0.5 + 0.25 * 0.375 + 0.25 / 3)
    assert np.isnan(expected_average_precision(np.zeros(2), np.ones(2)))
