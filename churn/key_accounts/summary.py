"""One row per key account: who it is, what it brings, what is at risk, whether it must be visited.

Plain rows in, plain rows out: what engines know of lines, events and months is gathered before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from churn.key_accounts.loss import Loss, loss, year_start
from churn.key_accounts.settings import KeyAccountSettings
from churn.key_accounts.signals import ENDS_AHEAD, FAULT, SIGNALS

CLASSES = ("important", "high_value", "group", "strategic")
_TOP = 2
_MONTHS_BEFORE = 3
_SITE_DAYS = 30
_LEAST_MONTHS = {"bills": 1, "voice": 2, "data": 2}  # one month's use tells little
_OF_CUSTOMER = ("subscriber_id", "group_id", "customer_type", "region", "account_manager")


@dataclass(frozen=True)
class KeyAccounts:
    """What a night tells of key accounts; ids hashed until they are handed out.

    Parameters
    ----------
    accounts
        A row per key account and potential one, whom to visit first: ``customer_id,
        subscriber_id`` (its line that brings most), ``group_id``, ``tier`` (``top_key, key,
        potential``), ``classes`` (joined by ';'), ``missing`` (to the bound of high value, currency
        a month; null: classed), ``customer_type, region, account_manager, lines`` (in service),
        ``revenue`` (currency a month), ``risk_active, risk_passive, revenue_at_risk`` (what the
        chances would take of it; null without scores), ``star`` (1 to 5, by :func:`stars`),
        ``last_visit_on, last_visit_by, last_outcome, next_visit_on``, ``visit`` (``must``,
        ``due``, ``planned``, ``leave_alone``, ``lost``: no line of it is left), ``since`` (what is
        told since).
    lines
        :func:`churn.key_accounts.lines` as rows, those in service or lost this year.
    signals
        ``customer_id, code, n, on, value``: what happened since the last visit, by account.
    sites
        ``group_id, customer_id`` (null where the group has several), ``n`` (lines with faults
        within 30 days), ``first_on, last_on``: faults at several sites told together.
    """

    accounts: pd.DataFrame
    lines: pd.DataFrame
    signals: pd.DataFrame
    sites: pd.DataFrame
    loss: Loss
    settings: KeyAccountSettings

    def counts(self) -> dict[str, int]:
        """Count the accounts by tier and by what their visit is."""
        names = [("tier", ("top_key", "key", "potential")), ("visit", VISITS)]
        return {
            "accounts": len(self.accounts),
            **{
                value: int((self.accounts[column] == value).sum())
                for column, values in names
                for value in values
            },
        }


VISITS = ("must", "due", "planned", "leave_alone", "lost")


def summarise(
    lines: pd.DataFrame,
    events: pd.DataFrame,
    sums: pd.DataFrame,
    visits: pd.DataFrame,
    night: date,
    settings: KeyAccountSettings,
) -> KeyAccounts:
    """Return what the night tells of its key accounts.

    Parameters
    ----------
    lines
        :func:`churn.key_accounts.lines` as rows, with ``p_active, p_passive`` (null: not scored)
        and ``lost`` (what the line brought before it left).
    events, sums, visits
        :func:`~churn.key_accounts.events`, :func:`~churn.key_accounts.monthly_sums` and
        :func:`churn.key_accounts.signals.last_visits` as rows.
    """
    accounts = _accounts(lines, settings)
    accounts = accounts.merge(visits, on="customer_id", how="left")
    last = pd.to_datetime(accounts["last_visit_on"])
    wait = pd.Timedelta(days=settings.visit_days)
    due = (last + wait).fillna(pd.Timestamp(night))
    accounts["next_visit_on"] = due.dt.date
    accounts["since"] = last.fillna(pd.Timestamp(night) - wait).dt.date
    signals = _signals(accounts, events, sums, settings)
    calling = _calling(signals, settings)
    lost = accounts["remaining"] == 0
    called = accounts["customer_id"].isin(calling) & ~lost
    accounts["star"] = stars(accounts["revenue"], called, settings.star_revenue)
    applied = set(events.loc[events["code"] == "port_applied", "customer_id"])
    accounts["visit"] = np.select(
        [
            lost,
            accounts["customer_id"].isin(applied),
            called,
            due <= pd.Timestamp(night),
        ],
        ["lost", "leave_alone", "must", "due"],
        "planned",
    )
    place = accounts["visit"].map({name: at for at, name in enumerate(VISITS)})
    accounts = (
        accounts.assign(place=place)
        .sort_values(
            ["place", "revenue_at_risk", "revenue", "customer_id"],
            ascending=[True, False, False, True],
            ignore_index=True,
        )
        .drop(columns=["place", "remaining"])
    )
    kept = lines[
        lines["served"] | (pd.to_datetime(lines["left_on"]) >= pd.Timestamp(year_start(night)))
    ]
    return KeyAccounts(
        accounts=accounts,
        lines=kept.reset_index(drop=True),
        signals=signals,
        sites=_sites(lines, events, night, settings),
        loss=loss(accounts, lines, sums, night),
        settings=settings,
    )


def stars(
    revenue: pd.Series[float], calls: pd.Series[bool], bounds: Sequence[float]
) -> pd.Series[int]:
    """Return the star level of each account, 1 to 5, by its value and its need.

    One star, one more for each bound of ``revenue`` (currency a month) that is reached, and one for
    an account that needs somebody now: what happened since the last visit ``calls`` for another.
    """
    reached = np.searchsorted(np.asarray(bounds), revenue.to_numpy(np.float64), side="right")
    return pd.Series(1 + reached + calls.to_numpy(np.int64), revenue.index, dtype="int64")


def _accounts(lines: pd.DataFrame, settings: KeyAccountSettings) -> pd.DataFrame:
    """Return who is a key account or on the way there, with what it brings and risks."""
    served = lines[lines["served"]]
    bills = served["average_bill"].astype("float64").fillna(0.0)
    risks = {
        cause: bills * served[f"p_{cause}"].astype("float64") for cause in ("active", "passive")
    }
    holder = served["customer_id"]
    rows = pd.DataFrame(
        {
            "lines": served.groupby(holder)["subscriber_id"].count(),
            "revenue": bills.groupby(holder).sum().round(2),
            "risk_active": risks["active"].groupby(holder).sum(min_count=1).round(2),
            "risk_passive": risks["passive"].groupby(holder).sum(min_count=1).round(2),
        }
    )
    facts = lines.sort_values(["served", "average_bill", "subscriber_id"], na_position="first")
    grouped = facts.groupby("customer_id")
    rows = rows.reindex(sorted(set(lines["customer_id"])))
    rows[["lines", "revenue"]] = rows[["lines", "revenue"]].fillna(0)
    rows["lines"] = rows["lines"].astype("int64")
    rows["remaining"] = lines.groupby("customer_id")["remains"].sum().astype("int64")
    # What stands beside the line that brings most stands for the customer.
    rows = rows.join(grouped[list(_OF_CUSTOMER)].last())
    marked = _marked(lines)
    rows["classes"] = pd.Series(
        [";".join(name for name in CLASSES if name in marked[customer]) for customer in rows.index],
        rows.index,
        dtype="str",
    )
    n = rows["classes"].str.count(";") + (rows["classes"] != "")
    rows["tier"] = np.select([n >= _TOP, n == 1], ["top_key", "key"], "potential")
    lacking = (settings.high_value - rows["revenue"]).clip(lower=0).round(2)
    rows["missing"] = lacking.where(rows["tier"] == "potential")
    both = rows[["risk_active", "risk_passive"]]
    rows["revenue_at_risk"] = both.sum(axis=1, min_count=1).round(2)
    rows = rows.rename_axis("customer_id").reset_index()
    # A potential account whose lines have all gone is on its way nowhere.
    return rows[(rows["tier"] != "potential") | (rows["lines"] > 0)].reset_index(drop=True)


def _marked(lines: pd.DataFrame) -> defaultdict[str, set[str]]:
    """Return every class that any line of a customer bears."""
    marked: defaultdict[str, set[str]] = defaultdict(set)
    told = lines.dropna(subset=["customer_id", "key_account_classes"])
    for customer, classes in zip(told["customer_id"], told["key_account_classes"], strict=True):
        marked[customer].update(str(classes).replace(" ", "").split(";"))
    return marked


def _signals(
    accounts: pd.DataFrame, events: pd.DataFrame, sums: pd.DataFrame, settings: KeyAccountSettings
) -> pd.DataFrame:
    """Return what happened to each account since its last visit, and what is about to end."""
    rows = events.merge(accounts[["customer_id", "since"]], on="customer_id")
    day = pd.to_datetime(rows["on"])
    rows = rows[(day >= pd.to_datetime(rows["since"])) | (rows["code"] == ENDS_AHEAD)]
    counted = rows.groupby(["customer_id", "code"], sort=True).agg(
        n=("on", "size"), first=("on", "min"), last=("on", "max"), value=("value", "min")
    )
    counted = counted.reset_index()
    ahead = counted["code"] == ENDS_AHEAD
    counted["on"] = counted["last"].where(~ahead, counted["first"])
    columns = ["customer_id", "code", "n", "on", "value"]
    return pd.concat(
        [counted[columns], _changes(accounts, sums, settings)[columns]], ignore_index=True
    )


def _changes(
    accounts: pd.DataFrame, sums: pd.DataFrame, settings: KeyAccountSettings
) -> pd.DataFrame:
    """Compare bills and use of the whole months since the visit with the three months before it."""
    bounds = {"bills": settings.bills_fell, "voice": settings.use_fell, "data": settings.use_fell}
    found = []
    since = dict(zip(accounts["customer_id"], accounts["since"], strict=True))
    for what, rows in sums.groupby("what", sort=True):
        periods = pd.to_datetime(rows["month"]).dt.to_period("M")
        newest = periods.max()
        # Plain arrays: accounts are thousands, and a frame for each costs more than its sums.
        months, amounts = periods.astype("int64").to_numpy(), rows["amount"].to_numpy(np.float64)
        for customer, own in sorted(rows.groupby("customer_id").indices.items()):
            if customer not in since:
                continue
            visited = pd.Period(since[customer], "M").ordinal
            month, amount = months[own], amounts[own]
            before = amount[(month < visited) & (month >= visited - _MONTHS_BEFORE)]
            after = amount[month >= visited]
            whole = newest.ordinal - visited + 1
            if whole < _LEAST_MONTHS[str(what)] or len(before) < _MONTHS_BEFORE:
                continue
            change = after.sum() / whole / before.mean() - 1
            code = f"{what}_fell" if change < 0 else f"{what}_rose"
            if abs(change) >= bounds[str(what)] and code in SIGNALS:
                found.append((customer, code, 1, newest.end_time.date(), abs(change)))
    return pd.DataFrame(found, columns=["customer_id", "code", "n", "on", "value"])


def _calling(signals: pd.DataFrame, settings: KeyAccountSettings) -> set[str]:
    """Return the customers of whom something calls for a visit."""
    alone = {code for code, signal in SIGNALS.items() if signal.calls and code != FAULT}
    calls = signals["code"].isin(alone)
    calls |= (signals["code"] == FAULT) & (signals["n"] >= settings.faults)
    return set(signals.loc[calls, "customer_id"])


def _sites(
    lines: pd.DataFrame, events: pd.DataFrame, night: date, settings: KeyAccountSettings
) -> pd.DataFrame:
    """Return the groups, or customers without one, that had faults at several lines of late."""
    recent = pd.Timestamp(night - timedelta(days=_SITE_DAYS))
    faults = events[(events["code"] == FAULT) & (pd.to_datetime(events["on"]) >= recent)]
    rows = faults.merge(lines[["subscriber_id", "group_id"]], on="subscriber_id")
    rows["unit"] = rows["group_id"].fillna(rows["customer_id"])
    told = rows.groupby("unit", sort=True).agg(
        group_id=("group_id", "first"),
        customer_id=("customer_id", "first"),
        customers=("customer_id", "nunique"),
        n=("subscriber_id", "nunique"),
        first_on=("on", "min"),
        last_on=("on", "max"),
    )
    told = told[told["n"] >= settings.sites].reset_index(drop=True)
    told["customer_id"] = told["customer_id"].where(told["customers"] == 1)
    return told.drop(columns="customers")
