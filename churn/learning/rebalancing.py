"""Raising the share of churners in training rows, and undoing what that does to the chances.

A learner that saw a share ``beta`` of the non-churners, and weighed churners ``w`` times, gives
odds that are ``w / beta`` times too high: its logit is repaired by adding ``log(beta / w)``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from imblearn.under_sampling import RandomUnderSampler

from churn.evaluation.ranking import BoolArray, FloatArray, IntArray
from churn.learning.settings import Method, RebalancingSettings


@dataclass(frozen=True)
class Rebalanced:
    """The rows a learner sees.

    Attributes
    ----------
    rows
        Positions in the training rows, ascending.
    weight
        One weight per kept row.
    repair
        What to add to the learner's logit to be back at the natural base rate.
    """

    rows: IntArray
    weight: FloatArray
    repair: float


def rebalance(
    method: Method,
    outcome: BoolArray,
    weight: FloatArray,
    settings: RebalancingSettings,
    seed: int,
) -> Rebalanced:
    """Apply one method to training rows.

    Parameters
    ----------
    outcome, weight
        Shape (n,): training rows with positive weight, both outcomes among them.
    """
    negatives = int(np.count_nonzero(~outcome))
    wanted = settings.keep_share if method == "undersampling" else 1.0
    most = min(settings.max_negatives, settings.max_per_churner * int(np.count_nonzero(outcome)))
    kept = max(1, min(round(wanted * negatives), most))
    rows = np.arange(len(outcome))
    if kept < negatives:
        sampler = RandomUnderSampler(sampling_strategy={0: kept}, random_state=seed)
        sampler.fit_resample(rows.reshape(-1, 1), outcome.astype(np.int64))
        rows = np.sort(sampler.sample_indices_)
    weights = weight[rows]
    repair = float(np.log(kept / negatives))
    if method == "weights":
        churners = outcome[rows]
        ratio = float(weights[~churners].sum() / weights[churners].sum())
        weights = np.where(churners, weights * ratio, weights)
        repair -= float(np.log(ratio))
    return Rebalanced(rows.astype(np.int64), weights, repair)
