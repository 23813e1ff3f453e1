"""The panel of a training: eligible subscribers times snapshots, with outcomes and features."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from churn import features, panel, states
from churn.features import Family
from churn.panel import Calendar, PanelManifest, PanelSettings
from churn.store.atomic import write_bytes
from churn.store.stages import Stage
from churn.tables import TABLES
from pipelines.freshness import require_fresh, watched
from pipelines.run import Run

MANIFEST = "manifest.json"
FEATURES = "features.parquet"


@dataclass(frozen=True)
class Panel:
    """A stored panel."""

    stage: Stage
    as_of: date
    settings: PanelSettings

    def frame(self) -> pd.DataFrame:
        """Return one row per eligible subscriber and snapshot: meta columns, then features."""
        files = sorted(self.stage.folder.glob("*.parquet"))
        return pd.concat([pq.read_table(file).to_pandas() for file in files], ignore_index=True)

    def training_frame(self) -> pd.DataFrame:
        """Return the rows with what they weigh in fitting, where that differs from their weight.

        ``training_weight``: 0 for customers that are kept out of every fit. ``plain_weight``, where
        campaigns touched any row: what each would weigh if none had.
        """
        rows = self.frame()
        kept_out = np.zeros(len(rows), dtype=np.bool_)
        if self.settings.unseen_share:
            kept_out = panel.never_trained(rows["customer_id"], self.settings.unseen_share)
            rows = rows.assign(training_weight=rows["weight"].where(~kept_out, 0.0))
        if not (rows["weight"] == 0).any():
            return rows
        sampled = (rows["part"] == "train") & (rows["outcome"] == "none")
        plain = np.where(sampled, 1 / self.settings.keep_negatives, 1.0)
        return rows.assign(plain_weight=np.where(kept_out, 0.0, plain))

    def manifest(self) -> PanelManifest:
        """Return what it holds, in counts that reconcile."""
        return PanelManifest.model_validate_json((self.stage.folder / MANIFEST).read_bytes())


def build(run: Run, as_of: date | None = None, *, shared: bool = False) -> Panel:
    """Build the panel of all mature snapshots before the night.

    Parameters
    ----------
    shared
        Whether to keep each snapshot's features in a stage of its own, for the panels of other
        nights; the panel is the same.

    Raises
    ------
    ExtractError
        If there is no data, or not enough history for a single snapshot.
    """
    night = run.night(as_of)
    known = run.tables.known_at(night)
    require_fresh(known, watched(known, run.settings.panel), run.settings.max_age)
    settings = run.settings
    inputs = {
        "tables": run.known_hash(night),
        "settings": run.used(settings.time, settings.states, settings.labels, settings.panel),
        "features": run.feature_version,
        "max_age": settings.max_age,
    }
    stage = run.stages.run(
        "panel", night.isoformat(), inputs, lambda to: _make(run, night, to, shared=shared)
    )
    return Panel(stage, night, settings.panel)


def calendar_of(run: Run, night: date) -> Calendar:
    """Choose the snapshots of the night's panel.

    Raises
    ------
    ExtractError
        If there is not enough history for a single snapshot.
    """
    known = run.tables.known_at(night)
    first = run.engine.to_arrow(panel.first_days(known, run.settings.panel)).to_pylist()
    return panel.calendar(
        run.tables,
        night,
        first,
        settings=run.settings.panel,
        time=run.settings.time,
        definition=run.settings.labels.chosen,
        max_age=run.settings.max_age,
    )


def _kept_features(run: Run, snapshot: date, families: Sequence[Family]) -> ir.Table:
    """Return the features of a snapshot's eligible from their own stage."""
    settings, then = run.settings, run.tables.known_at(snapshot)
    inputs = {
        "tables": run.known_hash(snapshot),
        "settings": run.used(settings.time, settings.states),
        "features": run.feature_version,
        "families": [family.name for family in families],
    }

    def make(to: Path) -> str:
        ids = panel.eligible(then, settings.time, settings.states)
        table = features.build(then, ids, states=settings.states, families=families)
        rows = run.engine.to_parquet(table, to / FEATURES, order_by=["subscriber_id"])
        return f"features of {rows:,} subscribers"

    stage = run.stages.run("snapshot", snapshot.isoformat(), inputs, make)
    path = stage.folder / FEATURES
    return run.engine.read_parquet([path], ibis.Schema.from_pyarrow(pq.read_schema(path)))


def _make(run: Run, night: date, to: Path, *, shared: bool) -> str:
    engine, tables = run.engine, run.tables
    now = tables.known_at(night)
    calendar = calendar_of(run, night)
    families = features.delivered(now, run.families)
    assumed = {name for name in TABLES if now.assumed(name)}
    left_out, ages, thinned, paths = {}, {}, [], []
    for slot in calendar.slots:
        then = tables.known_at(slot.snapshot)
        assumed |= {name for name in TABLES if then.assumed(name)}
        ages[slot.snapshot] = {name: age for name in TABLES if (age := then.age(name)) is not None}
        people = panel.population(then, run.settings.time, run.settings.states)
        counted = engine.to_arrow(panel.left_out(people)).to_pylist()
        left_out[slot.snapshot] = {row["reason"]: row["rows"] for row in counted}
        if run.settings.panel.keep_negatives < 1:
            thinned += engine.to_arrow(_of(run, panel.thinned_out)(then, now, slot)).to_pylist()
        built = _kept_features(run, slot.snapshot, families) if shared else None
        rows = _of(run, panel.panel_rows)(then, now, slot, families=families, built=built)
        paths.append(to / f"{slot.snapshot.isoformat()}.parquet")
        engine.to_parquet(rows, paths[-1], order_by=["subscriber_id"])
    stored = engine.read_parquet(paths, ibis.Schema.from_pyarrow(pq.read_schema(paths[0])))
    tallied = engine.to_arrow(panel.tally(stored)).to_pylist()
    torn = engine.to_arrow(
        panel.torn_lines(stored, now, calendar.order, run.settings.states)
    ).to_pylist()
    repaired = engine.to_arrow(states.repairs(now, run.settings.states)).to_pylist()
    manifest = panel.manifest(
        calendar,
        left_out,
        tallied,
        thinned=thinned,
        ages=ages,
        availability_assumed=sorted(assumed),
        repairs={row["rule"]: row["rows"] for row in repaired},
        torn_lines=torn[0]["lines"],
    )
    write_bytes(to / MANIFEST, manifest.model_dump_json(indent=2).encode())
    total = sum(row["rows"] for row in tallied)
    first_day, last_day = calendar.slots[0].snapshot, calendar.slots[-1].snapshot
    return f"{total:,} rows, {len(paths)} snapshots {first_day} … {last_day}"


def _of(run: Run, rows: Callable[..., ir.Table]) -> Callable[..., ir.Table]:
    """Give the rows of a snapshot what the settings say of them."""
    return partial(
        rows,
        settings=run.settings.panel,
        time=run.settings.time,
        states=run.settings.states,
        definition=run.settings.labels.chosen,
    )
