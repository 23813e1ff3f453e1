"""The scored nights that are watched, and what is known of them by now."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from churn import labels, panel
from churn.causes import CAUSES, NO_CHURN_NO_STAY
from churn.monitoring import Night
from churn.store.stages import Stage
from churn.tables import Known
from pipelines.monitor.development import outcomes_of
from pipelines.run import Run
from pipelines.score import SCORES, scored_by

APART = 28
"""Days between watched nights, at least: windows lie side by side, and are not counted twice."""
LATER = "scored by a model trained later"
UNKNOWN = "scored before the model was noted"
BESIDE = "less than four weeks after a watched one"


@dataclass(frozen=True)
class Scored:
    """A night as it was scored."""

    night: date
    stage: Stage
    trained_as_of: str


def watched_nights(run: Run, now: Known, observed: date) -> tuple[list[Scored], dict[str, int]]:
    """Choose the nights that are watched, in the order of time; count the others by reason.

    From the first on, each that lies four weeks or more after the one before: the choice does not
    change when more nights come.
    """
    memory = run.settings.monitoring.memory
    nights: list[Scored] = []
    passed: Counter[str] = Counter()
    last = date.min
    for stage in reversed(run.stages.nights("score")):
        night = date.fromisoformat(stage.folder.name)
        if night > now.day:
            continue
        model = scored_by(stage)
        if model is None:
            passed[UNKNOWN] += 1
        elif (model["trained_as_of"] or "9999") > night.isoformat():
            passed[LATER] += 1
        elif (night - last).days < APART:
            passed[BESIDE] += 1
        else:
            last = night
            nights.append(Scored(night, stage, model["trained_as_of"]))
    oldest = observed - timedelta(days=memory)
    time = run.settings.time
    return [each for each in nights if time.outcome_window(each.night).end > oldest], dict(passed)


@dataclass(frozen=True)
class Watching:
    """One night's rows beside what is known of them.

    Attributes
    ----------
    rows
        ``subscriber_id customer_id p_<head> outcome day weight`` and the segments' columns; ``day``
        is that of the outcome window, below 0 without an event. Who is neither churn nor a stay by
        what is known now is not among them.
    """

    scored: Scored
    rows: pd.DataFrame
    window: Night
    final: bool


def look_at(run: Run, scored: Scored, now: Known, observed: date) -> Watching:
    """Put the outcomes known by now beside what a night had said."""
    settings, night = run.settings, scored.night
    definition, time = settings.labels.chosen, settings.time
    final = labels.is_mature(now, night, time, definition)
    outcomes = outcomes_of(run, night, now, final=final)
    arms = panel.arm_weights(
        now, night, time, outcomes, control_group=settings.panel.control_group
    ).select("subscriber_id", "weight")
    rows = outcomes.select("subscriber_id", "outcome", "event_on").left_join(
        arms, "subscriber_id", rname="{name}_of_arms"
    )
    rows = rows.select("subscriber_id", "outcome", "event_on", "weight")
    known = run.engine.to_arrow(rows, order_by=["subscriber_id"]).to_pandas()
    said = pq.read_table(scored.stage.folder / SCORES).to_pandas()
    said = said[["subscriber_id", *(f"p_{cause}" for cause in CAUSES if f"p_{cause}" in said)]]
    both = said.merge(known, on="subscriber_id", how="left", validate="one_to_one")
    both["outcome"] = both["outcome"].fillna("off_record")
    both["weight"] = both["weight"].astype("float64").fillna(1.0)
    opens = time.outcome_window(night).start
    day = (pd.to_datetime(both["event_on"]) - pd.Timestamp(opens)).dt.days
    both["day"] = day.where(both["outcome"].isin(CAUSES), -1).fillna(-1).astype(np.int64)
    both = both[~both["outcome"].isin(NO_CHURN_NO_STAY)].drop(columns="event_on")
    both = both.merge(_people(run, night), on="subscriber_id", how="left", validate="one_to_one")
    return Watching(scored, both, Night(opens, (observed - opens).days), final)


def _people(run: Run, night: date) -> pd.DataFrame:
    """Return who held each line, its segments and groups, as the night knew them."""
    then = run.tables.known_at(night)
    people = panel.population(then, run.settings.time, run.settings.states)
    holders = people.select("subscriber_id", "customer_id")
    monitoring = run.settings.monitoring
    columns = list(dict.fromkeys([*monitoring.segments, *monitoring.fairness]))
    books = then.subscribers.select("subscriber_id", *columns)
    rows = holders.left_join(books, "subscriber_id", rname="{name}_of_books")
    wanted = rows.select("subscriber_id", "customer_id", *columns)
    return run.engine.to_arrow(wanted, order_by=["subscriber_id"]).to_pandas()
