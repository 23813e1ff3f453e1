"""What rows weigh in fitting: less than in judging where a customer is kept out of every fit."""

from __future__ import annotations

import numpy as np
import pandas as pd

from churn.panel.rows import DOWNGRADED
from churn.panel.settings import PanelSettings
from churn.panel.split import never_trained


def with_training_weights(rows: pd.DataFrame, settings: PanelSettings) -> pd.DataFrame:
    """Add to a panel's rows what they weigh in fitting, where that differs from their weight.

    Returns
    -------
    DataFrame
        ``training_weight``: 0 for customers that are kept out of every fit. ``plain_weight``, where
        campaigns touched any row: what each would weigh if none had.
    """
    kept_out = np.zeros(len(rows), dtype=np.bool_)
    if settings.unseen_share:
        kept_out = never_trained(rows["customer_id"], settings.unseen_share)
        rows = rows.assign(training_weight=rows["weight"].where(~kept_out, 0.0))
    if not (rows["weight"] == 0).any():
        return rows
    whole = sorted(rows["snapshot"].unique())[-settings.test :]  # never sampled
    sampled = ~rows["snapshot"].isin(whole) & (rows["outcome"] == "none")
    if DOWNGRADED in rows:
        sampled &= ~rows[DOWNGRADED].astype("boolean").fillna(value=False).to_numpy(np.bool_)
    plain = np.where(sampled, 1 / settings.keep_negatives, 1.0)
    return rows.assign(plain_weight=np.where(kept_out, 0.0, plain))
