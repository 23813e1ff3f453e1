"""Parts of a table that is one period: shares of its groups, by the digest of their name."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from churn.draws import uniform
from churn.panel.split import Part

TEST = 1 / 3
CALIBRATION = 1 / 6


def part_of(key: str, seed: int) -> Part:
    """Give a whole group to one part, by the digest of its name.

    Examples
    --------
    >>> part_of("7590-VHVEG", 1) == part_of("7590-VHVEG", 1)
    True
    """
    (drawn,) = uniform([f"part:{seed}:{key}"])
    if drawn < TEST:
        return "test"
    return "calibration" if drawn < TEST + CALIBRATION else "train"


def population_weight(
    churned: npt.NDArray[np.bool_], part: npt.NDArray[np.object_], base_rate: float
) -> npt.NDArray[np.float64]:
    """Weigh rows by R/tau and (1-R)/(1-tau), tau being the share in the row's part.

    Whoever resampled by outcome fixed the share; by how much a part deviates from it is luck and
    says nothing about R, so every part is weighed to R itself.
    """
    weight = np.ones(len(churned))
    for name in np.unique(part):
        inside = part == name
        share = float(churned[inside].mean())
        if 0 < share < 1:
            odds = np.where(churned, base_rate / share, (1 - base_rate) / (1 - share))
            weight[inside] = odds[inside]
    return weight
