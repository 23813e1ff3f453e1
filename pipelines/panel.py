"""The panel of a training: eligible subscribers times snapshots, with outcomes and features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis
import pandas as pd
import pyarrow.parquet as pq

from churn import features, panel
from churn.panel import PanelManifest
from churn.store.atomic import write_bytes
from churn.tables import TABLES
from pipelines.freshness import require_fresh
from pipelines.run import REQUIRED

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from churn.store.stages import Stage
    from pipelines.run import Run

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Panel:
    """A stored panel."""

    stage: Stage
    as_of: date

    def frame(self) -> pd.DataFrame:
        """Return one row per eligible subscriber and snapshot: meta columns, then features."""
        files = sorted(self.stage.folder.glob("*.parquet"))
        return pd.concat([pq.read_table(file).to_pandas() for file in files], ignore_index=True)

    def manifest(self) -> PanelManifest:
        """Return what it holds, in counts that reconcile."""
        return PanelManifest.model_validate_json((self.stage.folder / MANIFEST).read_bytes())


def build(run: Run, as_of: date | None = None) -> Panel:
    """Build the panel of all mature snapshots before the night.

    Raises
    ------
    ExtractError
        If there is no data, or not enough history for a single snapshot.
    """
    night = run.night(as_of)
    require_fresh(run.tables.known_at(night), REQUIRED, run.settings.max_age)
    settings = run.settings
    inputs = {
        "tables": run.known_hash(night),
        "settings": run.used(settings.time, settings.states, settings.labels, settings.panel),
        "features": run.feature_version,
    }
    stage = run.stages.run("panel", night.isoformat(), inputs, lambda to: _make(run, night, to))
    return Panel(stage, night)


def _make(run: Run, night: date, to: Path) -> str:
    settings, engine, tables = run.settings, run.engine, run.tables
    now = tables.known_at(night)
    definition = settings.labels.chosen
    first = engine.to_arrow(panel.first_days(now, settings.panel)).to_pylist()
    calendar = panel.calendar(
        tables,
        night,
        {row["table"]: row["first_on"] for row in first if row["first_on"]},
        settings=settings.panel,
        time=settings.time,
        definition=definition,
    )
    families = features.delivered(now, run.families)
    left_out, paths = {}, []
    for slot in calendar.slots:
        then = tables.known_at(slot.snapshot)
        people = panel.population(then, settings.time, settings.states)
        counted = engine.to_arrow(panel.left_out(people)).to_pylist()
        left_out[slot.snapshot] = {row["reason"]: row["rows"] for row in counted}
        rows = panel.panel_rows(
            then,
            now,
            slot,
            settings=settings.panel,
            time=settings.time,
            states=settings.states,
            families=families,
            definition=definition,
        )
        paths.append(to / f"{slot.snapshot.isoformat()}.parquet")
        engine.to_parquet(rows, paths[-1], order_by=["subscriber_id"])
    stored = engine.read_parquet(paths, ibis.Schema.from_pyarrow(pq.read_schema(paths[0])))
    tallied = engine.to_arrow(panel.tally(stored)).to_pylist()
    assumed = [name for name in TABLES if now.assumed(name)]
    manifest = panel.manifest(calendar, left_out, tallied, availability_assumed=assumed)
    write_bytes(to / MANIFEST, manifest.model_dump_json(indent=2).encode())
    total = sum(row["rows"] for row in tallied)
    first_day, last_day = calendar.slots[0].snapshot, calendar.slots[-1].snapshot
    return f"{total:,} rows, {len(paths)} snapshots {first_day} … {last_day}"
