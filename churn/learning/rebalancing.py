"""Raising the share of churners in training rows, and undoing what that does to the chances.

A learner that saw a share ``beta`` of the non-churners, and weighed churners ``w`` times, gives
odds that are ``w / beta`` times too high: its logit is repaired by adding ``log(beta / w)``. For
rows made up by SMOTE, and for ensembles of balanced draws, that is a start and no repair: their
chances are right by calibration alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from churn.draws import generator
from churn.evaluation.ranking import BoolArray, FloatArray, IntArray
from churn.learning.encoding import Matrix
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
        rows = np.sort(_undersampled(rows, outcome, {0: kept}, seed))
    weights = weight[rows]
    repair = float(np.log(kept / negatives))
    if method == "weights":
        churners = outcome[rows]
        ratio = float(weights[~churners].sum() / weights[churners].sum())
        weights = np.where(churners, weights * ratio, weights)
        repair -= float(np.log(ratio))
    return Rebalanced(rows.astype(np.int64), weights, repair)


def balanced_draws(
    method: Method,
    outcome: BoolArray,
    weight: FloatArray,
    settings: RebalancingSettings,
    seed: int,
) -> list[Rebalanced]:
    """Draw as many non-churners as churners, several times.

    ``easy_ensemble`` keeps every churner (Liu, Wu and Zhou, 2009); ``balanced_bagging`` first draws
    all rows with replacement.

    Parameters
    ----------
    outcome, weight
        Shape (n,): training rows with positive weight, both outcomes among them.
    """
    source, drawn = generator(seed), []
    total = weight[outcome].sum() / weight[~outcome].sum()
    for bag in range(settings.bags):
        rows = np.arange(len(outcome))
        if method == "balanced_bagging":
            rows = np.concatenate(
                [source.choice(side, len(side)) for side in (rows[outcome], rows[~outcome])]
            )
        kept = np.sort(rows[_undersampled(rows, outcome[rows], "majority", seed + bag)])
        odds = weight[kept][outcome[kept]].sum() / weight[kept][~outcome[kept]].sum()
        drawn.append(Rebalanced(kept, weight[kept], float(np.log(total / odds))))
    return drawn


def _undersampled(
    rows: IntArray, outcome: BoolArray, strategy: str | dict[int, int], seed: int
) -> IntArray:
    """Return the positions that are kept of the rows."""
    # It loads scikit-learn's checks of estimators and pytest: a fifth of a command's start.
    from imblearn.under_sampling import RandomUnderSampler  # noqa: PLC0415 - as above

    sampler = RandomUnderSampler(sampling_strategy=strategy, random_state=seed)
    sampler.fit_resample(rows.reshape(-1, 1), outcome.astype(np.int64))
    positions: IntArray = sampler.sample_indices_
    return positions


BLOCK = 20_000
"""Rows decoded at once: as dense ones they take memory."""


def _one_hot() -> Any:
    """Return an encoder of flags for SMOTE-NC whose way back is not through sparse rows.

    scikit-learn decodes those row by row in Python, which took two thirds of the time.
    """
    from sklearn.preprocessing import OneHotEncoder  # noqa: PLC0415 - slow to load, as imblearn

    class OneHot(OneHotEncoder):  # type: ignore[misc] # scikit-learn has no types
        def inverse_transform(self, rows: Any) -> Any:
            blocks = [rows[at : at + BLOCK].toarray() for at in range(0, rows.shape[0], BLOCK)]
            return np.vstack([super(OneHot, self).inverse_transform(each) for each in blocks])

    return OneHot(handle_unknown="ignore", dtype=np.float32)


def synthesised(
    matrix: Matrix,
    outcome: BoolArray,
    weight: FloatArray,
    settings: RebalancingSettings,
    seed: int,
) -> tuple[Matrix, BoolArray, FloatArray, float]:
    """Add churners made up between churners alike, so many for each (Chawla et al., 2002).

    They become no more than the others are. Columns that are 0 or 1 take the value of most
    neighbours, whether a value is missing among them (SMOTE-NC; SMOTE-N where there are no others).

    Returns
    -------
    tuple
        The rows with those made up behind them: matrix, outcome and weight, the latter for new ones
        that of a mean churner; what to add to the learner's logit to be near the natural base rate.
    """
    # slow to load, see _undersampled
    from imblearn.over_sampling import SMOTE, SMOTEN, SMOTENC  # noqa: PLC0415 - as above

    missing = np.isnan(matrix)
    marked = np.flatnonzero(missing.any(axis=0))
    told = ~missing.all(axis=0)
    usual = np.zeros(matrix.shape[1], dtype=np.float32)
    usual[told] = np.nanmedian(matrix[:, told], axis=0)
    filled = np.where(missing, usual, matrix)
    rows = np.hstack([filled, missing[:, marked].astype(np.float32)])
    flags = np.isin(rows, (0.0, 1.0)).all(axis=0)
    churners = int(np.count_nonzero(outcome))
    wanted = min(round(churners * (1 + settings.made_up)), len(outcome) - churners)
    options = {
        "k_neighbors": min(settings.neighbours, churners - 1),
        "random_state": seed,
        "sampling_strategy": {1: max(wanted, churners)},
    }
    if flags.all():
        sampler = SMOTEN(**options)
    elif flags.any():
        sampler = SMOTENC(np.flatnonzero(flags).tolist(), categorical_encoder=_one_hot(), **options)
    else:
        sampler = SMOTE(**options)
    made, labels = sampler.fit_resample(rows, outcome.astype(np.int64))
    made = np.asarray(made, dtype=np.float32)
    width = matrix.shape[1]
    new = made[len(outcome) :, :width].copy()
    for at, column in enumerate(marked):
        new[made[len(outcome) :, width + at] > 0.5, column] = np.nan  # noqa: PLR2004 - a flag
    churned = np.asarray(labels, dtype=np.bool_)
    mass = np.concatenate([weight, np.full(len(new), weight[outcome].mean())])
    odds = mass[churned].sum() / weight[outcome].sum()
    return np.vstack([matrix, new]), churned, mass, -float(np.log(odds))
