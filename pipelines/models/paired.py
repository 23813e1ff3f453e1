"""Two champions on the rows that both were tested on: differences with paired intervals."""

from __future__ import annotations

import pandas as pd

from churn.causes import Cause
from churn.evaluation import EvaluationSettings
from churn.evaluation.intervals import Interval, Resampling, paired_difference
from churn.evaluation.ranking import Scored
from churn.learning.assessment import head_metrics
from churn.learning.heads import HeadReport

PAIRED = (
    "average_precision",
    "roc_auc",
    "precision_at_list",
    "recall_at_list",
    "lift_1",
    "lift_5",
    "lift_10",
    "brier",
    "log_loss",
)
_ROW = ["subscriber_id", "snapshot"]


def paired(
    cause: Cause,
    reports: tuple[HeadReport, HeadReport],
    scores: tuple[pd.DataFrame | None, pd.DataFrame | None],
    settings: EvaluationSettings,
) -> dict[str, Interval]:
    """Return the second champion's figures minus the first's, by metric.

    On the rows of both test parts: neither had learned from any of them. Outcomes and weights are
    those that the second knew. Empty where there are no such rows, or a head is off. For the test
    rows of each training see :attr:`churn.learning.Trained.test_scores`.
    """
    earlier, later = scores
    columns = [f"p_{cause}_{report.champion}" for report in reports]
    if earlier is None or later is None:
        return {}
    if columns[0] not in earlier or columns[1] not in later:
        return {}
    before = earlier[[*_ROW, columns[0]]].rename(columns={columns[0]: "first"})
    after = later[[*_ROW, "customer_id", "outcome", "weight", columns[1]]]
    rows = before.merge(after.rename(columns={columns[1]: "second"}), on=_ROW).dropna()
    churned = (rows["outcome"] == cause).to_numpy()
    if not churned.any():
        return {}
    draws = Resampling.over(
        rows["customer_id"].to_numpy(), replicates=settings.replicates, seed=settings.seed
    )
    size = settings.list_size * rows["snapshot"].nunique()
    chosen = head_metrics(cause, size, settings)
    first, second = (Scored.of(churned, rows[name].to_numpy()) for name in ("first", "second"))
    weight = rows["weight"].to_numpy()
    return {name: paired_difference(chosen[name], second, first, draws, weight) for name in PAIRED}
