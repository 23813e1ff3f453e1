"""A night's list against the lists handed over before it, by the operator's own ids."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from churn.progress import Movements, movements, past_lists
from churn.report.contacts import hashed_ids, with_own_ids
from churn.states import departures, spans
from churn.store.hashing import fingerprint, sha256_file
from churn.store.stages import Stage
from churn.targeting import TargetList
from pipelines.identities import own_ids
from pipelines.run import Run
from pipelines.score import SCORES
from pipelines.standing import Records
from pipelines.target import Targets

_MONTHS = 186
"""Days of earlier lists that are looked back upon: six months."""
_CHANCES = ["p_active", "p_passive"]


@dataclass(frozen=True)
class Before:
    """The latest list handed over before a night.

    Attributes
    ----------
    night, plan, scores
        The latest list and the chances it was made of.
    """

    night: date
    plan: TargetList
    scores: pd.DataFrame


def before_hash(run: Run, night: date) -> str | None:
    """Return one hash over what the night's list is held against; None where there is nothing.

    Lists come back as campaign contacts too, but not what had been decided of everyone else.
    """
    drawn = [sha256_file(path) for _, path in _handed_over(run, night)]
    stage = _list_before(run, night)
    return fingerprint([drawn, stage.content if stage else None]) if drawn or stage else None


def moved(records: Records, plan: TargetList) -> Movements | None:
    """Hold a night's list against the one before; None where none was handed over."""
    run, night = records.run, records.night
    before = _before(run, night)
    decided = records.decisions
    if before is None or decided is None:
        return None
    known, then = _departed(records), _departed_then(run, before.night)
    fresh = known.merge(then, on=["subscriber_id", "left_on"], how="left", indicator="known")
    fresh = fresh[(fresh["known"] == "left_only") & fresh["back_on"].isna()]
    told = movements(
        before.night,
        before.plan.decisions(),
        before.scores,
        plan.decisions(),
        decided[["subscriber_id", *_CHANCES]],
        fresh[["subscriber_id", "cause", "left_on"]].reset_index(drop=True),
    )
    own = own_ids(run, hashed_ids(told.listed, told.departed, told.changed))
    return replace(
        told,
        listed=with_own_ids(told.listed, own),
        departed=with_own_ids(told.departed, own),
        changed=with_own_ids(told.changed, own),
    )


def earlier_lists(records: Records) -> pd.DataFrame:
    """Return what became of the lists of the last six months so far, by month and arm."""
    run, night = records.run, records.night
    drawn = [_drawn(run, day, path) for day, path in _handed_over(run, night)]
    columns = ["subscriber_id", "night", "arm", "chance"]
    rows = pd.concat(drawn, ignore_index=True) if drawn else pd.DataFrame(columns=columns)
    away = _departed(records)
    return past_lists(rows, away, run.settings.time, night)


def _handed_over(run: Run, night: date) -> Iterator[tuple[date, Path]]:
    """Yield night and file of each list handed over in the last six months before a night."""
    for path in sorted(run.workspace.handed_over.glob("*/rev*.parquet")):
        day = date.fromisoformat(path.parent.name)
        if night - timedelta(days=_MONTHS) <= day < night:
            yield day, path


def _drawn(run: Run, day: date, path: Path) -> pd.DataFrame:
    rows = pq.read_table(path, columns=["subscriber_id", "arm"]).to_pandas().assign(night=day)
    stage = run.stages.stored("score", day)
    if stage is None:
        return rows.assign(chance=float("nan"))
    scores = pq.read_table(stage.folder / SCORES, columns=["subscriber_id", *_CHANCES]).to_pandas()
    scores["chance"] = scores[_CHANCES].sum(axis=1, min_count=1)
    return rows.merge(scores[["subscriber_id", "chance"]], on="subscriber_id", how="left")


def _list_before(run: Run, night: date) -> Stage | None:
    """Return the decisions of the latest night before that was handed over with a list."""
    for stage in run.stages.nights("target"):
        day = stage.folder.name
        if day < night.isoformat() and any((run.workspace.handed_over / day).glob("rev*.parquet")):
            return stage
    return None


def _before(run: Run, night: date) -> Before | None:
    stage = _list_before(run, night)
    if stage is None:
        return None
    day = date.fromisoformat(stage.folder.name)
    scored = run.stages.stored("score", day)
    if scored is None:
        return None
    columns = ["subscriber_id", *_CHANCES]
    scores = pq.read_table(scored.folder / SCORES, columns=columns).to_pandas()
    return Before(day, Targets(stage, day).plan(), scores)


def _departed(records: Records) -> pd.DataFrame:
    run = records.run
    rows = departures(records.history, run.settings.states)
    wanted = rows.select("subscriber_id", "cause", "left_on", "back_on")
    return run.engine.to_arrow(wanted, order_by=["subscriber_id", "left_on"]).to_pandas()


def _departed_then(run: Run, night: date) -> pd.DataFrame:
    known = run.tables.known_at(night)
    rows = departures(spans(known.status_events, run.settings.states), run.settings.states)
    wanted = rows.select("subscriber_id", "left_on")
    return run.engine.to_arrow(wanted, order_by=["subscriber_id", "left_on"]).to_pandas()
