"""Chances corrected for how many were looked at."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from churn.evaluation.ranking import FloatArray


def holm(p_values: npt.ArrayLike) -> FloatArray:
    """Return p-values corrected for how many there are, by Holm's steps: shape (n,).

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]
    """
    given = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(given, kind="stable")
    steps = given[order] * np.arange(len(given), 0, -1)
    corrected = np.empty_like(given)
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return corrected
