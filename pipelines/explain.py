"""``churn explain``: what was stored about one subscriber's night; nothing is recomputed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from churn.errors import ExtractError
from churn.evaluation.gates import HEADS
from churn.language import Text
from churn.learning import CAUSES, Cause
from churn.report.words import worded, words_of
from pipelines.identities import hashed
from pipelines.run import Run
from pipelines.score import SCORES
from pipelines.target import CONTROLS, REASONS, TARGETS


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
    language = run.settings.language
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
        return Text(
            f"{night}: not scored: not eligible that night (see `churn labels explain`)",
            f"{night}：当晚不在评分范围内，未评分（见 `churn labels explain`）",
        ).of(language)
    row = rows.iloc[0]
    lines = [Text(f"night {night}", f"夜次 {night}")]
    for cause in CAUSES:
        lines += _head(row, cause)
    lines.append(_decision(run, night, wanted))
    return "\n".join(line.of(language) for line in lines)


def _head(row: pd.Series, cause: Cause) -> Iterator[Text]:
    """Tell a head's chance, reasons and rule; they were stored in the language of the night."""
    name = HEADS[cause]
    if pd.isna(row[f"p_{cause}"]):
        yield Text(f"{name.en}: the head is off", f"{name.zh}：模型未启用")
        return
    chance, tree = f"{row[f'p_{cause}']:.2%}", f"{row[f'tree_p_{cause}']:.2%}"
    yield Text(f"{name.en}: {chance} (tree {tree})", f"{name.zh}：{chance}（决策树 {tree}）")
    for text in row[[f"{reason}_{cause}" for reason in REASONS]]:
        if text:
            yield Text(f"  reason  {text}", f"  原因  {text}")
    if row.get(f"remainder_{cause}"):
        rest = f"{row[f'remainder_{cause}']:+.2f}"
        yield Text(f"  beyond the reasons  {rest} log-odds", f"  原因之外  {rest}（对数几率）")
    rule = row[f"rule_text_{cause}"]
    yield Text(f"  rule    {rule}", f"  规则  {rule}")


def _rows(path: Path, wanted: str) -> pd.DataFrame:
    return pq.read_table(path, filters=[("subscriber_id", "=", wanted)]).to_pandas()


def _decision(run: Run, night: str, wanted: str) -> Text:
    stage = run.workspace.stages / "target" / night
    if not (stage / TARGETS).exists():
        return Text("decision: none was made that night", "决策：当晚未作决策")
    listed = _rows(stage / TARGETS, wanted)
    if len(listed):
        row = listed.iloc[0]
        words = words_of(run.settings.targeting.actions)
        action, channel = (worded(str(row[name]), name, words) for name in ("action", "channel"))
        profit = f"{row['expected_profit']:.2f}"
        return Text(
            f"decision: {action.en} by {channel.en}, rank {row['rank']}, expected profit {profit}",
            f"决策：{action.zh}（{channel.zh}），名次 {row['rank']}，预期收益 {profit}",
        )
    if len(_rows(stage / CONTROLS, wanted)):
        return Text("decision: selected and left alone, as control arm", "决策：入选对照组，不联系")
    return Text("decision: not selected", "决策：未入选")
