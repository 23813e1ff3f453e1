"""Tier of a customer: loyalty cards for the mass market, classes for key accounts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from churn.targeting.settings import TierSettings

DAYS_PER_YEAR = 365.25


def tiers(households: pd.DataFrame, settings: TierSettings, as_of: date) -> pd.Series[str]:
    """Return gold, silver or standard per household; key or top_key for key accounts.

    Parameters
    ----------
    households
        One row per customer: ``activated_on`` (of the oldest line; missing: no tenure),
        ``yearly_spend`` (currency), ``lines`` (count), ``has_mobile`` (bool), ``key_classes``
        (count of key-account classes, *potential* not counted; two or more are the top class).
    """
    tenure = (pd.Timestamp(as_of) - pd.to_datetime(households["activated_on"])).dt.days
    points = _reached(tenure.to_numpy(np.float64) / DAYS_PER_YEAR, settings.tenure_years)
    points += _reached(households["yearly_spend"].to_numpy(np.float64), settings.yearly_spend)
    points += _reached(households["lines"].to_numpy(np.float64), settings.lines)
    points += settings.mobile_bonus * households["has_mobile"].to_numpy(np.int64)
    classes = households["key_classes"].to_numpy(np.int64)
    card = np.select(
        [classes > 1, classes == 1, points >= settings.gold, points >= settings.silver],
        ["top_key", "key", "gold", "silver"],
        "standard",
    )
    return pd.Series(card, index=households.index, dtype="str")


def _reached(values: npt.NDArray[np.float64], bounds: Sequence[float]) -> npt.NDArray[np.int64]:
    """Return how many of the rising bounds each value reaches; missing values reach none."""
    known = np.nan_to_num(values, nan=-np.inf)
    reached = np.searchsorted(np.asarray(bounds, dtype=np.float64), known, side="right")
    return reached.astype(np.int64)
