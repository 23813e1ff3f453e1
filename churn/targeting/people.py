"""Scores and context side by side, one row per scored subscriber, with its customer's tier.

Tiers are loyalty cards for the mass market, classes for key accounts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from churn.targeting.settings import TierSettings

DAYS_PER_YEAR = 365.25
_KEY_CLASSES = ("important", "high_value", "group", "strategic")
_WORDS = ("reason_1", "reason_2", "reason_3", "rule", "tree_disagrees")


def join(
    scores: pd.DataFrame, context: pd.DataFrame, settings: TierSettings, as_of: date
) -> pd.DataFrame:
    """Join scores and context, sorted by subscriber whatever the order they came in.

    Adds ``key_classes`` (of the customer), ``tier``, and empty wording columns where the scores
    bring none. Lines, spend and tenure of a household are those of its scored lines.
    """
    joined = scores.merge(context, on="subscriber_id", how="left", validate="one_to_one")
    missing = int(joined["customer_id"].isna().sum())
    if missing:
        raise ValueError(f"{missing} scored subscribers have no context")
    people = joined.sort_values("subscriber_id", ignore_index=True)
    absent = {name: None for name in _WORDS if name not in people}
    lines = people.assign(
        **absent,
        key_classes=_key_classes(people["key_account_classes"]),
        has_mobile=people["product"].eq("mobile"),
        activated_on=pd.to_datetime(people["activated_on"]),
    ).groupby("customer_id", sort=False)
    households = pd.DataFrame(
        {
            "activated_on": lines["activated_on"].transform("min"),
            "yearly_spend": lines["yearly_spend"].transform("sum"),
            "lines": lines["subscriber_id"].transform("count"),
            "has_mobile": lines["has_mobile"].transform("max"),
            "key_classes": lines["key_classes"].transform("max"),
        }
    )
    return people.assign(
        **absent,
        key_classes=households["key_classes"],
        tier=tiers(households, settings, as_of),
    )


def _key_classes(classes: pd.Series[str]) -> pd.Series[int]:
    """Count the key-account classes a subscriber's row names, ``potential`` not among them."""
    marked = ";" + classes.astype("str").fillna("").str.replace(" ", "") + ";"
    counts = [marked.str.contains(f";{name};", regex=False) for name in _KEY_CLASSES]
    return pd.Series(np.sum(counts, axis=0, dtype=np.int64), index=classes.index)


def tiers(households: pd.DataFrame, settings: TierSettings, as_of: date) -> pd.Series[str]:
    """Return gold, silver or standard per household; key or top_key for key accounts.

    Parameters
    ----------
    households
        One row per customer: ``activated_on`` (of the oldest line; missing: no tenure),
        ``yearly_spend`` (currency), ``lines`` (count), ``has_mobile`` (bool), ``key_classes``
        (count of key-account classes, *potential* not counted; two or more are the top class).
    """
    total = points(households, settings, as_of).sum(axis=1).to_numpy()
    classes = households["key_classes"].to_numpy(np.int64)
    card = np.select(
        [classes > 1, classes == 1, total >= settings.gold, total >= settings.silver],
        ["top_key", "key", "gold", "silver"],
        "standard",
    )
    return pd.Series(card, index=households.index, dtype="str")


def points(households: pd.DataFrame, settings: TierSettings, as_of: date) -> pd.DataFrame:
    """Return each household's points by what earns them: ``tenure, spend, lines, mobile``.

    Parameters
    ----------
    households
        As for :func:`tiers`, without ``key_classes``.
    """
    tenure = (pd.Timestamp(as_of) - pd.to_datetime(households["activated_on"])).dt.days
    years = tenure.to_numpy(np.float64) / DAYS_PER_YEAR
    return pd.DataFrame(
        {
            "tenure": _reached(years, settings.tenure_years),
            "spend": _reached(
                households["yearly_spend"].to_numpy(np.float64), settings.yearly_spend
            ),
            "lines": _reached(households["lines"].to_numpy(np.float64), settings.lines),
            "mobile": settings.mobile_bonus * households["has_mobile"].to_numpy(np.int64),
        },
        index=households.index,
    )


def _reached(values: npt.NDArray[np.float64], bounds: Sequence[float]) -> npt.NDArray[np.int64]:
    """Return how many of the rising bounds each value reaches; missing values reach none."""
    known = np.nan_to_num(values, nan=-np.inf)
    reached = np.searchsorted(np.asarray(bounds, dtype=np.float64), known, side="right")
    return reached.astype(np.int64)
