"""``churn explain``: what was stored about one subscriber's night; nothing is recomputed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pyarrow.parquet as pq

from churn.errors import ExtractError
from churn.learning import CAUSES
from pipelines.identities import hashed
from pipelines.score import SCORES
from pipelines.target import CONTROLS, REASONS, TARGETS

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from pipelines.run import Run


def explain(run: Run, subscriber: str, as_of: date | None = None) -> str:
    """Return the stored scores, reasons, rules and decision of one subscriber as lines.

    Parameters
    ----------
    subscriber
        The operator's own id.

    Raises
    ------
    ExtractError
        If no delivery names the subscriber, or the night was not scored.
    """
    night = run.night(as_of).isoformat()
    wanted = hashed(run, subscriber)
    stored = run.workspace.stages / "score" / night / SCORES
    if not stored.exists():
        raise ExtractError(
            f"the night of {night} was not scored",
            where=f"stages/score/{night}",
            do=f"run `churn score --as-of {night}`",
        )
    rows = _rows(stored, wanted)
    if rows.empty:
        return f"{night}: not scored: not eligible that night (see `churn labels explain`)"
    row = rows.iloc[0]
    lines = [f"night {night}"]
    for cause in CAUSES:
        if pd.isna(row[f"p_{cause}"]):
            lines.append(f"{cause}: the head is off")
            continue
        lines.append(f"{cause}: {row[f'p_{cause}']:.2%} (tree {row[f'tree_p_{cause}']:.2%})")
        lines += [f"  reason  {text}" for text in row[[f"{r}_{cause}" for r in REASONS]] if text]
        if row.get(f"remainder_{cause}"):
            lines.append(f"  beyond the reasons  {row[f'remainder_{cause}']:+.2f} log-odds")
        lines.append(f"  rule    {row[f'rule_text_{cause}']}")
    return "\n".join([*lines, _decision(run.workspace.stages / "target" / night, wanted)])


def _rows(path: Path, wanted: str) -> pd.DataFrame:
    return pq.read_table(path, filters=[("subscriber_id", "=", wanted)]).to_pandas()


def _decision(stage: Path, wanted: str) -> str:
    if not (stage / TARGETS).exists():
        return "decision: none was made that night"
    listed = _rows(stage / TARGETS, wanted)
    if len(listed):
        row = listed.iloc[0]
        return (
            f"decision: {row['action']} by {row['channel']}, rank {row['rank']}, "
            f"expected profit {row['expected_profit']:.2f}"
        )
    if len(_rows(stage / CONTROLS, wanted)):
        return "decision: selected and left alone, as control arm"
    return "decision: not selected"
