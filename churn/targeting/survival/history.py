"""Past lives: who was in service on a day, what was known of it then, and in which month it left.

Months are of 30.4375 days from that day, so that a night in mid-month is like a landmark. A
departure undone within grace or win-back is none; what is too recent to tell ends the following.
"""

from __future__ import annotations

from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
from ibis import _

from churn.states import in_service, state_at
from churn.tables import Known
from churn.targeting.balances import latest_balance
from churn.windows import TimeSettings, add_months, month_start

ID = "subscriber_id"
MONTH = 30.4375
"""Days of a month, a year's twelfth part."""
TENURES = (180, 365, 730, 1_825, 3_650)
"""Bounds of tenure, in days."""
UNKNOWN = -1
"""Band of those whose activation is not known."""
NO_CONTRACT = -99
EARLIEST, LATEST = -4, 36
"""Months of commitment left, beyond which they are alike."""
MOST = 4
"""Landmarks: more of them see the same months again."""
CELL = ("product", "tenure", "contract", "overdue")
"""What lives are told apart by."""


def ends(observed_through: date, time: TimeSettings) -> date:
    """Return the day up to which departures are final."""
    return observed_through - timedelta(days=max(time.grace, time.win_back))


def landmarks(first: date, end: date) -> list[date]:
    """Return the days from which lives are followed: firsts of months, at most :data:`MOST`.

    The last leaves two months to follow.

    Examples
    --------
    >>> [str(day) for day in landmarks(date(2024, 1, 10), date(2024, 5, 20))]
    ['2024-02-01', '2024-03-01']
    """
    day = month_start(first)
    days = []
    while (day := add_months(day, 1)) + timedelta(days=int(2 * MONTH)) <= end:
        days.append(day)
    step = -(-len(days) // MOST) if days else 1
    return days[::-1][::step][::-1]


def months_followed(landmark: date, end: date) -> int:
    """Return the whole months from a landmark to the end of what is final."""
    return int((end - landmark).days // MONTH)


def lives(
    known: Known,
    history: ir.Table,
    away: ir.Table,
    landmark: date,
    end: date,
    time: TimeSettings,
    balance_max_age: int,
) -> ir.Table:
    """Count those in service on a landmark by what was known then, and by when and why they left.

    Parameters
    ----------
    known
        What is known tonight.
    history, away
        Spans of service states, :func:`churn.states.spans` of tonight's status events, and
        :func:`churn.states.departures` of them: best written out, every landmark looks at them.
    end
        See :func:`ends`.

    Returns
    -------
    Table
        :data:`CELL`; ``month`` of the departure, from 1 (0: none by the end) and its ``cause`` (""
        without one); ``subscribers``, how many.
    """
    then = known.at(landmark)
    served = state_at(history, landmark)
    served = served.filter(in_service(served.state)).select(ID)
    books = then.subscribers.semi_join(served, ID)
    owing = latest_balance(then, balance_max_age).select(ID, owes=ibis.literal(value=True))
    rows = books.left_join(owing, ID).drop(f"{ID}_right")
    gone = _departed(away, landmark, end, time)
    rows = rows.left_join(gone, ID).drop(f"{ID}_right")
    day = ibis.literal(landmark)
    tenure = day.delta(rows.activated_on, unit="day")
    left = (rows.contract_ends_on.delta(day, unit="day").cast("float64") / MONTH).floor()
    bands = [(tenure < bound, band) for band, bound in enumerate(TENURES)]
    cells = rows.select(
        product=rows["product"].fill_null(""),
        tenure=ibis.cases((tenure.isnull(), UNKNOWN), *bands, else_=len(TENURES)).cast("int64"),
        contract=ibis.cases(
            (left.isnull(), NO_CONTRACT), else_=left.clip(EARLIEST, LATEST).cast("int64")
        ).cast("int64"),
        overdue=rows.owes.fill_null(False).cast("int64"),  # noqa: FBT003 - a fill value
        month=rows.month.fill_null(0),
        cause=rows.cause.fill_null(""),
    )
    return cells.group_by(*CELL, "month", "cause").aggregate(subscribers=_.count().cast("int64"))


def _departed(away: ir.Table, landmark: date, end: date, time: TimeSettings) -> ir.Table:
    """Return ``subscriber_id, month, cause`` of the first departure that lasted."""
    allowance = ibis.interval(days=max(time.grace, time.win_back))
    lasting = away.back_on.isnull() | (away.back_on > away.left_on + allowance)
    inside = (away.left_on >= landmark) & (away.left_on < end)
    rows = away.filter(lasting & inside)
    first = rows.group_by(ID).aggregate(left_on=_.left_on.min(), cause=_.cause.argmin(_.left_on))
    days = first.left_on.delta(ibis.literal(landmark), unit="day").cast("float64")
    return first.select(ID, "cause", month=((days / MONTH).floor() + 1).cast("int64"))
