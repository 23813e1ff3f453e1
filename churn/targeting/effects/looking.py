r"""Verdicts that stay true however often one looks, and the size that reaches one.

With information ``I`` (one over the squared standard error) and a statistic ``z``, the mixture of
all effects with spread ``s`` around none gives

    e = (1 + s^2 I)^(-1/2) exp(z^2 s^2 I / (2 (1 + s^2 I)))

which, where there is no effect, exceeds ``1 / alpha`` at any time at all with a chance of at most
``alpha`` (Robbins, "Statistical methods related to the law of the iterated logarithm", *Annals of
Mathematical Statistics* 41, 1970; Howard et al., *Annals of Statistics* 49, 2021). ``1 / e`` is
then a p-value that may be looked at every night, and Holm's steps correct for how many actions are
looked at.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from churn.late import Late

stats = Late("scipy.stats")

FloatArray = npt.NDArray[np.float64]

SPREAD = 0.3  # of logarithms of relative risks among actions: fixed before any is seen
LEVEL = 0.05
POWER = 0.8
_MOST = 1e9


def p_value(z: npt.ArrayLike, information: npt.ArrayLike) -> FloatArray:
    """Return the p-value, valid under looking, of statistics ``z`` at such information."""
    amount = np.asarray(information, dtype=np.float64) * SPREAD**2
    log_e = np.asarray(z) ** 2 * amount / (2 * (1 + amount)) - np.log1p(amount) / 2
    return np.asarray(np.exp(-np.maximum(log_e, 0.0)), dtype=np.float64)


def multiplier(information: npt.ArrayLike, level: float = LEVEL) -> FloatArray:
    """Return how many standard errors an interval valid under looking reaches to each side."""
    amount = np.maximum(np.asarray(information, dtype=np.float64) * SPREAD**2, 1e-12)
    squared = 2 * (1 + amount) / amount * (np.log(1 / level) + np.log1p(amount) / 2)
    return np.asarray(np.sqrt(squared), dtype=np.float64)


def selected_to_prove(
    chance: float, gamma: float, control_share: float, *, looks: bool = False, among: int = 1
) -> float:
    """Return how many must be selected to prove an effect with a power of .8, at level .05.

    Parameters
    ----------
    chance
        Share of the controls that leaves.
    gamma
        Relative fall of that chance.
    control_share
        Share of the selected that is left alone.
    looks
        Whether one looks every night; else once, at the end.
    among
        How many actions are looked at.

    Examples
    --------
    >>> [round(selected_to_prove(0.1, 0.3, share), -2) for share in (0.1, 0.5)]
    [8500.0, 2700.0]
    """
    if not 0 < chance < 1 or gamma == 0 or not 0 < control_share < 1:
        return float("inf")
    after = chance * (1 - gamma)
    each = chance * (1 - chance) / control_share + after * (1 - after) / (1 - control_share)
    reached = float(stats.norm.ppf(POWER))
    effect = chance * gamma
    once = (float(stats.norm.ppf(1 - LEVEL / among / 2)) + reached) ** 2 * each / effect**2
    if not looks:
        return once
    low, high = once, _MOST
    per_selected = chance**2 / each  # information on the logarithm of the relative risk
    for _ in range(100):
        middle = np.sqrt(low * high)
        far = float(multiplier(per_selected * middle, LEVEL / among)) + reached
        if effect * np.sqrt(middle / each) >= far:
            high = middle
        else:
            low = middle
    return float(high)
