"""What the panel holds, in counts that reconcile: every subscriber is in it or left out by name."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import ibis.expr.types as ir
from ibis import _
from pydantic import Field

from churn.causes import CAUSES, NO_CHURN_NO_STAY
from churn.frozen import Frozen
from churn.panel.calendar import Calendar
from churn.panel.population import REMEDIES
from churn.panel.split import Order

KEYS = ("snapshot", "part", "outcome")
FLAGS = ("cured", "cured_late", "returned_late", "vanished", "share_observed")
SUMMED = ("rows", "treated", *FLAGS)
#: Share of those who had not gone from which it is told why they are left out.
MANY = 0.2


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


class PartCounts(Frozen):
    """One part of one snapshot.

    ``outcomes`` counts every row, ``weight`` and the rates leave administrative, won-back and
    off-record ones out. ``base_rates`` are weighted: the risk of those whom no campaign touched.
    ``observed_rates`` are what was seen: plain counts, those that sampling left out (``thinned``)
    among the stayers. ``vanished`` are those without an end of service who are no longer on the
    books.
    """

    rows: int
    thinned: int
    outcomes: dict[str, int]
    weight: float
    base_rates: dict[str, float]
    observed_rates: dict[str, float]
    treated: int
    cured: int
    cured_late: int
    returned_late: int
    vanished: int
    share_observed: int


class SnapshotCounts(Frozen):
    """One snapshot: who was known, who was left out and why, what became of the rest.

    Known = ``eligible`` + ``left_out``; ``eligible`` = the parts' ``rows`` + ``thinned``. The rates
    are those of its parts together. ``ages`` are the whole days between the last day observed of a
    table and the snapshot: what training must have in common with nights.
    """

    snapshot: date
    eligible: int
    left_out: dict[str, int]
    base_rates: dict[str, float]
    observed_rates: dict[str, float]
    ages: dict[str, int]
    parts: dict[str, PartCounts]

    @property
    def missing(self) -> tuple[str, float] | None:
        """What kept most of those who had not gone out, and its share of them; None if little.

        Those who have left are no loss: of the others, each reason has a remedy.
        """
        gone = sum(self.left_out.get(reason, 0) for reason in ("gone", "off_the_books"))
        present = self.eligible + sum(self.left_out.values()) - gone
        shares = {r: self.left_out.get(r, 0) / present for r in REMEDIES} if present else {}
        reason = max(shares, key=lambda name: shares[name], default=None)
        return (reason, shares[reason]) if reason and shares[reason] >= MANY else None


class PanelManifest(Frozen):
    """The whole panel.

    ``torn_lines`` are in several parts that time does not separate: they changed hands, and a split
    by customer draws them with each holder.
    """

    as_of: date
    order: Order
    out_of_time: bool
    snapshots: tuple[SnapshotCounts, ...]
    dropped: dict[date, str]
    availability_assumed: tuple[str, ...] = ()
    repairs: dict[str, int] = Field(default_factory=dict)
    torn_lines: int = 0

    @property
    def rows(self) -> int:
        """Number of rows."""
        return sum(part.rows for counts in self.snapshots for part in counts.parts.values())


def manifest(
    calendar: Calendar,
    population: Mapping[date, Mapping[str, int]],
    tallied: Iterable[Mapping[str, Any]],
    *,
    thinned: Iterable[Mapping[str, Any]] = (),
    ages: Mapping[date, Mapping[str, int]] | None = None,
    availability_assumed: Sequence[str] = (),
    repairs: Mapping[str, int] | None = None,
    torn_lines: int = 0,
) -> PanelManifest:
    """Put the counts of a panel together.

    Parameters
    ----------
    population
        Snapshot -> reason -> rows, as :func:`churn.panel.left_out` counts them (``eligible``
        among the reasons).
    tallied
        Rows of :func:`tally` over all snapshots.
    thinned
        Rows of :func:`churn.panel.thinned_out` over all snapshots.
    ages
        Snapshot -> table -> days, as :meth:`churn.tables.Known.age` gives them.
    availability_assumed
        Tables whose past availability was assumed, not recorded.
    repairs
        What :func:`churn.states.repairs` counted in the status events known at training.
    torn_lines
        What :func:`churn.panel.torn_lines` counted.

    Raises
    ------
    ValueError
        If somebody eligible is neither in the panel nor left out by sampling: a defect of ours.
    """
    by_part: dict[date, dict[str, list[Mapping[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for row in tallied:
        by_part[row["snapshot"]][row["part"]].append(row)
    dropped: dict[date, dict[str, int]] = defaultdict(dict)
    for row in thinned:
        dropped[row["snapshot"]][row["part"]] = row["rows"]
    snapshots = []
    for slot in calendar.slots:
        day = slot.snapshot
        reasons = dict(sorted(population[day].items()))
        eligible = reasons.pop("eligible", 0)
        parts = {
            part: _part(by_part[day].get(part, ()), dropped[day].get(part, 0))
            for part in sorted({*by_part[day], *dropped[day]})
        }
        counted = sum(part.rows + part.thinned for part in parts.values())
        if counted != eligible:
            raise ValueError(
                f"snapshot {day}: {eligible} are eligible, {counted} are in the panel or sampled"
            )
        every = [row for rows in by_part[day].values() for row in rows]
        snapshots.append(
            SnapshotCounts(
                snapshot=day,
                eligible=eligible,
                left_out=reasons,
                base_rates=_rates(every, "weight"),
                observed_rates=_rates(every, "rows", sum(dropped[day].values())),
                ages=dict((ages or {}).get(day, {})),
                parts=parts,
            )
        )
    return PanelManifest(
        as_of=calendar.as_of,
        order=calendar.order,
        out_of_time=calendar.out_of_time,
        snapshots=tuple(sorted(snapshots, key=lambda counts: counts.snapshot)),
        dropped={drop.snapshot: drop.why for drop in calendar.dropped},
        availability_assumed=tuple(sorted(availability_assumed)),
        repairs=dict(sorted((repairs or {}).items())),
        torn_lines=torn_lines,
    )


def _part(rows: Sequence[Mapping[str, Any]], thinned: int) -> PartCounts:
    outcomes: Counter[str] = Counter()
    for row in rows:
        outcomes[row["outcome"]] += row["rows"]
    return PartCounts(
        thinned=thinned,
        outcomes=dict(sorted(outcomes.items())),
        weight=float(_at_risk(rows, "weight")),
        base_rates=_rates(rows, "weight"),
        observed_rates=_rates(rows, "rows", thinned),
        **{name: sum(row[name] for row in rows) for name in SUMMED},
    )


def _at_risk(rows: Iterable[Mapping[str, Any]], measure: str) -> Any:
    return sum(row[measure] for row in rows if row["outcome"] not in NO_CHURN_NO_STAY)


def _rates(rows: Sequence[Mapping[str, Any]], measure: str, stayers: int = 0) -> dict[str, float]:
    """Return the share of each cause among those at risk, in rows or in weight."""
    at_risk = _at_risk(rows, measure) + stayers
    events = {
        cause: sum(row[measure] for row in rows if row["outcome"] == cause) for cause in CAUSES
    }
    return {cause: float(count / at_risk) for cause, count in events.items()} if at_risk else {}
