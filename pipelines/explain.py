"""``churn explain``: what was stored about one subscriber's night; nothing is recomputed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from churn.errors import ExtractError
from churn.language import Text
from churn.report.terminal.explain import (
    CONTROL,
    NO_DECISION,
    contact,
    left_out,
    not_scored,
    scored,
)
from pipelines.identities import hashed
from pipelines.run import Run
from pipelines.score import SCORES
from pipelines.target import CONTROLS, LEFT_OUT, TARGETS


def explain(run: Run, subscriber: str, as_of: date | None = None) -> str:
    """Return the stored scores, reasons, rules and decision of one subscriber as lines.

    It is named by the operator's own id. ExtractError if no delivery names it, or the night was not
    scored.
    """
    night = run.night(as_of).isoformat()
    language = run.settings.language
    wanted = hashed(run, subscriber)
    stage = run.stages.stored("score", night)
    if stage is None:
        raise ExtractError(
            f"the night of {night} was not scored",
            where=f"stages/score/{night}",
            do=f"run `churn score --as-of {night}`",
        )
    rows = _rows(stage.folder / SCORES, wanted)
    if rows.empty:
        return not_scored(night).of(language)
    lines = [*scored(night, rows.iloc[0]), _decision(run, night, wanted)]
    return "\n".join(line.of(language) for line in lines)


def _rows(path: Path, wanted: str) -> pd.DataFrame:
    return pq.read_table(path, filters=[("subscriber_id", "=", wanted)]).to_pandas()


def _decision(run: Run, night: str, wanted: str) -> Text:
    stage = run.stages.stored("target", night)
    if stage is None:
        return NO_DECISION
    listed = _rows(stage.folder / TARGETS, wanted)
    if len(listed):
        return contact(listed.iloc[0], run.settings.targeting.actions)
    if len(_rows(stage.folder / CONTROLS, wanted)):
        return CONTROL
    (row,) = _rows(stage.folder / LEFT_OUT, wanted).to_dict("records")
    return left_out(row, run.settings.targeting)
