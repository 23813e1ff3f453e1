"""Foreseen downgrades: lines whose chance to move to a cheaper plan stands out tonight."""

from __future__ import annotations

import pandas as pd

from churn.early_warnings.settings import EarlyWarningSettings

CHANCE = "p_downgrade"


def foreseen(chances: pd.DataFrame, settings: EarlyWarningSettings) -> pd.DataFrame | None:
    """Return whose chance of a downgrade is so many times the mean of all scored, or more.

    Parameters
    ----------
    chances
        ``subscriber_id`` and, where the models tell of downgrades, ``p_downgrade`` of everyone
        scored (NaN: the head is off).

    Returns
    -------
    DataFrame or None
        ``subscriber_id, p_downgrade``, by subscriber; None where no head tells.
    """
    if CHANCE not in chances or chances[CHANCE].isna().all():
        return None
    bound = settings.downgrade_lift * chances[CHANCE].mean()
    rows = chances.loc[chances[CHANCE] >= bound, ["subscriber_id", CHANCE]]
    return rows.sort_values("subscriber_id", ignore_index=True)
