"""Metrics of a ranking of rare churners: tie-safe, weighted, independent of row order.

Class 1 is churn everywhere here. Rows with equal scores share the cut: a list that ends inside
such a group counts the share of the group that fits, so that the order of rows never matters.
Undefined metrics (no churner, no stayer, no rows) are NaN.
"""

from __future__ import annotations

import numpy as np

from churn.evaluation.area import area
from churn.evaluation.ranking import Metric, Weighed

NAN = float("nan")


def average_precision(rows: Weighed) -> float:
    """Return the average precision: range [0, 1], at chance the base rate.

    The sum over cuts of precision times the recall gained there (no interpolation), as
    scikit-learn's ``average_precision_score``.

    Examples
    --------
    >>> from churn.evaluation.ranking import Scored
    >>> average_precision(Scored.of([0, 1, 0, 1], [0.1, 0.4, 0.35, 0.8]).weighed())
    1.0
    """
    if rows.events <= 0:
        return NAN
    hits, mass = rows.cuts
    precision = np.divide(hits, mass, out=np.zeros_like(hits), where=mass > 0)
    return float(rows.group_hits @ precision) / rows.events


def roc_auc(rows: Weighed) -> float:
    """Return the chance that a churner outranks a stayer: range [0, 1], ties count half."""
    stayers = rows.total - rows.events
    hits, end = rows.cuts
    start = rows.mass[rows.scored.churner_groups[1]]
    below = stayers - (end - hits)
    beside = (end - start) - rows.group_hits
    return area(rows.group_hits, below, beside, churners=rows.events, others=stayers)


def precision_at(size: float) -> Metric:
    """Return the metric "share of churners in a list of ``size``": range [0, 1].

    ``size`` is measured in weight: plain rows where every row weighs 1. A list longer than the
    population is the whole population.
    """

    def precision(rows: Weighed) -> float:
        top = rows.top(size)
        return top.hits / top.mass if top.mass > 0 else NAN

    return precision


def recall_at(size: float) -> Metric:
    """Return the metric "share of all churners who are in a list of ``size``": range [0, 1]."""

    def recall(rows: Weighed) -> float:
        return rows.top(size).hits / rows.events if rows.events > 0 else NAN

    return recall


def lift_at(share: float) -> Metric:
    """Return the metric "precision in the riskiest ``share`` over the base rate": 1 at chance.

    Parameters
    ----------
    share
        In (0, 1], e.g. 0.01 for the riskiest hundredth.
    """
    if not 0 < share <= 1:
        raise ValueError(f"a share of {share} is not in (0, 1]")

    def lift(rows: Weighed) -> float:
        if rows.events <= 0:
            return NAN
        top = rows.top(share * rows.total)
        return (top.hits / top.mass) / rows.base_rate

    return lift


def brier(rows: Weighed) -> float:
    """Return the mean squared distance of chance and outcome: range [0, 1], low is good."""
    if rows.total <= 0:
        return NAN
    return float(rows.weight @ rows.scored.squared_error) / rows.total


def log_loss(rows: Weighed) -> float:
    """Return the mean negative log-likelihood in nats: low is good.

    Chances are clipped to [1e-12, 1 - 1e-12].
    """
    if rows.total <= 0:
        return NAN
    return float(rows.weight @ rows.scored.log_error) / rows.total
