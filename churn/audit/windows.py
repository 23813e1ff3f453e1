"""LEAK201 and LEAK202: parts of a split by time that are not apart in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import pandas as pd

from churn.audit.finding import Code, Finding
from churn.language import Text
from churn.panel.split import Order
from churn.windows import TimeSettings

OVERLAP = Code(
    "LEAK201",
    Text(
        "a part begins before the last outcome window of the one before it has closed",
        "前一部分的结果窗口尚未结束，后一部分已开始",
    ),
    Text("leave the snapshots between the parts out", "剔除两部分之间的快照"),
)
SHARED = Code(
    "LEAK202",
    Text("one snapshot lies in two parts of a split by time", "同一快照出现在按时间划分的两部分"),
    Text("give each snapshot to one part", "每个快照只归入一个部分"),
)
#: Which parts follow each other in time, by order of the split.
_FOLLOW: dict[Order, tuple[tuple[tuple[str, ...], str], ...]] = {
    "time": ((("train",), "calibration"), (("train", "calibration"), "test")),
    "test": ((("train", "calibration"), "test"),),
    "customer": (),
}


def find(panel: pd.DataFrame, order: Order, time: TimeSettings) -> list[Finding]:
    """Compare the last window of each part with the first snapshot of the next.

    Parameters
    ----------
    panel
        ``snapshot`` and ``part``.
    order
        What the split claims to be; one by customer claims nothing.
    """
    days = panel[["snapshot", "part"]].drop_duplicates()
    by_part: Mapping[str, Sequence[date]] = {
        part: sorted(pd.Timestamp(day).date() for day in of["snapshot"])
        for part, of in days.groupby("part")
    }
    found = []
    for before, after in _FOLLOW[order]:
        earlier = {day for part in before for day in by_part.get(part, ())}
        later = by_part.get(after, ())
        if not earlier or not later:
            continue
        named = f"{' and '.join(before)} | {after}"
        both = earlier & set(later)
        if both:
            found.append(SHARED.named(named, (*before, after), {"snapshots": len(both)}))
            continue
        overlap = (max(time.outcome_window(day).end for day in earlier) - later[0]).days
        if overlap > 0:
            found.append(OVERLAP.named(named, (*before, after), {"days": overlap}))
    return found
