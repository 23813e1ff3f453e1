"""A table with times walks forward: each period is asked about by what had been known before it.

Rows fall into at most eight periods of about equal size, whole days each. A period is an origin:
fitted on the rows that are older than its first day by the gap or more, asked about its own. What
lies in the gap teaches that origin nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from churn.panel.settings import PanelSettings
from churn.panel.split import Apart, Origin, Walk, shared_out
from churn.ready_made.times import day_of

PERIODS = 8
FEWEST = 10
"""Rows of either outcome without which nothing is learned from the rows before a period."""
OVERLAP = 0.2
"""Share of an origin's rows up to which they are left out where their group is asked about; beyond,
groups are folded, so that each is asked about by the past of the others."""
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


class Forward(NamedTuple):
    """The walk, and the snapshot of each row in it: the first day of its stretch, shape (n,)."""

    walk: Walk
    snapshot: npt.NDArray[np.datetime64]


def forward(
    days: Floats, churned: Bools, groups: npt.NDArray[np.object_], *, gap: int
) -> Forward | None:
    """Plan the walk; None where there is too little time to judge in.

    Parameters
    ----------
    days
        Shape (n,): days or periods, whole numbers.
    groups
        Shape (n,): what must not be learned from on one side and asked about on the other.
    gap
        Days, or periods, that must lie between a row that teaches and a row that is asked about.
    """
    starts = _starts(days)
    known = starts - max(gap, 1) + 1  # what an origin learns from lies before this
    edges = np.unique(np.maximum([*starts, *known], days.min()))
    stretch = np.searchsorted(edges, days, side="right") - 1
    filled = np.unique(stretch)
    firsts = np.array([days[stretch == place].min() for place in filled])
    names = [day_of(first) for first in firsts]
    rows = np.array([np.count_nonzero(stretch == place) for place in filled])
    events = np.array([np.count_nonzero(churned & (stretch == place)) for place in filled])
    origins, churners = [], {}
    for start, end, before in zip(starts[1:], [*starts[2:], np.inf], known[1:], strict=True):
        fitted = edges[filled] < before
        asked = (firsts >= start) & (firsts < end)
        left = int(events[fitted].sum())
        if min(left, int(rows[fitted].sum()) - left) < FEWEST:
            continue
        snapshot, *also = (names[place] for place in np.flatnonzero(asked))
        taught = tuple(names[place] for place in np.flatnonzero(fitted))
        origins.append(Origin(snapshot=snapshot, fitted=taught, also=tuple(also)))
        churners[snapshot] = {"active": int(events[asked].sum())}
    if not origins:
        return None
    snapshots = np.array(names, dtype="datetime64[D]")[np.searchsorted(filled, stretch)]
    walk = shared_out(
        origins,
        churners,
        PanelSettings(),
        teach=names,
        closed=lambda origin: origin.fitted,
    )
    apart = walk.model_copy(update={"apart": _apart(walk, snapshots, groups)})
    return Forward(apart, snapshots)


def _starts(days: Floats) -> Floats:
    """Return the first day of each period."""
    distinct, counts = np.unique(days, return_counts=True)
    if len(distinct) <= PERIODS:
        return np.asarray(distinct)
    before = (np.cumsum(counts) - counts) / len(days)
    period = np.floor(before * PERIODS)
    return np.asarray(distinct[np.unique(period, return_index=True)[1]])


def _apart(
    walk: Walk, snapshots: npt.NDArray[np.datetime64], groups: npt.NDArray[np.object_]
) -> Apart:
    """Tell how groups are kept apart: rows left out, or groups folded where that were too many."""
    for origin in (*walk.calibration, *walk.test):
        fitted = np.isin(snapshots, np.array(origin.fitted, dtype="datetime64[D]"))
        asked = np.isin(snapshots, np.array(origin.asked, dtype="datetime64[D]"))
        both = np.isin(groups[fitted].astype(str), groups[asked].astype(str))
        if both.mean() > OVERLAP:
            return "folds"
    return "rows"
