"""Who met what a head foretells, by the rows of a panel."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from churn.causes import CAUSES, HeadName
from churn.panel.rows import DOWNGRADED


def met(rows: pd.DataFrame, head: HeadName) -> npt.NDArray[np.bool_]:
    """Tell, per row of a panel, who met what a head foretells: shape (n,).

    Leaving for the other cause is none; a downgrade is one whoever left after it.
    """
    if head in CAUSES:
        return np.asarray(rows["outcome"] == head)
    told = rows[DOWNGRADED].astype("boolean").fillna(value=False)
    return np.asarray(told, dtype=np.bool_)


def known(rows: pd.DataFrame, head: HeadName) -> npt.NDArray[np.bool_]:
    """Tell, per row of a panel, whether it is on record who met it: shape (n,)."""
    if head in CAUSES:
        return np.ones(len(rows), dtype=np.bool_)
    return np.asarray(rows[DOWNGRADED].notna(), dtype=np.bool_)
