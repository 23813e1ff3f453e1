"""``churn score``: every eligible subscriber's chances, with reasons, as of a night."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from churn import features, panel
from churn.causes import HEADS
from churn.learning import Bundle
from churn.learning.scoring import ID, BatchScorer
from churn.report.notes import later_note
from churn.store.atomic import write_json, written
from churn.store.stages import Stage
from pipelines import audit
from pipelines.freshness import require_fresh, watched
from pipelines.identities import named_ids
from pipelines.models.champion import champion, require_features
from pipelines.run import Run

SCORES = "scores.parquet"
EXCLUDED = "excluded.json"
MODEL = "model.json"
CHANCES = (ID, *(f"p_{head}" for head in HEADS), "tree_disagrees")


@dataclass(frozen=True)
class Scores:
    """The stored scores of one night.

    ``later`` says so where the night could not have had the models.
    """

    stage: Stage
    as_of: date
    later: str | None = None

    def frame(
        self, columns: Sequence[str] | None = None, only: pd.Series | None = None
    ) -> pd.DataFrame:
        """Return one row per eligible subscriber, sorted by the hashed ``subscriber_id``.

        ``p_active``, ``p_passive``, ``p_downgrade`` where it is told, the booster's raw logits, the
        tree's chances, and per head ``rule_text_<cause>`` and ``reason_1_<cause>`` … in the
        settings' language.

        Parameters
        ----------
        columns
            Those wanted, where not all are.
        only
            The subscribers wanted, where not all are.
        """
        some = None if only is None else pc.field(ID).isin(pa.array(only, pa.string()))
        path = self.stage.folder / SCORES
        wanted = None if columns is None else list(columns)  # it takes no other sequence
        return pq.read_table(path, columns=wanted, filters=some).to_pandas()

    def chances(self) -> pd.DataFrame:
        """Return :data:`CHANCES` of everyone, as far as the models tell of them."""
        names = pq.read_schema(self.stage.folder / SCORES).names
        return self.frame([name for name in CHANCES if name in names])

    def excluded(self) -> dict[str, int]:
        """Return how many subscribers were left out, by reason."""
        counts: dict[str, int] = json.loads((self.stage.folder / EXCLUDED).read_text("utf-8"))
        return counts

    def summary(self) -> str:
        """Return one line of counts, and what must be known of the models."""
        scored = pq.read_metadata(self.stage.folder / SCORES).num_rows
        left_out = ", ".join(f"{reason} {n:,}" for reason, n in self.excluded().items())
        counts = f"{scored:,} scored as of {self.as_of}; left out: {left_out or 'nobody'}"
        return f"{counts}\n{self.later}" if self.later else counts


def score(run: Run, as_of: date | None = None) -> Scores:
    """Score everyone eligible on the night with the champion.

    ExtractError if nothing was known that night, or the data is too old; ModelError if no model is
    in place, or its files were changed.
    """
    night = run.night(as_of)
    known = run.tables.known_at(night)
    require_fresh(known, watched(known, run.settings.panel), run.settings.max_age)
    bundle = champion(run.workspace)
    inputs = {
        "tables": run.known_hash(night),
        "bundle": bundle.fingerprint,
        "settings": run.used(run.settings.time, run.settings.states),
        "language": run.settings.language,
        "currency": run.settings.targeting.value.currency,
    }
    stage = run.stages.run(
        "score", night.isoformat(), inputs, lambda to: write_night(run, night, bundle, to)
    )
    later = later_note(bundle, night)
    return Scores(stage, night, later.of(run.settings.language) if later else None)


def eligible_rows(run: Run, night: date) -> tuple[ir.Table, ir.Table]:
    """Return everyone the night knew, and the features of the eligible, computed and spilled.

    See :func:`churn.panel.population` for the columns of the first.
    """
    known, settings = run.tables.known_at(night), run.settings
    people = run.engine.computed(panel.population(known, settings.time, settings.states))
    ids = people.filter(people.eligible).select(ID)
    table = features.build(known, ids, states=settings.states, families=run.families)
    return people, run.engine.computed(table)


def scored_by(stage: Stage) -> dict[str, Any] | None:
    """Return which model gave a night's scores: ``bundle``, its hash, and ``trained_as_of``.

    None of nights before that was noted.
    """
    path = stage.folder / MODEL
    if not path.exists():
        return None
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def counted(stage: Stage) -> dict[str, int]:
    """Return how many the night knew, by why they were left out; the scored among them."""
    left_out = json.loads((stage.folder / EXCLUDED).read_text("utf-8"))
    rows = pq.read_metadata(stage.folder / SCORES).num_rows
    scored = {panel.ELIGIBLE: rows} if rows else {}
    return dict(sorted({**left_out, **scored}.items()))


def write_night(run: Run, night: date, bundle: Bundle, to: Path) -> str:
    """Write what a bundle says of a night into a stage's folder; return counts.

    By batches: no more than one of them is in memory, whatever the base's size.
    """
    people, rows = eligible_rows(run, night)
    counted = run.engine.to_arrow(panel.left_out(people), order_by=["reason"]).to_pylist()
    counts = {row["reason"]: row["rows"] for row in counted}
    scored = counts.pop(panel.ELIGIBLE, 0)
    write_json(to / EXCLUDED, counts)
    require_features(bundle, rows.columns)
    by = {"bundle": bundle.fingerprint, "trained_as_of": bundle.meta.get("as_of")}
    write_json(to / MODEL, by)
    some = audit.sample_of(run, rows)
    pq.write_table(some, to / audit.SCORED)
    settings = run.settings
    scorer = BatchScorer(bundle.to_files(), settings.language, settings.targeting.value.currency)
    scores = run.engine.map_batches(rows, scorer, ibis.Schema.from_pyarrow(scorer.schema))
    run.engine.to_parquet(scores, to / SCORES, order_by=[ID])
    return f"{scored:,} scored, {sum(counts.values()):,} left out"


def write_scores(run: Run, scores: Scores, out: Path) -> None:
    """Write the night's scores under the operator's own ids: ``subscriber_id``, chances by head.

    A name that ends in ``.parquet`` gives Parquet, any other CSV.
    """
    engine = run.ingest_engine
    path = scores.stage.folder / SCORES
    names = [name for name in pq.read_schema(path).names if name in CHANCES and name[:2] == "p_"]
    schema = pa.schema({ID: pa.string(), **dict.fromkeys(names, pa.float64())})
    rows = engine.read_parquet([path], ibis.Schema.from_pyarrow(schema))
    own = named_ids(run)
    named = rows.inner_join(own, rows[ID] == own.hash)
    wanted = named.select(*names, **{ID: named.id}).select(ID, *names)
    with written(out) as partial:
        if out.suffix == ".parquet":
            engine.to_parquet(wanted, partial, order_by=[ID])
            return
        with partial.open("w", encoding="utf-8", newline="") as file:
            schema.empty_table().to_pandas().to_csv(file, index=False, lineterminator="\n")
            for batch in engine.batches(wanted, order_by=[ID]):
                batch.to_pandas().to_csv(file, index=False, header=False, lineterminator="\n")
