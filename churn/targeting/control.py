"""The control arm: a share of the selected who are left alone, drawn by a portable hash.

The draw depends on the customer and the campaign only, so every engine, platform and order of
rows gives the same arm, and a customer keeps its arm for the whole campaign.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from churn.draws import FINE, uniform


def draws(ids: Iterable[str], salt: str) -> npt.NDArray[np.float64]:
    """Return one portable uniform draw in [0, 1) per id: md5 of ``salt|id``.

    Examples
    --------
    >>> draws(["c1"], "retention-2025-03").round(6).tolist()
    [0.977702]
    """
    return uniform((f"{salt}|{name}" for name in ids), FINE)


def in_control(
    customers: Iterable[str], campaign: str, share: npt.ArrayLike
) -> npt.NDArray[np.bool_]:
    """Tell per customer whether the campaign leaves it alone: a share of all, or one for each."""
    return np.asarray(draws(customers, campaign) < np.asarray(share), dtype=np.bool_)
