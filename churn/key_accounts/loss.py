"""Revenue of key accounts lost to churn this year, against what may be lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from churn.causes import CAUSES, Cause

BASE_MONTHS = 3


@dataclass(frozen=True)
class Loss:
    """What key accounts brought at the start of the year, and what of it has gone.

    Parameters
    ----------
    base
        Their revenue a month at the start of the year, in currency: the mean of the three months
        before; None where no bill of then is known.
    lost
        By cause, what their lines that left this year had brought a month.
    lines
        By cause, how many left.
    at_risk
        What tonight's chances would take from them, a month; None where nobody was scored.
    """

    since: date
    base: float | None
    lost: dict[Cause, float]
    lines: dict[Cause, int]
    at_risk: float | None

    @property
    def share(self) -> float | None:
        """Share of the base that was lost."""
        return sum(self.lost.values()) / self.base if self.base else None

    @property
    def share_at_risk(self) -> float | None:
        """Share of the base that tonight's risks would add."""
        if not self.base or self.at_risk is None:
            return None
        return self.at_risk / self.base


def loss(accounts: pd.DataFrame, lines: pd.DataFrame, sums: pd.DataFrame, night: date) -> Loss:
    """Return what key accounts, potential ones apart, have lost since the start of the year.

    Parameters
    ----------
    accounts, lines
        See :class:`churn.key_accounts.KeyAccounts`; lines with ``lost``, the bill before leaving.
    sums
        :func:`churn.key_accounts.monthly_sums`, months as dates.
    """
    first = year_start(night)
    key = accounts.loc[accounts["tier"] != "potential", "customer_id"]
    theirs = lines[lines["customer_id"].isin(key)]
    months = pd.to_datetime(sums["month"])
    before = (months < pd.Timestamp(first)) & (
        months >= pd.Timestamp(first) - pd.DateOffset(months=BASE_MONTHS)
    )
    billed = sums[before & (sums["what"] == "bills") & sums["customer_id"].isin(key)]
    left = pd.to_datetime(theirs["left_on"]) >= pd.Timestamp(first)
    gone = theirs[left & ~theirs["served"]]
    at_risk = accounts.loc[accounts["tier"] != "potential", "revenue_at_risk"]
    return Loss(
        since=first,
        base=float(billed["amount"].sum()) / BASE_MONTHS if len(billed) else None,
        lost={c: float(gone.loc[gone["cause"] == c, "lost"].sum()) for c in CAUSES},
        lines={c: int((gone["cause"] == c).sum()) for c in CAUSES},
        at_risk=float(at_risk.sum()) if at_risk.notna().any() else None,
    )


def year_start(night: date) -> date:
    """Return the first day of the year that the night's eve belongs to.

    Examples
    --------
    >>> year_start(date(2025, 1, 1)), year_start(date(2025, 1, 2))
    (datetime.date(2024, 1, 1), datetime.date(2025, 1, 1))
    """
    return (night - timedelta(days=1)).replace(month=1, day=1)
