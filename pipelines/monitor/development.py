"""Past snapshots looked at twice: as a day back then knew them, and as they are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from churn import labels, panel
from churn.causes import CAUSES, Cause
from churn.errors import ExtractError
from churn.frozen import Frozen
from churn.ingest.registry import Registry
from churn.monitoring import Development, Reference, reference
from churn.store.hashing import fingerprint
from churn.tables import Known
from churn.windows import add_months
from pipelines.run import REQUIRED, Run

NEAR = 20
"""Days around the one that corresponds in which a delivery that covers as much is looked for."""


@dataclass(frozen=True)
class Developed:
    """How late outcomes become known, by head.

    Attributes
    ----------
    snapshots
        Those that tell it.
    tallies
        What was counted, by a hash of all that it depends on.
    """

    heads: dict[Cause, Development]
    snapshots: tuple[date, ...]
    tallies: dict[str, Tally]


def developed(
    run: Run, now: Known, anchor: date, ages: Iterable[int], kept: Mapping[str, Tally]
) -> Developed:
    """Learn it from snapshots a month apart before ``anchor`` whose outcomes are final by now.

    Parameters
    ----------
    anchor
        The latest night that is watched: deliveries and bills fall as they do for it.
    ages
        Days from each watched night to the last day of outcomes that is known now.
    kept
        What earlier nights counted: nothing is counted twice while no outcomes come.
    """
    wanted = sorted(set(ages))
    snapshots = list(_final_snapshots(run, now, anchor))
    tallies: dict[str, Tally] = {}
    told: dict[Cause, list[list[Reference]]] = {cause: [] for cause in CAUSES}
    for snapshot in snapshots:
        days = dict.fromkeys(_corresponding(run, now, snapshot, age) for age in wanted)
        key = _key(run, now, snapshot, list(days))
        tallies[key] = kept.get(key) or _tallied(run, now, snapshot, list(days))
        for cause, references in tallies[key].references().items():
            told[cause].append(references)
    heads = {cause: Development.of(snapshots) for cause, snapshots in told.items()}
    return Developed(
        {cause: development for cause, development in heads.items() if development},
        tuple(snapshots),
        tallies,
    )


class Counts(Frozen):
    """A reference as it is kept."""

    final: tuple[int, ...]
    visible: tuple[int, ...]
    true: tuple[int, ...]
    seen: int


class Tally(Frozen):
    """What was counted of one snapshot, by head."""

    heads: dict[Cause, tuple[Counts, ...]]

    def references(self) -> dict[Cause, list[Reference]]:
        """Return the references of each head."""
        return {
            cause: [
                Reference(
                    final=np.array(one.final, dtype=np.int64),
                    visible=np.array(one.visible, dtype=np.int64),
                    true=np.array(one.true, dtype=np.int64),
                    seen=one.seen,
                )
                for one in counts
            ]
            for cause, counts in self.heads.items()
        }


def _key(run: Run, now: Known, snapshot: date, days: Sequence[date]) -> str:
    """Return one hash over all that a snapshot's counts depend on."""
    settings, definition = run.settings, run.settings.labels.chosen
    names = {*definition.reads, *REQUIRED}
    known = {
        str(day): [
            asdict(entry) for entry in Registry(run.workspace).known_by(day) if entry.table in names
        ]
        for day in (snapshot, *days, now.day)
    }
    return fingerprint(
        {
            "snapshot": snapshot,
            "known": list(known.values()),
            "observed": [labels.observed_through(now.at(day), definition) for day in days],
            "settings": run.used(settings.time, settings.states, settings.labels),
            "code": run.code_version,
        }
    )


