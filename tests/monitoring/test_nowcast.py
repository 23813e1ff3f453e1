"""The development of outcomes and the nowcast that completes them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn.monitoring import Development, Reference, counted, nowcast, reference

DAYS = 30


def _reference(final, visible=None, true=None, seen=DAYS - 1):
    final = np.asarray(final, dtype=np.int64)
    visible = final if visible is None else np.asarray(visible, dtype=np.int64)
    true = visible if true is None else np.asarray(true, dtype=np.int64)
    return Reference(final, visible, true, seen)


def _half_seen():
    """Ten events a day; of the last ten days seen half are there, of earlier ones all."""
    final = np.full(DAYS, 10)
    visible = np.where(np.arange(DAYS) < 20, 10, 5)
    return Development.of([[_reference(final, visible)]])


def test_what_arrives_late_is_missing_by_its_age():
    """Half of what is up to nine days old is there: the share known follows for any night."""
    development = _half_seen()
    assert development.by_lag[:, 3].tolist() == [0.5, 0.5]
    assert development.by_lag[:, 25].tolist() == [1.0, 1.0]
    # of 20 days seen, the last ten are half there
    assert development.progress(19).true.sum() == pytest.approx(15 / 30)
    assert development.progress(-1).true.sum() == 0
    # a lag that no reference reached counts as the longest that one did
    assert development.progress(200).true.sum() == pytest.approx(1)


def test_what_is_taken_back_is_not_counted_on():
    """Twice as many suspensions are seen as last: half of those seen will be taken back."""
    final = np.full(DAYS, 10)
    development = Development.of([[_reference(final, 2 * final, final)]])
    cast = nowcast(development, seen_day=DAYS - 1, seen=600, expected=300)
    assert cast.known == pytest.approx(1)
    assert cast.final.value == pytest.approx(300, rel=0.02)


def test_before_anything_is_seen_the_promise_stands():
    """Nothing is known on the window's eve: the promise, as wide as nights differ."""
    cast = nowcast(_half_seen(), seen_day=-1, seen=0, expected=300)
    assert cast.known == 0
    assert cast.final.value == pytest.approx(300, rel=0.03)
    assert cast.ratio.lower < 0.4
    assert cast.ratio.upper > 2


def test_what_was_counted_outweighs_the_promise():
    """Of 200 promised 50 should be there by the tenth of thirty days and 100 are: twice as many."""
    development = Development.of([[_reference(np.full(DAYS, 200), seen=60)]])
    cast = nowcast(development, seen_day=9, seen=200, expected=300)
    assert cast.known == pytest.approx(1 / 3)
    assert cast.ratio.value == pytest.approx(2.0, abs=0.08)
    assert cast.ratio.lower < 2 < cast.ratio.upper


def test_golden():
    """One nowcast to the digit: a change of the draws is a change of every figure told."""
    cast = nowcast(_half_seen(), seen_day=19, seen=170, expected=300, seed=1)
    assert cast.known == pytest.approx(0.5)
    assert (cast.final.value, cast.final.lower, cast.final.upper) == pytest.approx(GOLDEN, abs=1e-9)


GOLDEN = (340.8225, 293.0, 397.025)


@given(
    seen=st.integers(0, 400),
    day=st.integers(0, 80),
    expected=st.floats(1, 1000),
    scale=st.sampled_from([1.0, 2.5]),
)
def test_a_nowcast_is_never_below_what_lasts(seen, day, expected, scale):
    """Bounds are in order; where nothing is taken back, no less than was seen, in any weight."""
    cast = nowcast(
        _half_seen(), seen_day=day, seen=seen * scale, expected=expected * scale, scale=scale
    )
    assert cast.final.lower <= cast.final.upper
    assert cast.final.lower >= seen * scale - 1e-6
    plain = nowcast(_half_seen(), seen_day=day, seen=seen, expected=expected)
    assert cast.ratio.value == pytest.approx(plain.ratio.value)


def test_months_that_differ_make_it_less_certain():
    """References that agree are worth their events; one that came late makes all worth less."""
    final = np.full(DAYS, 10)
    half = [[_reference(final, final - 5, final - 5)] for _ in range(5)]
    late = [_reference(final, final - 9, final - 9)]
    agreeing, uncertain = Development.of(half), Development.of([*half, late])
    assert agreeing.evidence(DAYS - 1).lasting == pytest.approx(5 * 300)
    assert uncertain.evidence(DAYS - 1).lasting < 30
    narrow, wide = (
        nowcast(each, seen_day=DAYS - 1, seen=150, expected=300).final
        for each in (agreeing, uncertain)
    )
    assert wide.upper - wide.lower > 2 * (narrow.upper - narrow.lower)


def test_months_are_compared_at_the_age_of_the_night():
    """Months that end alike and were known unevenly when half over: half-over nights are unsure."""
    final = np.full(DAYS, 20)
    known = [np.where(np.arange(DAYS) < 15, seen, 0) for seen in (4, 10, 16, 10)]
    looks = [[_reference(final, each, each, seen=14), _reference(final, seen=60)] for each in known]
    development = Development.of(looks)
    assert development.evidence(60).lasting == pytest.approx(4 * 600)
    assert development.evidence(14).lasting < 4 * 600 / 10


def test_a_month_that_was_looked_at_often_is_one_month():
    """The same counts by three days, or by one: as many events, the same shares and interval."""
    final = np.full(DAYS, 10)
    visible = np.where(np.arange(DAYS) < 20, 10, 5)
    once, thrice = (Development.of([[_reference(final, visible)] * looks] * 2) for looks in (1, 3))
    assert once.events == thrice.events == 600
    casts = [nowcast(each, seen_day=19, seen=170, expected=300) for each in (once, thrice)]
    assert casts[0] == casts[1]


def test_what_is_taken_back_unevenly_is_less_certain():
    """Suspensions paid at another rate every month widen what will last of those seen."""
    final = np.full(DAYS, 10)
    even = [[_reference(final, 2 * final, final)] for _ in range(4)]
    uneven = [[_reference(final, times * final, final)] for times in (1, 2, 2, 3)]
    casts = [
        nowcast(Development.of(each), seen_day=DAYS - 1, seen=600, expected=300).final
        for each in (even, uneven)
    ]
    assert casts[1].upper - casts[1].lower > 1.5 * (casts[0].upper - casts[0].lower)


def test_no_event_tells_nothing():
    """Without a single final event nothing can be learned of how late they come."""
    assert Development.of([[_reference(np.zeros(DAYS))]]) is None
    assert Development.of([]) is None


@pytest.mark.parametrize(
    ("visible", "true", "message"),
    [([1] * DAYS, [2] * DAYS, "more events lasted"), ([1] * 3, [1] * 3, "one entry for each day")],
)
def test_counts_that_contradict_each_other(visible, true, message):
    """More that lasts than was seen, or days that are missing."""
    with pytest.raises(ValueError, match=message):
        _reference([1] * DAYS, visible, true)


def test_counting_by_day_and_weight():
    """Events behind the last day seen, and outside the window, are not counted."""
    day = np.array([0, 5, 29, 30, -1])
    count = counted(np.full(5, 0.1), day, np.array([1, 2, 1, 1, 1.0]), days=DAYS, seen=10)
    assert count.seen.sum() == 3
    assert count.expected == pytest.approx(0.6)
    assert count.scale == pytest.approx((1 + 4 + 1 + 1 + 1) / 6)
    told = reference(
        np.array([3, 12]), np.array([3, 12, 40]), np.array([True, True, False]), days=DAYS, seen=11
    )
    assert (told.final.sum(), told.visible.sum(), told.true.sum()) == (2, 1, 1)
