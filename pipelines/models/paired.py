"""Two models on the rows that both were tested on: differences with paired intervals."""

from __future__ import annotations

import pandas as pd

from churn.causes import CAUSES, HeadName
from churn.evaluation import EvaluationSettings
from churn.evaluation.comparison import Comparison, compare
from churn.learning.assessment import head_metrics
from churn.panel import DOWNGRADED, met

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
    cause: HeadName,
    learners: tuple[str | None, str | None],
    scores: tuple[pd.DataFrame | None, pd.DataFrame | None],
    settings: EvaluationSettings,
) -> Comparison | None:
    """Return the second model's figures minus the first's.

    On the rows of both test parts: neither had learned from any of them. Outcomes, weights and
    segments are those that the second knew. None where there are no such rows, or no such model.
    For the test rows of each training see :attr:`churn.learning.Trained.test_scores`.
    """
    earlier, later = scores
    columns = [f"p_{cause}_{learner}" for learner in learners]
    if earlier is None or later is None:
        return None
    if columns[0] not in earlier or columns[1] not in later:
        return None
    segments = [name for name in settings.segments if name in later]
    before = earlier[[*_ROW, columns[0]]].rename(columns={columns[0]: "second"})
    known = [*_ROW, "customer_id", "outcome", "weight", *segments]
    known += [] if cause in CAUSES else [DOWNGRADED]
    after = later[[*known, columns[1]]].rename(columns={columns[1]: "first"})
    rows = before.merge(after, on=_ROW).dropna(subset=["first", "second"])
    rows["churned"] = met(rows, cause)
    if not rows["churned"].any():
        return None
    size = settings.list_size * rows["snapshot"].nunique()
    chosen = head_metrics(cause, size, settings)
    return compare(rows, {name: chosen[name] for name in PAIRED}, settings)
