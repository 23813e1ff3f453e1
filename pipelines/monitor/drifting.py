"""The night's inputs beside those that its model learned from, and those of a year ago.

Its chances and reasons beside those of the first night that the model scored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from churn import draws
from churn.causes import RISKS, HeadName
from churn.language import COLON, Text
from churn.learning import Bundle
from churn.monitoring.drift import Drift, compared, worth_a_look
from churn.monitoring.seasons import a_year_before
from churn.store.stages import Stage
from pipelines.audit import SCORED, SCORED_ROWS
from pipelines.models.champion import champion, has_champion
from pipelines.run import Run
from pipelines.score import scored_by

TOP = 10
"""One in so many, the riskiest, whose first reasons are compared."""
NEAR = timedelta(days=15)
"""From the same season of last year, within which a stored night stands for it."""


def latest_scored(run: Run, night: date) -> tuple[Stage, Bundle] | None:
    """Return the latest night that the model in place scored, and the model."""
    if not has_champion(run.workspace):
        return None
    bundle = champion(run.workspace)
    for stage in run.stages.nights("score"):
        model = scored_by(stage)
        scored = date.fromisoformat(stage.folder.name)
        if scored <= night and model and model["bundle"] == bundle.fingerprint:
            return stage, bundle
    return None


def first_scored(run: Run, bundle: Bundle) -> Stage:
    """Return the first night that a model scored; one is stored, see :func:`latest_scored`."""
    nights = run.stages.nights("score")
    return [
        each for each in nights if (by := scored_by(each)) and by["bundle"] == bundle.fingerprint
    ][-1]


def drifted(run: Run, stage: Stage, bundle: Bundle) -> tuple[Drift, ...] | None:
    """Return the drift of a night's inputs; None where the panel of its model is not stored."""
    panel = run.stages.stored("panel", bundle.meta.get("as_of", ""))
    if panel is None:
        return None
    before = _learned_from(sorted(panel.folder.glob("*.parquet")), bundle.needed)
    after = pq.read_table(stage.folder / SCORED).to_pandas()
    if any(name not in before or name not in after for name in bundle.needed):
        return None
    moves: dict[str, dict[str, float]] = {name: {} for name in bundle.needed}
    for cause in bundle.heads:
        means = [bundle.contributions(rows, cause).mean(axis=0)[:-1] for rows in (before, after)]
        for source, moved in zip(bundle.needed, means[1] - means[0], strict=True):
            moves[source][cause] = float(moved)
    needed = list(bundle.needed)
    earlier = a_year_ago(run, stage, bundle)
    last_year = pq.read_table(earlier.folder / SCORED).to_pandas() if earlier else None
    inputs = compared(
        before[needed],
        after[needed],
        moves,
        last_year=None if last_year is None else last_year[needed],
    )
    return (*worth_a_look(inputs), *_told(run, after, bundle, last_year))


def word_of(name: str, bundle: Bundle) -> tuple[str, str]:
    """Return what an input, a chance or a reason is called, in English and Chinese."""
    kind, _, cause = name.partition("_")
    for head in bundle.heads:
        if head == cause and kind in WORDS:
            text = WORDS[kind] + COLON + RISKS[head].text
            return text.en, text.zh
    spec = bundle.specs[name]
    return spec.en, spec.zh


WORDS: Mapping[str, Text] = MappingProxyType(
    {
        "p": Text("chance", "概率"),
        "reason": Text("first reason of the riskiest tenth", "风险最高十分之一的首要原因"),
    }
)


def _told(
    run: Run, after: pd.DataFrame, bundle: Bundle, last_year: pd.DataFrame | None
) -> tuple[Drift, ...]:
    """Return by head whether chances, and the first reasons of the riskiest, are others than once.

    Once is the first night that the model scored; nothing where that is tonight. Of rows that it
    has learned from a model is too sure, and the models that were tested are others.
    """
    before = pq.read_table(first_scored(run, bundle).folder / SCORED).to_pandas()
    if before.equals(after) or not set(bundle.needed) <= set(before):
        return ()
    looked_at: list[Drift] = []
    for cause in bundle.heads:
        first, now = (_said(rows, bundle, cause) for rows in (before, after))
        then = _said(last_year, bundle, cause) if last_year is not None else (None, None)
        moved = _mean_logit(now[0]) - _mean_logit(first[0])
        moves = {f"p_{cause}": {str(cause): moved}}
        for at in range(len(now)):
            looked_at += compared(first[at], now[at], moves, last_year=then[at])
    return worth_a_look(looked_at)


def _said(rows: pd.DataFrame, bundle: Bundle, cause: HeadName) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the model's chances of rows, and the first reasons of the riskiest of them."""
    chance = bundle.score(rows)[f"p_{cause}"]
    order = chance.sort_values(ascending=False, kind="stable").index
    riskiest = rows.loc[order[: max(1, len(rows) // TOP)]]
    reasons = bundle.first_reasons(riskiest, cause)
    return pd.DataFrame({f"p_{cause}": chance}), pd.DataFrame({f"reason_{cause}": reasons})


def _mean_logit(chances: pd.DataFrame) -> float:
    inside = chances.iloc[:, 0].clip(1e-9, 1 - 1e-9)
    return float(np.log(inside / (1 - inside)).mean())


def _learned_from(paths: Sequence[Path], needed: Sequence[str]) -> pd.DataFrame:
    """Return some subscribers' rows, each of one snapshot, so that no two are of the same line.

    Rows lie in the order of keyed hashes, so that the first are as good as drawn.
    """
    parts = []
    for number, path in enumerate(paths):
        file = pq.ParquetFile(path)
        columns = [name for name in ("subscriber_id", *needed) if name in file.schema_arrow.names]
        rows = next(file.iter_batches(batch_size=2 * SCORED_ROWS, columns=columns)).to_pandas()
        own = np.array([draws.number(f"drift:{name}") for name in rows["subscriber_id"]])
        parts.append(rows[own % len(paths) == number])
    return pd.concat(parts, ignore_index=True)


def a_year_ago(run: Run, stage: Stage, bundle: Bundle) -> Stage | None:
    """Return the night nearest to the same season of last year, if one is stored.

    One whose inputs the model does not read is none.
    """
    festivals = run.settings.features.calendar.festivals
    then = a_year_before(date.fromisoformat(stage.folder.name), festivals)
    near = sorted(
        (abs(date.fromisoformat(each.folder.name) - then), number, each)
        for number, each in enumerate(run.stages.nights("score"))
        if abs(date.fromisoformat(each.folder.name) - then) <= NEAR
    )
    for _, _, each in near:
        if set(bundle.needed) <= set(pq.read_schema(each.folder / SCORED).names):
            return each
    return None
