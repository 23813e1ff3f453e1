"""Who is given a reward this month: by card, within the month's budget, some left alone."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from churn.loyalty.cards import CARDS
from churn.loyalty.settings import LoyaltySettings
from churn.targeting.control import in_control

STANDINGS = (
    "rewarded",
    "control",
    "beyond_budget",
    "applied_to_port",
    "opted_out",
    "in_arrears",
    "leave_alone",
)
_CENTS = 100


def rewards(
    cards: pd.DataFrame, facts: pd.DataFrame, settings: LoyaltySettings, as_of: date
) -> pd.DataFrame:
    """Return every household whose anniversary is this month and whose card has a reward.

    The month's rewards are decided at once, from the month and the households alone: every night
    of the month gives the same, but for what has changed of a household since. Gold comes first,
    then who spends most. Who is left alone to compare is drawn before the budget is shared out, and
    takes its part of it, so that the budget decides nothing about who is compared with whom.

    Parameters
    ----------
    cards
        :func:`churn.loyalty.cards.cards`.
    facts
        By the same ``customer_id``: ``activated_on, yearly_spend``; ``applied_to_port, opted_out``
        (every channel), ``in_arrears`` and ``leave_alone`` (on the night's list, in its control
        arm, or contacted not long ago: one thing at a time).

    Returns
    -------
    DataFrame
        ``customer_id, card, points, anniversary_on, years, cost, standing`` (of ``STANDINGS``).
    """
    costs = {reward.card: reward.cost for reward in settings.rewards}
    rows = cards[["customer_id", "card", "points"]].merge(
        facts, on="customer_id", how="left", validate="one_to_one"
    )
    since = pd.to_datetime(rows["activated_on"])
    years = as_of.year - since.dt.year
    due = (since.dt.month == as_of.month) & (years > 0) & rows["card"].isin(list(costs))
    rows = rows[due].assign(years=years[due].astype("int64"))
    rows["anniversary_on"] = [
        _anniversary(day.date(), as_of.year) for day in pd.to_datetime(rows["activated_on"])
    ]
    rows["cost"] = rows["card"].map(costs).astype("float64")
    rows["place"] = rows["card"].map({name: place for place, name in enumerate(CARDS)})
    rows = rows.sort_values(
        ["place", "yearly_spend", "customer_id"],
        ascending=[True, False, True],
        na_position="last",
        ignore_index=True,
    )
    barred = [rows[name].astype(bool).to_numpy() for name in STANDINGS[3:]]
    open_ = ~np.any(barred, axis=0)
    cents = np.where(open_, (rows["cost"] * _CENTS).round(), 0).astype(np.int64)
    inside = cents.cumsum() <= round(settings.budget * _CENTS)
    spared = in_control(rows["customer_id"], f"loyalty-{as_of:%Y-%m}", settings.control_share)
    rows["standing"] = np.select(
        [*barred, ~inside, spared], [*STANDINGS[3:], "beyond_budget", "control"], "rewarded"
    )
    columns = ["customer_id", "card", "points", "anniversary_on", "years", "cost", "standing"]
    return rows[columns]


def _anniversary(day: date, year: int) -> date:
    """Return the day's anniversary; of a leap day the last of February."""
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 2, 28)
