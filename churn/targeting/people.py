"""Scores and context side by side, one row per scored subscriber, with its customer's tier."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from churn.targeting.settings import TierSettings
from churn.targeting.tier import tiers

_KEY_CLASSES = ("important", "high_value", "group", "strategic")
_WORDS = ("reason_1", "reason_2", "reason_3", "rule", "tree_disagrees")


def join(
    scores: pd.DataFrame, context: pd.DataFrame, settings: TierSettings, as_of: date
) -> pd.DataFrame:
    """Join scores and context, sorted by subscriber whatever the order they came in.

    Adds ``key_classes`` (of the customer), ``tier``, and empty wording columns where the scores
    bring none. Lines, spend and tenure of a household are those of its scored lines.

    Raises
    ------
    ValueError
        If a subscriber is scored twice or has no context.
    """
    joined = scores.merge(context, on="subscriber_id", how="left", validate="one_to_one")
    missing = int(joined["customer_id"].isna().sum())
    if missing:
        msg = f"{missing} scored subscribers have no context"
        raise ValueError(msg)
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
