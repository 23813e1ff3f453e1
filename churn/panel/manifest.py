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
from churn.panel.calendar import UNREACHED, Calendar
from churn.panel.population import ELIGIBLE, REASONS, REMEDIES
from churn.panel.split import Order, Part, Walk

KEYS = ("snapshot", "outcome")
FLAGS = ("cured", "cured_late", "returned_late", "vanished", "share_observed")
SUMMED = ("rows", "treated", *FLAGS)
#: Share of those who had not gone from which it is told why they are left out.
MANY = 0.2


def tally(rows: ir.Table) -> ir.Table:
    """Count panel rows by snapshot and outcome.

    Returns
    -------
    Table
        The two keys; ``rows``; ``weight``, their sum as a fixed decimal, which adds up the same
        in any order; ``treated`` (rows of weight 0); and the rows for which each of ``cured
        cured_late returned_late vanished share_observed`` is true.
    """
    return rows.group_by(*KEYS).aggregate(
        rows=_.count().cast("int64"),
        weight=_.weight.cast("decimal(18, 6)").sum().cast("decimal(38, 6)"),
        treated=_.count(where=_.weight == 0).cast("int64"),
        **{name: rows.count(where=rows[name]).cast("int64") for name in FLAGS},
    )


def churners(tallied: Iterable[Mapping[str, Any]]) -> dict[date, dict[str, int]]:
    """Return snapshot -> head -> churners that weigh, given the rows of :func:`tally`."""
    counts: dict[date, dict[str, int]] = defaultdict(dict)
    for row in tallied:
        if row["outcome"] in CAUSES:
            counts[row["snapshot"]][row["outcome"]] = row["rows"] - row["treated"]
    return counts


class PartCounts(Frozen):
    """What a snapshot holds.

    ``outcomes`` counts every row, ``weight`` and the rates leave administrative, won-back,
    re-entered and off-record ones out. ``base_rates`` are weighted: the risk of those whom no
    campaign touched. ``observed_rates`` are what was seen: plain counts, those that sampling left
    out (``thinned``) among the stayers. ``vanished`` are those without an end of service who are no
    longer on the books.
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

    Known = ``eligible`` + ``left_out``; ``eligible`` = ``rows`` + ``thinned`` under the one part
    that the snapshot has in the walk. ``ages`` are the whole days between the last day observed of
    a table and the snapshot: what training must have in common with nights.
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

    @property
    def remedy(self) -> str | None:
        """What to deliver, where one reason kept many out; None where none did."""
        if self.missing is None:
            return None
        reason, share = self.missing
        return (
            f"of the subscribers who had not gone by {self.snapshot}, {share:.0%} are left"
            f" out: {REASONS[reason].en}; {REMEDIES[reason]}"
        )


class Serving(Frozen):
    """What each snapshot serves for, and which serve for nothing and why: kept with the models.

    Attributes
    ----------
    teach
        What the models that score learned from.
    folded
        Those that folds of customers were asked about.
    re_entered
        Where re-entries are no churn: the departures of all snapshots that were read as one, and
        all departures.
    """

    teach: tuple[date, ...]
    calibration: tuple[date, ...]
    test: tuple[date, ...]
    folded: tuple[date, ...]
    left_out: dict[date, str]
    re_entered: tuple[int, int] | None = Field(None, exclude_if=lambda value: value is None)


class PanelManifest(Frozen):
    """The whole panel.

    ``torn_lines`` are in several folds of customers: they changed hands, and are drawn with each
    holder. ``dropped`` are the snapshots that were looked at and serve for nothing, with why.
    ``re_entry`` tells whether departures of who began anew were read as no churn.
    """

    as_of: date
    walk: Walk
    snapshots: tuple[SnapshotCounts, ...]
    dropped: dict[date, str]
    availability_assumed: tuple[str, ...] = ()
    repairs: dict[str, int] = Field(default_factory=dict)
    torn_lines: int = 0
    re_entry: bool = Field(default=False, exclude_if=lambda value: not value)

    @property
    def order(self) -> Order:
        """What keeps apart what was learned from what is judged."""
        return self.walk.order

    @property
    def out_of_time(self) -> bool:
        """Whether all that is told comes from later nights; if not, every report says so."""
        return self.walk.out_of_time

    @property
    def parts(self) -> dict[date, Part]:
        """What each snapshot serves for beside teaching."""
        return self.walk.parts

    @property
    def serving(self) -> Serving:
        """What each snapshot serves for."""
        return Serving(
            teach=self.walk.teach,
            calibration=tuple(origin.snapshot for origin in self.walk.calibration),
            test=tuple(origin.snapshot for origin in self.walk.test),
            folded=self.walk.folded,
            left_out=self.dropped,
            re_entered=self._re_entered() if self.re_entry else None,
        )

    def _re_entered(self) -> tuple[int, int]:
        """Count the departures that were re-entries, and all."""
        outcomes: Counter[str] = Counter()
        for counts in self.snapshots:
            for part in counts.parts.values():
                outcomes.update(part.outcomes)
        found = outcomes["re_entered"]
        return found, found + sum(outcomes[name] for name in (*CAUSES, "gone"))

    @property
    def rows(self) -> int:
        """Number of rows."""
        return sum(part.rows for counts in self.snapshots for part in counts.parts.values())


def manifest(
    calendar: Calendar,
    walk: Walk,
    population: Mapping[date, Mapping[str, int]],
    tallied: Iterable[Mapping[str, Any]],
    *,
    thinned: Iterable[Mapping[str, Any]] = (),
    ages: Mapping[date, Mapping[str, int]] | None = None,
    availability_assumed: Sequence[str] = (),
    repairs: Mapping[str, int] | None = None,
    torn_lines: int = 0,
    re_entry: bool = False,
) -> PanelManifest:
    """Put the counts of a panel together.

    Parameters
    ----------
    walk
        What the snapshots serve for.
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
    re_entry
        Whether departures of who began anew are no churn.

    Raises
    ------
    ValueError
        If somebody eligible is neither in the panel nor left out by sampling: a defect of ours.
    """
    by_day: dict[date, list[Mapping[str, Any]]] = defaultdict(list)
    for row in tallied:
        by_day[row["snapshot"]].append(row)
    sampled = {row["snapshot"]: row["rows"] for row in thinned}
    dropped = {drop.snapshot: str(drop.why) for drop in calendar.dropped}
    snapshots = []
    for day in calendar.snapshots:
        reasons = dict(sorted(population[day].items()))
        eligible = reasons.pop(ELIGIBLE, 0)
        part = _part(by_day[day], sampled.get(day, 0))
        if part.rows + part.thinned != eligible:
            raise ValueError(
                f"snapshot {day}: {eligible} are eligible, {part.rows + part.thinned} are in the "
                "panel or sampled"
            )
        if day not in walk.parts:
            dropped[day] = UNREACHED
            continue
        snapshots.append(
            SnapshotCounts(
                snapshot=day,
                eligible=eligible,
                left_out=reasons,
                base_rates=part.base_rates,
                observed_rates=part.observed_rates,
                ages=dict((ages or {}).get(day, {})),
                parts={walk.parts[day]: part},
            )
        )
    return PanelManifest(
        as_of=calendar.as_of,
        walk=walk,
        snapshots=tuple(snapshots),
        dropped=dict(sorted(dropped.items())),
        availability_assumed=tuple(sorted(availability_assumed)),
        repairs=dict(sorted((repairs or {}).items())),
        torn_lines=torn_lines,
        re_entry=re_entry,
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
