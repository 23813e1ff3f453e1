"""What a subscriber is worth if saved: V from the bills, A from the arrears of a passive one."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pandas as pd

from churn.states import months_later
from churn.tables import Known
from churn.targeting.actions import Action
from churn.targeting.settings import ValueSettings

FloatArray = npt.NDArray[np.float64]


def average_bill(known: Known, bills: int) -> ir.Table:
    """Return ``subscriber_id, average_bill`` over the latest ``bills`` known bills.

    Currency a month, float64; exact decimals are summed and divided once. Subscribers without a
    known bill have no row.
    """
    newest_first = ibis.row_number().over(
        group_by="subscriber_id", order_by=[ibis.desc("bill_month"), "amount_due"]
    )
    latest = known.bills.mutate(recency=newest_first).filter(ibis._.recency < bills)
    sums = latest.group_by("subscriber_id").agg(total=ibis._.amount_due.sum(), n=ibis._.count())
    return sums.select(
        "subscriber_id",
        average_bill=sums.total.cast("decimal(18, 2)").cast("float64") / sums.n.cast("float64"),
    )


def bill_before(known: Known, gone: ir.Table, bills: int) -> ir.Table:
    """Return ``subscriber_id, lost``: the mean of the last full bills before each left.

    A month is full if it ended before the line left. Currency a month, float64; who has no full
    bill has no row.

    Parameters
    ----------
    gone
        ``subscriber_id, left_on``, a row per line; null of who has not left.
    """
    rows = known.bills.inner_join(gone.select("subscriber_id", "left_on"), "subscriber_id")
    full = rows.filter(months_later(rows.bill_month, 1) <= rows.left_on)
    newest_first = ibis.row_number().over(
        group_by="subscriber_id", order_by=[ibis.desc("bill_month"), "amount_due"]
    )
    latest = full.mutate(recency=newest_first).filter(ibis._.recency < bills)
    sums = latest.group_by("subscriber_id").agg(total=ibis._.amount_due.sum(), n=ibis._.count())
    return sums.select(
        "subscriber_id",
        lost=sums.total.cast("decimal(18, 2)").cast("float64") / sums.n.cast("float64"),
    )


def months_counted(settings: ValueSettings) -> float:
    """Return the months of the horizon, at the settings' survival and discount."""
    months = np.arange(1, settings.horizon_months + 1)
    still_there = settings.monthly_survival**months
    worth_today = (1 + settings.discount_rate) ** (-months / 12)
    return float(np.sum(still_there * worth_today))


def margin_shares(product: pd.Series, settings: ValueSettings) -> FloatArray:
    """Return margin as a share of the bill by product: shape (n,)."""
    own = product.map(dict(settings.margin_by_product))
    filled = own.astype("float64").fillna(settings.margin_share)
    return np.asarray(filled, dtype=np.float64)


def margin_share_of(product: ir.StringValue, settings: ValueSettings) -> ir.FloatingValue:
    """Return the same as an expression."""
    own = sorted(settings.margin_by_product.items())
    usual = ibis.literal(settings.margin_share)
    if not own:
        return usual
    return product.cases(*own, else_=settings.margin_share).cast("float64").fill_null(usual)


def value_if_saved(
    bill: npt.ArrayLike,
    settings: ValueSettings,
    months: FloatArray | None = None,
    margin: FloatArray | None = None,
) -> FloatArray:
    """Return V per subscriber.

    Parameters
    ----------
    bill
        Average monthly bill, shape (n,), in currency; NaN where no bill is known. A negative
        average counts as 0.
    months
        That each is expected to stay, at today's worth, shape (n,); none: those of the settings.
    margin
        As a share of each one's bill, shape (n,); none: the settings' for all products.

    Returns
    -------
    ndarray
        Shape (n,), in currency.

    Examples
    --------
    >>> from churn.targeting.settings import ValueSettings
    >>> plain = ValueSettings(margin_share=0.5, horizon_months=12, fallback_value=200)
    >>> value_if_saved([100, float("nan"), -5], plain).tolist()
    [600.0, 200.0, 0.0]
    """
    counted = months_counted(settings) if months is None else months
    share = settings.margin_share if margin is None else margin
    average = np.asarray(bill, dtype=np.float64)
    value = np.maximum(average, 0.0) * share * counted
    return np.where(np.isnan(average), settings.fallback_value, value)


def recovered(overdue: npt.ArrayLike, settings: ValueSettings) -> FloatArray:
    """Return A per subscriber: arrears recovered, reconnection and bad-debt handling avoided.

    Parameters
    ----------
    overdue
        Amount overdue, shape (n,), in currency; NaN or negative counts as 0.
    """
    owed = np.maximum(np.nan_to_num(np.asarray(overdue, dtype=np.float64), nan=0.0), 0.0)
    avoided = settings.reconnection_cost + settings.collection_cost
    return owed * settings.recovered_share + avoided


def worth(rows: pd.DataFrame, action: Action, settings: ValueSettings) -> FloatArray:
    """Return V of each row if the action saves it: with A against passive churn, else a share.

    Of a downgrade that is the share of V which it loses.

    Parameters
    ----------
    rows
        ``average_bill`` and ``amount_overdue``, in currency.
    """
    value = value_if_saved(rows["average_bill"].to_numpy(np.float64), settings)
    if action.answers == "downgrade":
        return value * settings.downgrade_share
    if action.answers != "passive":
        return value
    return value + recovered(rows["amount_overdue"].to_numpy(np.float64), settings)
