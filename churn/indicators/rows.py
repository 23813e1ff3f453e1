"""What counting shares: rows put into the windows that hold their day, and named by measure."""

from __future__ import annotations

from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
from ibis import _

from churn.indicators.definitions import DIMENSIONS
from churn.states import first_of, in_service
from churn.tables import Known
from churn.windows import TimeSettings

CONTACT = ("subscriber_id", "contacted_on")
"""What makes a contact one, whatever its campaigns."""


OF_LINES = (*DIMENSIONS, "role")
"""What is told of a line: the dimensions, and what it is there for."""


def told(rows: ir.Table, measure: ir.StringValue | str) -> ir.Table:
    """Return ``subscriber_id, start, end, measure, amount`` of rows; no amount: null.

    Of rows that tell of their line (:data:`OF_LINES`) that stays.
    """
    named = ibis.literal(measure) if isinstance(measure, str) else measure
    amount = rows.amount if "amount" in rows.columns else ibis.null("float64")
    of_line = [name for name in OF_LINES if name in rows.columns]
    return rows.select("subscriber_id", "start", "end", *of_line, measure=named, amount=amount)


def within(rows: ir.Table, windows: ir.Table, day: ir.DateValue) -> ir.Table:
    """Put each row into the windows that hold its day; the windows may overlap."""
    dated = rows.mutate(day=day)
    return dated.inner_join(windows, [dated.day >= windows.start, dated.day < windows.end])


def standing(history: ir.Table, windows: ir.Table) -> ir.Table:
    """Return the lines that were in service or suspended when each window began."""
    served = history.filter(in_service(history.state) | (history.state == "suspended"))
    begun = served.inner_join(windows, [served.start_on < windows.start])
    return begun.filter(begun.end_on.isnull() | (begun.end_on >= begun.start))


def draws(known: Known) -> ir.Table:
    """Return who was drawn for a list, contacted or left alone: a row per subscriber and day.

    Returns
    -------
    Table
        ``subscriber_id, contacted_on, arm, channel, answer, control_share`` (float64) of every
        contact on record. Of several on one day one that was made counts.
    """
    rows = known.campaign_contacts.select(
        *CONTACT,
        "arm",
        "channel",
        "answer",
        control_share=_.control_share.cast("float64"),
    )
    return first_of(
        rows,
        list(CONTACT),
        [ibis.desc("arm"), _.answer.isnull(), "answer", "channel", "control_share"],
    )


def stands_for(control_share: ir.FloatingValue) -> ir.FloatingValue:
    """Return for how many selected one who was left alone stands; one where no share is known."""
    return (control_share > 0).ifelse(1.0 / control_share.nullif(0.0), 1.0).fill_null(1.0)


def gone(away: ir.Table, time: TimeSettings) -> ir.Table:
    """Return ``subscriber_id, left_on`` of departures, those cured within grace apart.

    Parameters
    ----------
    away
        :func:`churn.states.departures`.
    """
    cured = (away.back_on <= away.left_on + ibis.interval(days=time.grace)).fill_null(False)  # noqa: FBT003 - a fill value
    return away.filter(~cured).select("subscriber_id", "left_on")


def left_within(rows: ir.Table, left: ir.Table, since: str, days: int) -> ir.Table:
    """Return the rows whose subscriber left within so many days of the row's own day."""
    both = rows.inner_join(left, "subscriber_id")
    day = both[since]
    lost = both.filter(both.left_on >= day, both.left_on < day + ibis.interval(days=days))
    return lost.select(*rows.columns).distinct()


def window_days(time: TimeSettings) -> int:
    """Return the days after a draw in which leaving counts."""
    return time.lead + time.outcome


def known_outcomes(known: Known, time: TimeSettings) -> date:
    """Return the last day whose draws have an outcome that is final."""
    return known.day - timedelta(days=window_days(time) + time.grace)
