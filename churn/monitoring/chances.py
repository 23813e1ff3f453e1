"""What chances say of themselves, before any outcome is known."""

from __future__ import annotations

import numpy as np

from churn.evaluation.ranking import FloatArray


def expected_average_precision(chance: FloatArray, weight: FloatArray) -> float:
    """Return the average precision that the chances promise: range [0, 1]; NaN without any.

    Outcomes are taken to follow the chances. Where the dependence of churn on what the model reads
    has changed this says nothing: it is no measurement.

    Examples
    --------
    >>> expected_average_precision(np.array([1.0, 0.0]), np.ones(2))
    1.0
    """
    order = np.argsort(-chance, kind="stable")
    promised = (weight * chance)[order]
    total = float(promised.sum())
    if total <= 0:
        return float("nan")
    precision = np.cumsum(promised) / np.maximum(np.cumsum(weight[order]), 1e-300)
    return float(promised @ precision) / total
