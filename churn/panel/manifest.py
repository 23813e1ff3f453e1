"""What the panel holds, in counts that reconcile: every subscriber is in it or left out by name."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING, Any

from ibis import _
from pydantic import BaseModel, ConfigDict

from churn.panel.split import Order

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import ibis.expr.types as ir

    from churn.panel.calendar import Calendar

KEYS = ("snapshot", "part", "outcome")
FLAGS = ("cured", "cured_late", "returned_late", "vanished", "share_observed")
SUMMED = ("rows", "treated", *FLAGS)
CAUSES = ("active", "passive")


def tally(rows: ir.Table) -> ir.Table:
    """Count panel rows by snapshot, part and outcome.

    Returns
    -------
    Table
        The three keys; ``rows``; ``weight``, their sum as a fixed decimal, which adds up the same
        in any order; ``treated`` (rows of weight 0); and the rows for which each of ``cured
        cured_late returned_late vanished share_observed`` is true.
    """
    return rows.group_by(*KEYS).aggregate(
        rows=_.count().cast("int64"),
        weight=_.weight.cast("decimal(18, 6)").sum().cast("decimal(38, 6)"),
        treated=_.count(where=_.weight == 0).cast("int64"),
        **{name: rows.count(where=rows[name]).cast("int64") for name in FLAGS},
    )


class PartCounts(BaseModel):
    """One part of one snapshot.

    ``weight`` and ``base_rates`` leave the administrative rows out, ``outcomes`` counts them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: int
    outcomes: dict[str, int]
    weight: float
    base_rates: dict[str, float]
    treated: int
    cured: int
    cured_late: int
    returned_late: int
    vanished: int
    share_observed: int


class SnapshotCounts(BaseModel):
    """One snapshot: who was known, who was left out and why, what became of the rest."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    snapshot: date
    eligible: int
    left_out: dict[str, int]
    parts: dict[str, PartCounts]


class PanelManifest(BaseModel):
    """The whole panel."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    as_of: date
    order: Order
    out_of_time: bool
    snapshots: tuple[SnapshotCounts, ...]
    dropped: dict[date, str]
    availability_assumed: tuple[str, ...] = ()


def manifest(
    calendar: Calendar,
    population: Mapping[date, Mapping[str, int]],
    tallied: Iterable[Mapping[str, Any]],
    *,
    availability_assumed: Sequence[str] = (),
) -> PanelManifest:
    """Put the counts of a panel together.

    Parameters
    ----------
    population
        Snapshot -> reason -> rows, as :func:`churn.panel.left_out` counts them (``eligible``
        among the reasons).
    tallied
        Rows of :func:`tally` over all snapshots.
    availability_assumed
        Tables whose past availability was assumed, not recorded.
    """
    by_part: dict[date, dict[str, list[Mapping[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for told in tallied:
        by_part[told["snapshot"]][told["part"]].append(told)
    snapshots = []
    for slot in calendar.slots:
        reasons = dict(sorted(population[slot.snapshot].items()))
        eligible = reasons.pop("eligible", 0)
        parts = {part: _part(rows) for part, rows in sorted(by_part[slot.snapshot].items())}
        snapshots.append(
            SnapshotCounts(snapshot=slot.snapshot, eligible=eligible, left_out=reasons, parts=parts)
        )
    return PanelManifest(
        as_of=calendar.as_of,
        order=calendar.order,
        out_of_time=calendar.out_of_time,
        snapshots=tuple(sorted(snapshots, key=lambda one: one.snapshot)),
        dropped={one.snapshot: one.why for one in calendar.dropped},
        availability_assumed=tuple(sorted(availability_assumed)),
    )


def _part(rows: Sequence[Mapping[str, Any]]) -> PartCounts:
    weights = {told["outcome"]: told["weight"] for told in rows}
    at_risk = sum(weight for outcome, weight in weights.items() if outcome != "administrative")
    rates = {cause: float(weights.get(cause, 0) / at_risk) for cause in CAUSES} if at_risk else {}
    return PartCounts(
        outcomes={told["outcome"]: told["rows"] for told in rows},
        weight=float(at_risk),
        base_rates=rates,
        **{name: sum(told[name] for told in rows) for name in SUMMED},
    )
