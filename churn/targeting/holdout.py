"""The programme's holdout: households that get no retention marketing for half a year.

Arms tell what a contact changes; the holdout tells what the whole programme is worth, whatever it
does to whom. It is drawn by household and half year, by a portable hash, and is not redrawn when a
list is. Notices, repairs and key-account visits reach it as everybody.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pandas as pd
from ibis import _

from churn.evaluation.intervals import Interval
from churn.frozen import Frozen
from churn.tables import Known, holder
from churn.targeting.control import draws
from churn.targeting.effects.means import mean_difference
from churn.targeting.settings import ValueSettings
from churn.targeting.value import margin_share_of
from churn.windows import Window, add_months

ONE_DAY = timedelta(days=1)
HALF = 6
"""Months in which nobody changes sides."""


def half_year(day: date) -> Window:
    """Return the half year that a day lies in.

    Examples
    --------
    >>> half_year(date(2025, 8, 3)) == Window(date(2025, 7, 1), date(2026, 1, 1))
    True
    """
    start = date(day.year, 1 if day.month <= HALF else HALF + 1, 1)
    return Window(start, add_months(start, HALF))


def named(day: date) -> str:
    """Return what the half year of a day is called, such as ``2025H1``."""
    return f"{day.year}H{1 if day.month <= HALF else 2}"


def half_year_named(name: str) -> Window:
    """Return the half year of a name that :func:`named` gave."""
    year, half = name.split("H")
    return half_year(date(int(year), 1 if half == "1" else HALF + 1, 1))


def held_out(customers: Iterable[str], day: date, share: float) -> npt.NDArray[np.bool_]:
    """Tell which households are held out in the half year of a day: shape (n,)."""
    drawn = draws(customers, f"holdout|{named(day)}")
    return np.asarray(drawn < share, dtype=np.bool_)


class Programme(Frozen):
    """What the programme was worth in a half year, by its holdout.

    Attributes
    ----------
    period
        The half year.
    months
        Full months of bills that are observed of it.
    contacted, held_out
        Households with and without the programme.
    margin
        With less without, in currency per household over these months, net of contacts.
    """

    period: str
    months: int
    contacted: int
    held_out: int
    margin: Interval


def margins(known: Known, period: Window, value: ValueSettings) -> tuple[ir.Table, int]:
    """Return per household what it brought in a period so far, and how many months that is.

    ``customer_id``; ``margin``: of the full months' bills, less what contacts cost; ``before``: of
    the month before. Households on the books when the period began, as known then.

    Parameters
    ----------
    period
        From the first of a month on which anybody was held out to the half year's end.
    """
    books = known.at(period.start).subscribers
    lines = books.select("subscriber_id", "product", customer_id=holder(books))
    through = known.observed_through("bills") if known.has("bills") else None
    months = 0
    while through is not None and _next(period, months) <= min(through + ONE_DAY, period.end):
        months += 1
    end = add_months(period.start, months)
    earlier = Window(add_months(period.start, -1), period.start)
    parts = {
        "billed": (known.bills, "bill_month", "amount_due", Window(period.start, end)),
        "before": (known.bills, "bill_month", "amount_due", earlier),
        "spent": (
            known.campaign_contacts.filter(_.arm == "treated"),
            "contacted_on",
            "cost",
            Window(period.start, end),
        ),
    }
    rows = lines.select("customer_id").distinct()
    for name, (table, day, amount, window) in parts.items():
        inside = table.filter(window.contains(table[day])).inner_join(lines, "subscriber_id")
        if name == "billed":
            share = margin_share_of(inside["product"], value).cast("decimal(18, 6)")
            inside = inside.mutate(amount_due=inside.amount_due * share)
        total = inside[amount].sum().cast("decimal(18, 2)").cast("float64")
        sums = inside.group_by("customer_id").aggregate(**{name: total})
        rows = rows.left_join(sums, "customer_id").drop("customer_id_right")
    filled = rows.fill_null({"billed": 0.0, "spent": 0.0})
    return (
        filled.select("customer_id", "before", margin=filled.billed - filled.spent),
        months,
    )


def _next(period: Window, months: int) -> date:
    """Return the day after one month more than these."""
    return add_months(period.start, months + 1)


def programme(households: pd.DataFrame, day: date, share: float, months: int) -> Programme:
    """Compare households with and without the programme.

    Parameters
    ----------
    households
        Of :func:`margins`.
    day
        Any day of the half year.
    share
        That is held out in it.
    """
    out = held_out(households["customer_id"], day, share)
    margin = mean_difference(
        households["margin"], ~out, np.zeros(len(out), dtype=np.int64), households["before"]
    )
    return Programme(
        period=named(day),
        months=months,
        contacted=int((~out).sum()),
        held_out=int(out.sum()),
        margin=margin,
    )
