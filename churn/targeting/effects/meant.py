"""Whose draws tell of an action: of those it makes sense for, who alone get it tonight."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from churn.targeting.actions import Action, Need
from churn.targeting.effects.outcomes import answered

LISTED = "listed"
"""Whether a list of our own drew the row: what the action needs was asked on its day."""

_HELD_BEFORE: dict[Need, str] = {
    "key_account": "key_account",
    "recent_fault": "recent_fault",
    "arrears": "amount_overdue",
}
"""The column of :data:`~churn.targeting.effects.arms.EARLIER` that is above 0 where it held."""

FEWEST = 20
"""Departures that the smaller arm should have, without an effect, to tell more than nothing."""


def meant(rows: pd.DataFrame, actions: Sequence[Action]) -> npt.NDArray[np.bool_]:
    """Tell which draws tell of their action: shape (n,), those of whom it makes sense for.

    A repair call helps whose line failed, and wakes the others; a list makes it to the former
    alone, so that the mean over everyone a campaign drew would be an effect of nobody's. What an
    action needs is asked as of the half month's first day, before the lot, so the arms stay alike.

    Where the smaller arm of these should have had fewer than :data:`FEWEST` departures, everyone
    drawn counts: a poor hint, but better than to believe of the settings' effect what a campaign
    could show of nobody. That is asked of both arms' departures together, so that the lot, and the
    effect, hardly decide who counts.

    Conditions (``when``) are not asked: they may look at scores, which no past night gave these.

    Parameters
    ----------
    rows
        Of :func:`churn.targeting.effects.arms.assignments`; with :data:`LISTED`, what our own
        lists drew counts in any case.
    """
    told = np.ones(len(rows), dtype=np.bool_)
    listed = rows[LISTED].to_numpy(np.bool_) if LISTED in rows else ~told
    treated = rows["treated"].to_numpy() == 1
    for action in actions:
        of_action = (rows["action"] == action.name).to_numpy(np.bool_)
        held = of_action.copy()
        for need in action.needs:
            # null: it did not hold
            held &= listed | (rows[_HELD_BEFORE[need]].astype("float64").to_numpy() > 0)
        if held.sum() < of_action.sum():
            left = answered(rows, action)[held].sum()
            share = treated[held].mean() if held.any() else 0.0
            if left * min(share, 1 - share) >= FEWEST:
                told &= held | ~of_action
    return told
