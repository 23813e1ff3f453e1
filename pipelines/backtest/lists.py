"""What the lists of replayed nights would have earned."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from churn.causes import NO_CHURN_NO_STAY
from churn.evaluation.backtest import ListFigures
from churn.evaluation.intervals import Interval, Resampling, percentiles
from churn.evaluation.ranking import FloatArray
from churn.language import Text
from churn.targeting.realised import answered, answered_chance, realised_profit
from pipelines.backtest.heads import draws
from pipelines.backtest.replay import Judged
from pipelines.run import Run

_NO_MODEL = Text("no model had passed the gate by then", "当时尚无模型通过准入")


def list_figures(run: Run, nights: Sequence[Judged]) -> ListFigures:
    """Measure the planned lists of one night, or of several as one.

    The control arm counts in: of a list that was really handed over, it is all whose outcome
    nobody's contact touched. Selected rows that weigh something stand for the others, in
    proportion to their weight.
    """
    planned = [night for night in nights if night.selected is not None]
    if not planned:
        return ListFigures(refused=_NO_MODEL)
    rows = pd.concat([night.selected for night in planned], ignore_index=True)
    in_place = planned[-1].replay.in_place
    counted = rows[(~rows["outcome"].isin(NO_CHURN_NO_STAY)).to_numpy()]
    outcome, weight = counted["outcome"], counted["weight"].to_numpy(np.float64)
    actions = run.settings.targeting.actions
    hits = answered(counted, actions)
    earned = realised_profit(counted, actions)
    promised = answered_chance(counted, actions)
    return ListFigures(
        model_of=in_place.night if in_place and len(nights) == 1 else None,
        listed=int((~rows["control"]).sum()),
        controls=int(rows["control"].sum()),
        gone=int((outcome == "gone").sum()),
        churned=int(np.count_nonzero(hits)),
        administrative=len(rows) - len(counted),
        judged=int(np.count_nonzero(weight > 0)),
        expected=float(counted["expected_profit"].sum()),
        **_measured(
            np.stack([weight, weight * earned, weight * hits, weight * promised]),
            len(counted),
            draws(counted, run.settings.evaluation) if len(counted) else None,
        ),
    )


def _measured(
    columns: FloatArray, selected: int, drawing: Resampling | None
) -> dict[str, Interval]:
    """Return the profit of ``selected`` contacts and observed/expected, with intervals."""
    if drawing is None:
        return {"realised": Interval(value=0.0, lower=0.0, upper=0.0)}
    whole = _profit_and_ratio(columns.sum(axis=1), selected)
    drawn = np.array(
        [_profit_and_ratio(columns @ counts[drawing.codes], selected) for counts in drawing.draws()]
    )
    return {
        name: percentiles(whole[place], drawn[:, place])
        for place, name in enumerate(("realised", "observed_expected"))
    }


def _profit_and_ratio(sums: FloatArray, selected: int) -> tuple[float, float]:
    mass, earned, hits, promised = sums
    profit = selected * earned / mass if mass > 0 else float("nan")
    return float(profit), float(hits / promised) if promised > 0 else float("nan")
