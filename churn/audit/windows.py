"""LEAK201 and LEAK202: origins that learn, or are judged by, what their night could not know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from churn.audit.finding import Code, Finding
from churn.language import Text
from churn.panel.split import Walk
from churn.windows import TimeSettings

OVERLAP = Code(
    "LEAK201",
    Text(
        "a past night learns from an outcome window that had not closed by then",
        "历史快照的模型用到了当时尚未结束的结果窗口",
    ),
    Text(
        "fit every night on the snapshots whose windows had closed by it",
        "每个快照只用当时结果窗口已结束的快照训练",
    ),
)
SHARED = Code(
    "LEAK202",
    Text("one snapshot both calibrates and tests out of time", "同一快照既用于校准又用于跨期检验"),
    Text("give each snapshot to one part", "每个快照只归入一个部分"),
)


def find(walk: Walk, time: TimeSettings) -> list[Finding]:
    """Compare each origin's day with the windows of what it was fitted on.

    What calibrates must have been known by the first night that tests.
    """
    calibrating = [*walk.folded, *(origin.snapshot for origin in walk.calibration)]
    checked = [(origin.snapshot, origin.fitted) for origin in (*walk.calibration, *walk.test)]
    found = list(_overlaps(checked, "fit", time))
    if walk.test:
        first = walk.test[0].snapshot
        tested = {origin.snapshot for origin in walk.test}
        both = tested & set(calibrating)
        found += _overlaps([(first, sorted(set(calibrating) - both))], "calibration", time)
        if both:
            found.append(
                SHARED.named("calibration and test", ("snapshot",), {"snapshots": len(both)})
            )
    return found


def _overlaps(
    checked: Iterable[tuple[date, Iterable[date]]], named: str, time: TimeSettings
) -> Iterator[Finding]:
    for night, days in checked:
        overlap = max(((time.outcome_window(day).end - night).days for day in days), default=0)
        if overlap > 0:
            yield OVERLAP.named(f"{named} | {night}", ("snapshot",), {"days": overlap})
