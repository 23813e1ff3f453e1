"""``churn explain``: what was stored about one subscriber's night; nothing is recomputed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from churn.errors import ExtractError
from churn.language import Text
from churn.report.handover import contact_id
from churn.report.terminal.explain import (
    CONTROL,
    NO_DECISION,
    arithmetic,
    contact,
    contacts,
    history,
    left_out,
    not_scored,
    scored,
)
from churn.targeting.effects import Effect
from pipelines.answers import Answers
from pipelines.identities import hashed
from pipelines.run import Run
from pipelines.score import SCORES
from pipelines.target import CONTROLS, LEFT_OUT, TARGETS, TOTALS

_NIGHTS = 6


def explain(run: Run, subscriber: str, as_of: date | None = None) -> str:
    """Return the stored scores, reasons, rules, decision and history of one subscriber as lines.

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
    lines = [*scored(night, rows.iloc[0]), *_decision(run, night, wanted)]
    lines += history(_nights_before(run, night, wanted))
    lines += contacts(_handed_over(run, night, wanted), run.settings.targeting.actions)
    return "\n".join(line.of(language) for line in lines)


def _rows(path: Path, wanted: str) -> pd.DataFrame:
    return pq.read_table(path, filters=[("subscriber_id", "=", wanted)]).to_pandas()


def _decision(run: Run, night: str, wanted: str) -> Iterator[Text]:
    """Tell what a night decided, and of a contact what its expected profit is made of."""
    stage = run.stages.stored("target", night)
    if stage is None:
        yield NO_DECISION
        return
    settings = run.settings.targeting
    listed = _rows(stage.folder / TARGETS, wanted)
    if len(listed):
        yield contact(listed.iloc[0], settings.actions)
        totals = json.loads((stage.folder / TOTALS).read_text("utf-8"))["totals"]
        effects = map(Effect.model_validate, totals.get("effects", []))
        yield from arithmetic(listed.iloc[0].to_dict(), settings, tuple(effects))
    elif len(_rows(stage.folder / CONTROLS, wanted)):
        yield CONTROL
    else:
        (row,) = _rows(stage.folder / LEFT_OUT, wanted).to_dict("records")
        yield left_out(row, settings)


def _nights_before(run: Run, night: str, wanted: str) -> Iterator[Mapping[str, Any]]:
    """Return the chances and decision of the latest nights before, as they are stored."""
    nights = sorted(
        (path.name for path in (run.workspace.stages / "score").iterdir()), reverse=True
    )
    for earlier in [name for name in nights if name < night][:_NIGHTS]:
        stage = run.stages.stored("score", earlier)
        rows = pd.DataFrame() if stage is None else _rows(stage.folder / SCORES, wanted)
        if len(rows):
            decision = next(iter(_decision(run, earlier, wanted)))
            chances = {name: rows.iloc[0][name] for name in ("p_active", "p_passive")}
            yield {"night": earlier, **chances, "decision": decision}


def _handed_over(run: Run, night: str, wanted: str) -> Iterator[Mapping[str, Any]]:
    """Return when the subscriber was handed over up to the night, and what came back."""
    answers = Answers(run.workspace).frame().set_index("contact_id")["answer"]
    folders = sorted(run.workspace.handed_over.glob("*/rev*.parquet"), reverse=True)
    for path in folders:
        day = path.parent.name
        if day > night:
            continue
        for row in _rows(path, wanted).to_dict("records"):
            answer = answers.get(contact_id(date.fromisoformat(day), wanted))
            yield {"night": day, "answer": answer, **row}
