"""What became of earlier lists so far: who left of those contacted and of those left alone."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from churn.windows import TimeSettings

PAST_LIST_COLUMNS = (
    "month", "arm", "subscribers", "expected", "left", "gone", "windows_closed", "final",
)  # fmt: skip


def past_lists(
    drawn: pd.DataFrame, departed: pd.DataFrame, time: TimeSettings, as_of: date
) -> pd.DataFrame:
    """Return expected and observed departures of earlier lists, by month of the list and arm.

    Parameters
    ----------
    drawn
        Who was selected: ``subscriber_id, night, arm`` (treated, control) and ``chance`` (to leave
        for any cause, as that night scored it; NaN where that is no longer stored). Of several
        draws of a subscriber in one month the first counts.
    departed
        ``subscriber_id, left_on, back_on`` of departures known by now.
    time
        Lead, outcome window and grace.

    Returns
    -------
    DataFrame
        ``PAST_LIST_COLUMNS``, the latest month first: ``subscribers`` of the arm, ``expected`` the
        sum of their chances if left alone, ``left`` those whose first departure since lies in the
        outcome window, whatever its cause, and was not cured within grace; ``gone`` those who left
        before it opened, which no chance speaks of; ``windows_closed`` of how many it has closed;
        ``final`` whether grace has passed for all of them.
    """
    rows = drawn.assign(month=[night.replace(day=1) for night in drawn["night"]])
    rows = rows.sort_values(["night", "subscriber_id"], kind="stable")
    rows = rows.drop_duplicates(["month", "subscriber_id"], ignore_index=True)
    rows["place"] = np.arange(len(rows))
    both = rows[["place", "subscriber_id", "night"]].merge(departed, on="subscriber_id")
    nights, left_on, back_on = (
        pd.to_datetime(both[name]) for name in ("night", "left_on", "back_on")
    )
    cured = (back_on - left_on).dt.days <= time.grace
    day = (left_on - nights).dt.days
    first = day[(day >= 0) & ~cured].groupby(both["place"]).min().reindex(rows["place"])
    opens, closes = time.lead, time.lead + time.outcome
    rows["gone"] = (first < opens).to_numpy()
    rows["left"] = ((first >= opens) & (first < closes)).to_numpy()
    age = (pd.Timestamp(as_of) - pd.to_datetime(rows["night"])).dt.days
    rows["closed"] = age >= closes
    rows["ripe"] = age >= closes + time.grace
    summed = rows.groupby(["month", "arm"], sort=True).agg(
        subscribers=("place", "size"),
        expected=("chance", lambda chances: chances.sum(skipna=False)),
        left=("left", "sum"),
        gone=("gone", "sum"),
        windows_closed=("closed", "sum"),
        final=("ripe", "all"),
    )
    told = summed.reset_index().sort_values(
        ["month", "arm"], ascending=[False, False], ignore_index=True
    )
    return told[list(PAST_LIST_COLUMNS)]
