"""Commitments that end: in one, two or three months, or not long ago, and what became of them."""

from __future__ import annotations

from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
from ibis import _

from churn.early_warnings.lines import LINE_COLUMNS
from churn.early_warnings.settings import EarlyWarningSettings
from churn.states import StateSettings, departures, first_of, state_at
from churn.tables import Known, holder
from churn.windows import Window, add_months

_STEP = 30


def expiring(
    known: Known, history: ir.Table, states: StateSettings, settings: EarlyWarningSettings
) -> ir.Table:
    """Return each commitment that ends in the months ahead, or ended within ``renewal_after`` days.

    Earlier deliveries of the books tell of commitments that a new one has replaced since. A line
    that was passed on or migrated is not listed: its commitment went with it.

    Parameters
    ----------
    history
        Spans of service states, :func:`churn.states.spans` of the night's status events.

    Returns
    -------
    Table
        A row per line and end: ``subscriber_id, customer_id, product, plan, region,
        account_manager, contract_ends_on``, ``months_left`` (1: ends within a month; 0: has ended),
        ``commitment`` (``open``; ``renewed``: a later end came from ``renewal_before`` days before
        it on; ``lapsed``: ended without; ``gone``: the line has left), ``renewed_until``,
        ``left_on`` (null where the line is only missing from the books), ``state`` of the service
        (null where no status event tells).
    """
    night = known.day
    ends = _ends(known, settings)
    now = known.subscribers.select("subscriber_id", current=_.contract_ends_on, on_books=True)
    rows = ends.left_join(now, "subscriber_id").drop("subscriber_id_right")
    standing = state_at(history, night).select("subscriber_id", "state")
    rows = rows.left_join(standing, "subscriber_id").drop("subscriber_id_right")
    rows = rows.left_join(_gone(history, states, night), "subscriber_id")
    rows = rows.drop("subscriber_id_right")
    correction = ibis.interval(days=settings.correction_days)
    renewed = (rows.current >= rows.contract_ends_on + correction).fill_null(False)  # noqa: FBT003 - a fill value
    left = rows.left_on.notnull() | rows.on_books.isnull()
    rows = rows.mutate(
        commitment=ibis.cases(
            (left, "gone"),
            (renewed, "renewed"),
            (rows.contract_ends_on < night, "lapsed"),
            else_="open",
        ),
        renewed_until=ibis.cases((renewed, rows.current), else_=ibis.null("date")),
    )
    # What moved a little is the same commitment, listed under the end it has now; what the books
    # no longer promise for a day to come was withdrawn.
    superseded = rows.current.notnull() & (rows.current != rows.contract_ends_on) & ~renewed
    withdrawn = rows.current.isnull() & rows.on_books.notnull() & (rows.contract_ends_on >= night)
    long_gone = rows.left_on < rows.contract_ends_on - ibis.interval(days=settings.renewal_before)
    kept = rows.filter(
        ~(superseded & ~left),
        ~(withdrawn & ~left),
        ~long_gone.fill_null(False),  # noqa: FBT003 - a fill value
        (rows.cause != "administrative").fill_null(True),  # noqa: FBT003 - a fill value
    )
    return kept.select(
        "subscriber_id",
        "customer_id",
        *LINE_COLUMNS,
        "contract_ends_on",
        "commitment",
        "renewed_until",
        "left_on",
        "state",
        months_left=_months_left(kept.contract_ends_on, night, settings.months_ahead),
    )


def _ends(known: Known, settings: EarlyWarningSettings) -> ir.Table:
    """Return the ends in question that the books named on any of the nights looked back at."""
    night = known.day
    wanted = Window(
        night - timedelta(days=settings.renewal_after), add_months(night, settings.months_ahead)
    )
    looks = []
    for days in range(0, settings.renewal_before + _STEP, _STEP):
        day = night - timedelta(days=min(days, settings.renewal_before))
        books = known.at(day).subscribers
        looks.append(
            books.filter(wanted.contains(books.contract_ends_on)).select(
                "subscriber_id",
                *LINE_COLUMNS,
                "contract_ends_on",
                customer_id=holder(books),
                seen_on=ibis.date(day),
            )
        )
    seen = ibis.union(*looks)
    latest = first_of(seen, ["subscriber_id", "contract_ends_on"], ibis.desc("seen_on"))
    return latest.drop("seen_on")


def _gone(history: ir.Table, states: StateSettings, night: date) -> ir.Table:
    """Return ``subscriber_id, left_on, cause`` of the lines that have gone for good."""
    away = departures(history, states)
    away = away.filter((away.ended_on < night) & away.back_on.isnull())
    return first_of(away, "subscriber_id", ibis.desc("left_on")).select(
        "subscriber_id", "left_on", "cause"
    )


def _months_left(end: ir.DateValue, night: date, ahead: int) -> ir.IntegerValue:
    cases = [(end < night, 0)]
    cases += [(end < add_months(night, month), month) for month in range(1, ahead)]
    return ibis.cases(*cases, else_=ahead).cast("int64")
