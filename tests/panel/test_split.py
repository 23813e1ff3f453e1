"""The split of snapshots for any calendar, and the view by customer."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from churn.panel import PanelSettings, never_trained
from churn.panel.split import split
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
    calibration=st.integers(1, 6),
    train=st.none() | st.integers(1, 8),
)
times = st.builds(TimeSettings, lead=st.integers(0, 60), outcome=st.integers(1, 90))
PARTS = ("train", "calibration", "test")


@given(calendars, panels, times)
def test_the_last_window_of_a_part_closes_before_the_next_begins(snapshots, settings, time) -> None:
    """Whatever the calendar: no outcome of one part is decided while the next is observed."""
    slots, order = split(snapshots, settings, time)
    days = {part: [s.snapshot for s in slots if part in s.shares] for part in PARTS}
    assert all(days.values())
    apart = {"time": pairwise(PARTS), "test": [("calibration", "test")], "customer": []}[order]
    for before, after in apart:
        closed = max(time.outcome_window(day).end for day in days[before])
        assert closed <= min(days[after])


@given(calendars, panels, times)
def test_every_snapshot_has_one_place(snapshots, settings, time) -> None:
    """None is used twice, none is invented, and the latest always tests."""
    slots, _ = split(snapshots, settings, time)
    used = [slot.snapshot for slot in slots]
    assert len(set(used)) == len(used)
    assert set(used) <= set(snapshots)
    assert "test" in max(slots, key=lambda slot: slot.snapshot).shares
    assert all(abs(sum(slot.shares.values()) - 1) < 1e-9 for slot in slots)


@given(calendars, panels, times)
def test_a_rolling_window_keeps_the_latest_of_the_expanding_one(snapshots, settings, time) -> None:
    """Rolling drops the oldest training snapshots and moves nothing else."""
    expanding, order = split(snapshots, settings.model_copy(update={"train": None}), time)
    rolling, same = split(snapshots, settings, time)
    assert order == same
    parts = {slot.snapshot: dict(slot.shares) for slot in expanding}
    assert all(parts[slot.snapshot] == dict(slot.shares) for slot in rolling)
    trained = [slot.snapshot for slot in rolling if "train" in slot.shares]
    before = [slot.snapshot for slot in expanding if "train" in slot.shares]
    assert trained == before[-(settings.train or len(before)) :]


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
