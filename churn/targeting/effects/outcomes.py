"""What became of those drawn: who met what an action answers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from churn.causes import HeadName
from churn.targeting.actions import Action

IntArray = npt.NDArray[np.int64]


def met(rows: pd.DataFrame, head: HeadName) -> IntArray:
    """Tell who met what a head foretells: 0 or 1, shape (n,).

    Parameters
    ----------
    rows
        ``left_<head>`` of each; absent or null where no plan changes were on record: nobody then.
    """
    name = f"left_{head}"
    column = rows[name] if name in rows else pd.Series(0, rows.index)
    found: IntArray = column.fillna(0).to_numpy(np.int64)
    return found


def answered(rows: pd.DataFrame, action: Action) -> IntArray:
    """Tell who left for a cause that the action answers, or moved down: 0 or 1, shape (n,)."""
    found: IntArray = np.max([met(rows, head) for head in action.heads], axis=0)
    return found
