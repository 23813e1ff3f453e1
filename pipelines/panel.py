"""The panel of a training: eligible subscribers times snapshots, with outcomes and features."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow.parquet as pq

from churn import features, panel
from churn.errors import ExtractError
from churn.features import Family
from churn.panel import Making, PanelManifest, PanelSettings
from churn.store.atomic import write_bytes
from churn.store.stages import Stage
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
        """Return one row per eligible subscriber and snapshot: meta columns, then features.

        ``part`` is among the first: which it is was known only when all rows had been counted.
        """
        rows = []
        for snapshot, part in self.manifest().parts.items():
            stored = pq.read_table(self.stage.folder / f"{snapshot.isoformat()}.parquet")
            rows.append(stored.to_pandas())
            rows[-1].insert(rows[-1].columns.get_loc("fold"), "part", part)
        return pd.concat(rows, ignore_index=True)

    def training_frame(self) -> pd.DataFrame:
        """Return the rows with what they weigh in fitting, where that differs."""
        return panel.with_training_weights(self.frame(), self.settings)

    def manifest(self) -> PanelManifest:
        """Return what it holds, in counts that reconcile."""
        return PanelManifest.model_validate_json((self.stage.folder / MANIFEST).read_bytes())


def build(run: Run, as_of: date | None = None, *, shared: bool = False) -> Panel:
    """Build the panel of all mature snapshots before the night.

    ``shared`` keeps each snapshot's features in a stage of its own, for the panels of other nights;
    the panel is the same. ExtractError if there is no data, or not enough history for a single
    snapshot.
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


def making(run: Run, night: date) -> Making:
    """Say what the night's panel is made of."""
    settings = run.settings
    return Making(
        tables=run.tables,
        night=night,
        families=features.delivered(run.tables.known_at(night), run.families),
        settings=settings.panel,
        time=settings.time,
        states=settings.states,
        definition=settings.labels.chosen,
        max_age=settings.max_age,
        materialise=run.engine.to_arrow,
    )


def _kept_features(run: Run, families: Sequence[Family], snapshot: date) -> ir.Table:
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
    made = making(run, night)

    def store(snapshots: Iterable[tuple[date, ir.Table]]) -> ir.Table:
        paths = []
        for snapshot, rows in snapshots:
            paths.append(to / f"{snapshot.isoformat()}.parquet")
            run.engine.to_parquet(rows, paths[-1], order_by=["subscriber_id"])
        return run.engine.read_parquet(paths, ibis.Schema.from_pyarrow(pq.read_schema(paths[0])))

    manifest = made.build(store, partial(_kept_features, run, made.families) if shared else None)
    days = [counts.snapshot for counts in manifest.snapshots]
    if not manifest.rows:
        raise ExtractError(
            "the panel is empty: no subscriber counts at any snapshot",
            where=f"panel as of {night}, {len(days)} snapshots {days[0]} … {days[-1]}",
            do=manifest.snapshots[-1].remedy
            or "see `churn labels explain` for why one is left out",
        )
    write_bytes(to / MANIFEST, manifest.model_dump_json(indent=2).encode())
    return f"{manifest.rows:,} rows, {len(days)} snapshots {days[0]} … {days[-1]}"
