"""The walk for any calendar, and the view by customer."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn.panel import PanelSettings, never_trained
from churn.panel.split import FITTED, reached, walk
from churn.windows import TimeSettings, add_months

FIRST = date(2023, 1, 31)
calendars = st.builds(
    lambda months, start: [add_months(start, month) for month in sorted(months)],
    st.sets(st.integers(0, 40), min_size=1, max_size=24),
    st.dates(FIRST, FIRST + timedelta(days=400)),
)
panels = st.builds(
    PanelSettings,
    test=st.integers(1, 6),
    test_churners=st.sampled_from([1, 200]),
    calibration=st.integers(1, 6),
    train=st.none() | st.integers(1, 8),
)
times = st.builds(TimeSettings, lead=st.integers(0, 60), outcome=st.integers(1, 90))
counts = st.lists(st.integers(0, 150), min_size=24, max_size=24)
TIME = TimeSettings()


def months(count):
    """Return so many snapshots, a month apart."""
    return [add_months(FIRST, month) for month in range(count)]


def left(snapshots, each):
    """Let so many leave at each snapshot."""
    each = [each] * len(snapshots) if isinstance(each, int) else each
    return {day: {"active": count} for day, count in zip(snapshots, each, strict=False)}


def numbered(count, churners=0, **settings):
    """Walk through so many months; name order, calibration and test by the numbers of months."""
    days = months(count)
    told = walk(days, left(days, churners), PanelSettings(**settings), TIME)
    asked = [
        [days.index(origin.snapshot) for origin in part] for part in (told.calibration, told.test)
    ]
    return told.order, *asked


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (1, ("customer", [], [])),
        (3, ("customer", [], [])),
        (4, ("test", [], [3])),
        (5, ("test", [], [3, 4])),
        (6, ("time", [3], [5])),
        (7, ("time", [3], [5, 6])),
        (8, ("time", [3, 4], [6, 7])),
        (11, ("time", [4, 5, 6], [8, 9, 10])),
        (24, ("time", [17, 18, 19], [21, 22, 23])),
    ],
)
def test_months_take_their_places(count, expected):
    """At the default windows month k is closed two months later."""
    assert numbered(count) == expected


@pytest.mark.parametrize(
    ("churners", "test", "expected"),
    [
        (200, 3, ([6, 7, 8], [10])),
        (100, 3, ([5, 6, 7], [9, 10])),
        (99, 3, ([4, 5, 6], [8, 9, 10])),
        (1, 2, ([5, 6, 7], [9, 10])),
    ],
)
def test_no_more_nights_test_than_hold_enough_churners(churners, test, expected):
    """The fewest of the latest that hold 200, three at most: the others calibrate later."""
    assert numbered(11, churners, test=test)[1:] == expected


def test_every_head_needs_its_churners():
    """A head without any asks for nothing; one that has few asks for more nights."""
    days = months(11)
    for passive, tested in ((0, 1), (100, 2), (10, 3)):
        churners = {day: {"active": 500, "passive": passive} for day in days}
        assert len(walk(days, churners, PanelSettings(), TIME).test) == tested


def test_what_is_too_short_for_two_is_calibrated_by_customer():
    """Folds of the customers that the first test origin may learn from; the test is out of time."""
    days = months(5)
    told = walk(days, {}, PanelSettings(), TIME)
    assert told.folded == tuple(days[:2])
    assert list(told.parts.values()) == ["calibration", "calibration", "train", "test", "test"]
    assert not told.out_of_time


def test_a_rolling_window_reaches_back_so_far_and_no_farther():
    """Every origin, and the models that score, learn from the latest two that were closed."""
    days = months(16)
    told = walk(days, {}, PanelSettings(train=2), TIME)
    assert told.teach == tuple(days[-2:])
    assert [days.index(day) for day in told.calibration[0].fitted] == [6, 7]
    assert min(told.parts) == days[6]


@given(calendars, counts, panels, times)
def test_no_origin_learns_from_a_window_that_had_not_closed(snapshots, counts, settings, time):
    """Nor does one that calibrates come to be judged by what was not known at the first test."""
    told = walk(snapshots, left(snapshots, counts), settings, time)
    for origin in (*told.calibration, *told.test):
        assert origin.fitted
        assert all(time.outcome_window(day).end <= origin.snapshot for day in origin.fitted)
    if told.test:
        first = told.test[0].snapshot
        before = [*told.folded, *(origin.snapshot for origin in told.calibration)]
        assert before
        assert all(time.outcome_window(day).end <= first for day in before)
        assert told.test[-1].snapshot == snapshots[-1]
    assert len(told.test) <= settings.test
    assert len(told.calibration) <= settings.calibration


@given(calendars, counts, panels, times)
def test_every_snapshot_teaches_and_has_one_part(snapshots, counts, settings, time):
    """All are in the walk, once; only a rolling window leaves some out, which no origin reaches."""
    told = walk(snapshots, left(snapshots, counts), settings, time)
    if settings.train is None:
        assert told.teach == tuple(snapshots)
        assert list(told.parts) == snapshots
    else:
        assert told.teach == tuple(snapshots[-settings.train :])
        assert [day for day in snapshots if day in told.parts] == list(told.parts)
    if told.order != "customer":
        tested = [day for day, part in told.parts.items() if part == "test"]
        assert tested == [origin.snapshot for origin in told.test]


@given(calendars, counts, panels, times)
def test_more_snapshots_take_no_teacher_away(snapshots, counts, settings, time):
    """What taught goes on teaching as history grows."""
    expanding = settings.model_copy(update={"train": None})
    churners = left(snapshots, counts)
    taught: set[date] = set()
    for end in range(1, len(snapshots) + 1):
        told = walk(snapshots[:end], churners, expanding, time)
        assert taught <= set(told.teach)
        taught = set(told.teach)


@given(calendars, counts, panels, times)
def test_a_later_start_of_the_panel_never_leaves_time(snapshots, counts, settings, time):
    """Out of time once, out of time with any further month."""
    churners = left(snapshots, counts)
    rank = {"customer": 0, "test": 1, "time": 2}
    orders = [
        rank[walk(snapshots[:end], churners, settings, time).order]
        for end in range(1, len(snapshots) + 1)
    ]
    assert orders == sorted(orders)


@given(calendars, counts, panels, times)
def test_what_is_never_reached_need_not_be_built(snapshots, counts, settings, time):
    """Through what may be reached leads the same walk, whoever churned."""
    churners = left(snapshots, counts)
    some = reached(snapshots, settings, time)
    assert walk(some, churners, settings, time) == walk(snapshots, churners, settings, time)
    if settings.train is None:
        assert some == tuple(snapshots)


@given(calendars, panels, times)
def test_an_origin_needs_two_closed_snapshots(snapshots, settings, time):
    """Without one that has them customers are folded."""
    told = walk(snapshots, {}, settings, time)
    for origin in (*told.calibration, *told.test):
        closed = [day for day in snapshots if time.outcome_window(day).end <= origin.snapshot]
        assert len(closed) >= min(FITTED, settings.train or FITTED)
        kept = closed[-(settings.train or 0) :]
        assert origin.fitted == tuple(kept)


@given(st.lists(st.text(min_size=1, max_size=8), max_size=40), st.floats(0, 0.99))
def test_a_customer_is_kept_out_whole(customers, share) -> None:
    """The draw is the customer's alone: neither its rows nor the others' order change it."""
    first = dict(zip(customers, never_trained(customers, share), strict=True))
    again = dict(zip(customers[::-1], never_trained(customers[::-1], share), strict=True))
    assert first == again
    assert all(first[one] == never_trained([one], share)[0] for one in first)


def test_about_the_share_asked_for_is_kept_out() -> None:
    """Nobody at 0; more customers, never fewer, as the share grows."""
    customers = [f"c{number}" for number in range(5000)]
    assert not never_trained(customers, 0).any()
    fifth, third = never_trained(customers, 0.2), never_trained(customers, 1 / 3)
    assert abs(fifth.mean() - 0.2) < 0.03
    assert np.all(third[fifth])
