"""The figures of one head on replayed rows, of one night or of several."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from churn.causes import Cause
from churn.evaluation import EvaluationSettings
from churn.evaluation.backtest import HeadFigures
from churn.evaluation.intervals import Resampling, intervals
from churn.evaluation.ranking import Scored
from churn.learning import Bundle
from churn.learning.assessment import head_metrics

CHAMPION = "champion"
MEASURED = (
    "average_precision",
    "roc_auc",
    "lift_1",
    "lift_5",
    "lift_10",
    "brier",
    "observed_expected",
    "observed_expected_in_list",
)


def head_figures(
    rows: pd.DataFrame,
    cause: Cause,
    bundle: Bundle,
    evaluation: EvaluationSettings,
    *,
    nights: int,
) -> HeadFigures:
    """Measure a head on the rows of one night or several; where it is off, say why."""
    if cause not in bundle.heads:
        return HeadFigures(off=bundle.reports[cause].off)
    size = evaluation.list_size * nights
    return HeadFigures(
        champion=bundle.heads[cause].champion,
        metrics=measured(rows, cause, bundle.heads[cause].learners, size, evaluation),
        list_size=size,
        **counted(rows, cause),
    )


def counted(rows: pd.DataFrame, cause: Cause) -> dict[str, Any]:
    """Return ``events`` and ``rows`` that weigh something, and their weighted ``base_rate``."""
    weight = rows["weight"].to_numpy(np.float64)
    churned = (rows["outcome"] == cause).to_numpy()
    mass = float(weight.sum())
    return {
        "events": int(np.count_nonzero(churned & (weight > 0))),
        "rows": int(np.count_nonzero(weight > 0)),
        "base_rate": float(weight @ churned) / mass if mass > 0 else float("nan"),
    }


def measured(
    rows: pd.DataFrame,
    cause: Cause,
    learners: Iterable[str],
    size: int,
    evaluation: EvaluationSettings,
) -> dict[str, dict[str, Any]]:
    """Measure the champion and every learner on the rows that weigh something."""
    weighing = rows[(rows["weight"] > 0).to_numpy()]
    if weighing.empty:
        return {}
    every = head_metrics(cause, size, evaluation)
    chosen = {name: every[name] for name in MEASURED}
    churned = (weighing["outcome"] == cause).to_numpy()
    weight = weighing["weight"].to_numpy(np.float64)
    drawn = draws(weighing, evaluation)
    columns = {CHAMPION: f"p_{cause}", **{name: f"p_{cause}_{name}" for name in learners}}
    return {
        name: intervals(chosen, Scored.of(churned, weighing[column].to_numpy()), drawn, weight)
        for name, column in columns.items()
        if column in weighing and weighing[column].notna().all()
    }


def draws(rows: pd.DataFrame, evaluation: EvaluationSettings) -> Resampling:
    """Draw customers with all their rows."""
    return Resampling.over(
        rows["customer_id"].to_numpy(), replicates=evaluation.replicates, seed=evaluation.seed
    )
