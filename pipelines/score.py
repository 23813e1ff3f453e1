"""``churn score``: every eligible subscriber's two chances, with reasons, as of a night."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from churn import features, panel
from churn.causes import CAUSES
from churn.learning import Bundle
from churn.learning.rules import with_chance
from churn.report.notes import later_note
from churn.store.atomic import write_bytes, write_json
from churn.store.stages import Stage
from pipelines import audit
from pipelines.freshness import require_fresh, watched
from pipelines.identities import own_ids
from pipelines.models.champion import champion, require_features
from pipelines.run import Run

SCORES = "scores.parquet"
EXCLUDED = "excluded.json"
MODEL = "model.json"


@dataclass(frozen=True)
class Scores:
    """The stored scores of one night.

    ``later`` says so where the night could not have had the models.
    """

    stage: Stage
    as_of: date
    later: str | None = None

    def frame(self) -> pd.DataFrame:
        """Return one row per eligible subscriber, sorted by the hashed ``subscriber_id``.

        ``p_active``, ``p_passive``, the booster's raw logits, the tree's chances, and per cause
        ``rule_text_<cause>`` and ``reason_1_<cause>`` … in the settings' language.
        """
        return pq.read_table(self.stage.folder / SCORES).to_pandas()

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
    }
    stage = run.stages.run(
        "score", night.isoformat(), inputs, lambda to: _make(run, night, bundle, to)
    )
    later = later_note(bundle, night)
    return Scores(stage, night, later.of(run.settings.language) if later else None)


def eligible_rows(run: Run, night: date) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return everyone the night knew, and the features of the eligible, both by subscriber.

    See :func:`churn.panel.population` for the columns of the first.
    """
    known = run.tables.known_at(night)
    everyone = panel.population(known, run.settings.time, run.settings.states)
    people = run.engine.to_arrow(everyone, order_by=["subscriber_id"]).to_pandas()
    ids = everyone.filter(everyone.eligible).select("subscriber_id")
    table = features.build(known, ids, states=run.settings.states, families=run.families)
    rows = run.engine.to_arrow(table, order_by=["subscriber_id"]).to_pandas()
    return people, rows


def _make(run: Run, night: date, bundle: Bundle, to: Path) -> str:
    people, rows = eligible_rows(run, night)
    excluded = people.loc[~people["eligible"], "reason"].value_counts().sort_index()
    write_json(to / EXCLUDED, {str(reason): int(n) for reason, n in excluded.items()})
    require_features(bundle, rows.columns)
    by = {"bundle": bundle.fingerprint, "trained_as_of": bundle.meta.get("as_of")}
    write_json(to / MODEL, by)
    pq.write_table(audit.sample_of(run, rows), to / audit.SCORED)
    scores = pd.concat(
        [rows[["subscriber_id"]], _scored(bundle, rows, run.settings.language)], axis=1
    )
    pq.write_table(pa.Table.from_pandas(scores, preserve_index=False), to / SCORES)
    return f"{len(scores):,} scored, {int(excluded.sum()):,} left out"


def _scored(bundle: Bundle, rows: pd.DataFrame, language: Any) -> pd.DataFrame:
    scores = bundle.score(rows)
    words: dict[str, pd.Series[str]] = {}
    for cause in CAUSES:
        if cause not in bundle.heads:
            continue
        rules = scores[f"rule_{cause}"]
        chances = scores.groupby(rules)[f"tree_p_{cause}"].first()  # one per leaf
        texts = {
            int(rule): with_chance(bundle.rule_text(cause, int(rule), language), chance, language)
            for rule, chance in chances.items()
        }
        words[f"rule_text_{cause}"] = rules.map(texts)
        reasons = bundle.reason_columns(rows, cause, language)
        words |= {f"{name}_{cause}": reasons[name] for name in reasons}
    return scores.assign(**words)


def write_scores(run: Run, scores: Scores, out: Path) -> None:
    """Write the night's scores under the operator's own ids: subscriber_id, p_active, p_passive.

    A name that ends in ``.parquet`` gives Parquet, any other CSV.
    """
    rows = scores.frame()[["subscriber_id", "p_active", "p_passive"]]
    rows = rows.assign(subscriber_id=rows["subscriber_id"].map(own_ids(run)))
    rows = rows.sort_values("subscriber_id", ignore_index=True)
    if out.suffix != ".parquet":
        write_bytes(out, rows.to_csv(index=False, lineterminator="\n").encode())
        return
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pandas(rows, preserve_index=False), sink)
    write_bytes(out, sink.getvalue().to_pybytes())
