"""``churn backtest``: past nights again, with what was delivered then, against what came after."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from churn.evaluation.backtest import BacktestResult, NightFigures
from churn.report.backtest.document import write_backtest
from churn.report.terminal.backtest import backtest_lines
from churn.store.atomic import write_bytes, write_json
from churn.store.stages import Stage
from churn.tables import TABLES
from pipelines.backtest.judge import judge, night_figures
from pipelines.backtest.lists import list_figures
from pipelines.backtest.nights import Chosen, choose
from pipelines.backtest.pooling import Pool, pooled_heads
from pipelines.backtest.replay import Replay, ReplayedTraining, challenge, play, train
from pipelines.run import Run

RESULT = "backtest.json"
ROWS = "backtest.parquet"
PAGE = "backtest.html"


@dataclass(frozen=True)
class Backtest:
    """A stored backtest."""

    stage: Stage
    as_of: date

    def result(self) -> BacktestResult:
        """Return what was found."""
        content = (self.stage.folder / RESULT).read_text("utf-8")
        return BacktestResult.model_validate(json.loads(content))

    def frame(self) -> pd.DataFrame:
        """Return one row per night and scored subscriber: chances, outcome, weight."""
        return pq.read_table(self.stage.folder / ROWS).to_pandas()

    def summary(self) -> str:
        """Return the findings as text, and where the page is."""
        return "\n".join([*backtest_lines(self.result()), "", str(self.stage.folder / PAGE)])


def backtest(
    run: Run,
    as_of: date | None = None,
    *,
    nights: int | None = None,
    every: int | None = None,
    named: Sequence[date] = (),
) -> Backtest:
    """Replay past nights and judge them by the outcomes known at ``as_of``.

    UsageError if fewer nights can be replayed than asked for; it says which can.

    Parameters
    ----------
    as_of
        The day up to which outcomes are known; default: the latest night that deliveries cover.
    nights, every
        Instead of ``backtest.nights`` and ``backtest.every``.
    named
        These nights instead of the latest ones; LeakError if the outcomes of one are not final.
    """
    today = run.night(as_of)
    settings = run.settings.backtest
    chosen = choose(run, today, nights or settings.nights, named)
    step = every or settings.every
    replays = _replays(run, chosen.nights, step)
    inputs = {
        "replays": [replay.stage.content for replay in replays],
        "tables": run.known_hash(today),
        "settings": run.used(
            run.settings.time,
            run.settings.states,
            run.settings.labels,
            run.settings.panel,
            run.settings.evaluation,
            run.settings.targeting,
            settings,
        ),
        "every": step,
        "nights": [night.isoformat() for night in chosen.nights],
        "language": run.settings.language,
    }
    stage = run.stages.run(
        "backtest",
        today.isoformat(),
        inputs,
        lambda to: _make(run, today, chosen, replays, step, to),
        final=run.workspace.backtests / today.isoformat(),
    )
    return Backtest(stage, today)


def _replays(run: Run, nights: Sequence[date], every: int) -> list[Replay]:
    """Replay the nights in order: who is in place on one depends on those before."""
    replays: list[Replay] = []
    training: ReplayedTraining | None = None
    in_place: ReplayedTraining | None = None
    for place, night in enumerate(nights):
        if training is None or place % every == 0:
            training = train(run, night)
            in_place = challenge(in_place, training)
        replays.append(play(run, night, training, in_place))
    return replays


def _make(
    run: Run, today: date, chosen: Chosen, replays: Sequence[Replay], every: int, to: Path
) -> str:
    figures, pool = _judged(run, today, replays, to / ROWS)
    judged = pool.nights()
    now = run.tables.known_at(today)
    result = BacktestResult(
        as_of=today,
        nights=figures,
        pooled=pooled_heads(run, judged),
        pooled_list=list_figures(run, judged),
        not_judged=chosen.left_out,
        every=every,
        window="rolling" if run.settings.panel.train else "expanding",
        unseen_share=run.settings.panel.unseen_share,
        copies=run.settings.backtest.unweighted,
        availability_assumed=tuple(name for name in TABLES if now.assumed(name)),
    )
    write_json(to / RESULT, json.loads(result.model_dump_json()))
    write_bytes(to / PAGE, write_backtest(result, run.settings.language))
    return f"{len(judged)} nights, {sum(night.eligible for night in figures):,} scores judged"


def _judged(
    run: Run, today: date, replays: Sequence[Replay], to: Path
) -> tuple[tuple[NightFigures, ...], Pool]:
    """Judge night by night, writing the rows of each: all nights at once may not fit in memory."""
    figures, pool = [], Pool(run.settings.panel.unseen_share)
    before = None
    with pq.ParquetWriter(to, _schema(replays)) as writer:
        for replay in replays:
            judged = judge(run, replay, today)
            figures.append(night_figures(run, judged, before))
            writer.write_table(_table(judged.everyone, writer.schema))
            pool.add(judged)
            before = judged
    return tuple(figures), pool


def _schema(replays: Sequence[Replay]) -> pa.Schema:
    """Return what any night may tell: a head may be off on some, a copy be missing."""
    fields = pa.unify_schemas([replay.schema() for replay in replays])
    night, outcome = pa.field("night", pa.timestamp("ns")), pa.field("outcome", pa.string())
    return pa.schema([night, *fields, outcome, pa.field("weight", pa.float64())])


def _table(rows: pd.DataFrame, schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pandas(rows.reindex(columns=schema.names), schema, preserve_index=False)
