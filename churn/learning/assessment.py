"""What the test part says about a head's models: metrics with intervals, comparison, gate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from churn.causes import HeadName
from churn.evaluation import calibration, metrics, profit
from churn.evaluation.gates import gate
from churn.evaluation.intervals import Resampling, intervals, paired_difference
from churn.evaluation.ranking import BoolArray, FloatArray, IntArray, Metric, Scored
from churn.evaluation.segments import segment_fits
from churn.evaluation.settings import EvaluationSettings
from churn.learning.learners import BOOSTING

LIST_PRECISION = "precision_at_list"
LIST_CALIBRATION = "observed_expected_in_list"


@dataclass(frozen=True)
class TestPart:
    """The pooled test snapshots of one head, without features.

    ``unseen`` tells the rows of customers of whom no row was fitted, ``segments`` by column the
    value of each row.
    """

    churned: BoolArray
    weight: FloatArray
    subscribers: IntArray
    resampling: Resampling
    snapshots: int
    unseen: BoolArray
    segments: Mapping[str, npt.ArrayLike]

    @property
    def churners(self) -> int:
        """Distinct subscribers who left for the head's cause, among rows that weigh."""
        return len(np.unique(self.subscribers[self.churned & (self.weight > 0)]))


def head_metrics(cause: HeadName, size: int, settings: EvaluationSettings) -> dict[str, Metric]:
    """Return the metrics of a head by name; MPC and EMPC are defined for the active head."""
    worth = settings.profit
    chosen: dict[str, Metric] = {
        "average_precision": metrics.average_precision,
        "roc_auc": metrics.roc_auc,
        LIST_PRECISION: metrics.precision_at(size),
        "recall_at_list": metrics.recall_at(size),
        "lift_1": metrics.lift_at(0.01),
        "lift_5": metrics.lift_at(0.05),
        "lift_10": metrics.lift_at(0.10),
        "brier": metrics.brier,
        "log_loss": metrics.log_loss,
        "observed_expected": calibration.observed_expected,
        LIST_CALIBRATION: calibration.observed_expected_in(size),
        "profit_of_list": profit.list_profit(size, worth),
    }
    if cause == "active":
        chosen["mpc"] = lambda rows: profit.mpc(rows, worth)
        chosen["empc"] = lambda rows: profit.empc(rows, worth).profit
    return chosen


UNSEEN = ("average_precision", "roc_auc", "lift_10", "observed_expected")


def _on_unseen(
    chance: FloatArray,
    test: TestPart,
    chosen: Mapping[str, Metric],
    settings: EvaluationSettings,
) -> dict[str, Any]:
    """Measure the champion on customers that were never fitted, if enough of them left."""
    where = test.unseen & (test.weight > 0)
    events = int(np.count_nonzero(test.churned & where))
    counted = {"unseen_events": events, "unseen_rows": int(np.count_nonzero(where))}
    if events < settings.min_test_churners:
        return counted
    draws = Resampling.over(
        test.resampling.codes[where], replicates=settings.replicates, seed=settings.seed
    )
    found = intervals(
        {name: chosen[name] for name in UNSEEN},
        Scored.of(test.churned[where], chance[where]),
        draws,
        test.weight[where],
    )
    return {"unseen": found, **counted}


def assess(
    cause: HeadName,
    chances: Mapping[str, FloatArray],
    champion: str,
    test: TestPart,
    settings: EvaluationSettings,
    open_findings: int | None,
) -> dict[str, Any]:
    """Measure every learner on the test part and judge the champion.

    Returns
    -------
    dict
        The fields of :class:`~churn.learning.heads.HeadReport` that the test part decides.
    """
    size = settings.list_size * test.snapshots
    chosen = head_metrics(cause, size, settings)
    scored = {name: Scored.of(test.churned, chance) for name, chance in chances.items()}
    found = {
        name: intervals(chosen, rows, test.resampling, test.weight) for name, rows in scored.items()
    }
    best = scored[champion].weighed(test.weight)
    return {
        "metrics": found,
        "minus_booster": {
            name: paired_difference(
                metrics.average_precision, rows, scored[BOOSTING], test.resampling, test.weight
            )
            for name, rows in scored.items()
            if name != BOOSTING
        },
        "list_size": size,
        "list_calibrated": (
            found[champion][LIST_CALIBRATION].meets(
                settings.calibration_low, settings.calibration_high
            )
            if best.top(size).hits >= settings.verdict_events
            else None
        ),
        "reliability": calibration.reliability(best),
        "segments": segment_fits(
            test.churned, chances[champion], test.weight, test.segments, test.resampling
        ),
        **_on_unseen(chances[champion], test, chosen, settings),
        "verdict": gate(
            cause,
            average_precision=found[champion]["average_precision"],
            base_rate=best.base_rate,
            test_churners=test.churners,
            observed_expected=found[champion]["observed_expected"],
            open_findings=open_findings,
            settings=settings,
        ),
    }