def _tallied(run: Run, now: Known, snapshot: date, days: Sequence[date]) -> Tally:
    """Count a snapshot's events as they are, and as each of the days knew them."""
    time, definition = run.settings.time, run.settings.labels.chosen
    then = run.tables.known_at(snapshot)
    people = panel.eligible(then, time, run.settings.states).select("subscriber_id")
    ids = set(run.engine.to_arrow(people)["subscriber_id"].to_pylist())
    final = _events(run, snapshot, now, ids, final=True)
    lasting = dict(zip(final["subscriber_id"], final["outcome"], strict=True))
    looks = [(final, (time.mature_on(snapshot) - snapshot).days)]
    for day in days:
        observed = labels.observed_through(now.at(day), definition)
        if observed is not None:
            shown = _events(run, snapshot, now.at(day), ids, final=False)
            looks.append((shown, (observed - snapshot).days))
    told: dict[Cause, tuple[Counts, ...]] = {}
    for cause in CAUSES:
        ends = final.loc[final["outcome"] == cause, "day"].to_numpy(np.int64)
        counts = []
        for shown, age in looks:
            own = shown[shown["outcome"] == cause]
            one = reference(
                ends,
                own["day"].to_numpy(np.int64),
                own["subscriber_id"].map(lasting).eq(cause).to_numpy(np.bool_),
                days=time.outcome,
                seen=age - time.lead,
            )
            counts.append(
                Counts(
                    final=tuple(one.final.tolist()),
                    visible=tuple(one.visible.tolist()),
                    true=tuple(one.true.tolist()),
                    seen=one.seen,
                )
            )
        told[cause] = tuple(counts)
    return Tally(heads=told)


def _final_snapshots(run: Run, now: Known, anchor: date) -> Iterator[date]:
    """Yield the latest usable snapshots, as many as the settings ask for."""
    definition, time = run.settings.labels.chosen, run.settings.time
    months, left = 0, run.settings.monitoring.references
    while left and months < 2 * run.settings.monitoring.references + 6:
        months += 1
        snapshot = add_months(anchor, -months)
        then = now.at(snapshot)
        if not labels.is_mature(now, snapshot, time, definition):
            continue
        if not all(then.has(name) for name in REQUIRED):
            return
        if labels.unknown_columns(then, definition):
            continue
        left -= 1
        yield snapshot


def _corresponding(run: Run, now: Known, snapshot: date, age: int) -> date:
    """Return the day on which as much was known of a snapshot as is known of a night now.

    Deliveries do not come on the same day of each month: of the days on which one came, that with
    the nearest last day of outcomes is taken.
    """
    definition = run.settings.labels.chosen
    due = snapshot + timedelta(days=age + 1)
    came = {
        each.delivered_on
        for each in run.tables.deliveries
        if each.table in definition.reads and abs((each.delivered_on - due).days) <= NEAR
    }
    days = sorted(day for day in {due, *came} if snapshot < day <= now.day)

    def distance(day: date) -> tuple[int, int, date]:
        observed = labels.observed_through(now.at(day), definition)
        apart = abs((observed - snapshot).days - age) if observed else 10**6
        return apart, abs((day - due).days), day

    return min(days, key=distance) if days else now.day


def _events(
    run: Run, snapshot: date, known: Known, ids: Collection[str], *, final: bool
) -> pd.DataFrame:
    """Return the events of some subscribers: subscriber_id, outcome, day of the window."""
    outcomes = outcomes_of(run, snapshot, known, final=final)
    events = outcomes.filter(outcomes.outcome.isin(CAUSES))
    wanted = events.select("subscriber_id", "outcome", "event_on")
    rows = run.engine.to_arrow(wanted).to_pandas()
    rows = rows[rows["subscriber_id"].isin(ids)]
    opens = pd.Timestamp(run.settings.time.outcome_window(snapshot).start)
    return rows.assign(day=(pd.to_datetime(rows["event_on"]) - opens).dt.days)


def outcomes_of(run: Run, snapshot: date, known: Known, *, final: bool) -> ir.Table:
    """Return the outcomes of a snapshot as a day knew them: those that are final, or so far."""
    settings = run.settings
    outcomes = labels.outcomes if final else labels.so_far
    return outcomes(known, snapshot, settings.time, settings.states, settings.labels.chosen)


def require_outcomes(run: Run, now: Known) -> date:
    """Return the last day of outcomes that is known now.

    Raises
    ------
    ExtractError
        If a table that outcomes are read from was never delivered.
    """
    definition = run.settings.labels.chosen
    observed = labels.observed_through(now, definition)
    if observed is None:
        absent = sorted(name for name in definition.reads if not now.has(name))
        raise ExtractError(
            f"outcomes need {', '.join(absent)}, of which nothing is known on {now.day}",
            where=f"labels, definition {definition.name}",
            do="deliver the table, choose a later --as-of, or another definition",
        )
    return observed
