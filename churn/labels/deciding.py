"""What each departure means for a snapshot, and the one outcome: the first that counts decides.

For each subscriber, the departures that bear on the snapshot are gone through by date.

1. A suspension cured within grace, and any other departure undone within the win-back period, is
   passed over: the search goes on behind it.
2. The first departure that remains decides: *administrative* if that is its cause (also before the
   outcome window opens: such a subscriber did not churn, earlier or later), *gone* if it lies
   before the outcome window opens, else *active* or *passive*.
   *re_entered* is none either: its holder began anew (:mod:`churn.labels.re_entry`).
3. Where none remains: *administrative* if one was undone within the win-back period (the
   subscriber never left, but the operator's systems treated it as if), else *none*.

What happens after the allowance has run out (a late payment, a late return, another end of the same
departure) is counted and changes nothing: the label was final. So a removal that follows an uncured
suspension is the passive churn of the day of the suspension, even if the removal is undone soon.
A number in service again after the lock period is another holder's and counts as no return.
"""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir

from churn.labels.evidence import Evidence
from churn.states import first_of, in_service
from churn.windows import TimeSettings

RE_ENTERED = "re_entered"
_PASSED_OVER = ("cured", "won_back")
_NO_CHURN = ("administrative", RE_ENTERED)


def judged(departed: ir.Table, snapshot: date, time: TimeSettings) -> ir.Table:
    """Keep the departures that bear on a snapshot and say what each counts as.

    Those bear on it that were open when the snapshot's day began or started before the outcome
    window closes. Both allowances are counted in days from the departure, the last one included.

    Returns
    -------
    Table
        The columns of :func:`churn.states.departures`; ``verdict``: ``cured`` (a suspension, back
        within grace), ``won_back`` (anything else, back within the win-back period),
        ``administrative``, ``gone`` (before the outcome window opens), else the cause; and
        ``detail``, what the outcome is put down to if this departure decides: its state.
    """
    window = time.outcome_window(snapshot)
    near = departed.filter(
        (departed.left_on < window.end)
        & (departed.back_on.isnull() | (departed.back_on >= snapshot))
    )
    away = near.back_on.delta(near.left_on, unit="day")
    suspended = near.state == "suspended"
    return near.mutate(
        verdict=ibis.cases(
            (suspended & (away <= time.grace), "cured"),
            (~suspended & (away <= time.win_back), "won_back"),
            (near.cause == "administrative", "administrative"),
            (near.left_on < window.start, "gone"),
            else_=near.cause,
        ),
        detail=near.state,
    )


def first_decides(evidence: Evidence, bearing: ir.Table) -> ir.Table:
    """Return the outcome of every subscriber with any span.

    Parameters
    ----------
    bearing
        Departures with their verdicts, as :func:`churn.labels.deciding.judged` gives them.

    Returns
    -------
    Table
        ``subscriber_id outcome event_on cured cured_late returned_late detail ended_by_holder``,
        see :func:`churn.labels.outcomes`.
    """
    window = evidence.time.outcome_window(evidence.snapshot)
    everyone = _everyone(evidence.spans, window.end)
    undone = bearing.group_by("subscriber_id").agg(
        cures=(bearing.verdict == "cured").cast("int64").sum().cast("int64"),
        win_backs=(bearing.verdict == "won_back").cast("int64").sum().cast("int64"),
        won_back_on=bearing.left_on.min(where=bearing.verdict == "won_back"),
    )
    # No two departures of a subscriber start on one day.
    decisive = bearing.filter(~bearing.verdict.isin(_PASSED_OVER))
    first = first_of(decisive, "subscriber_id", "left_on")
    rows = everyone.left_join(undone, "subscriber_id").drop("subscriber_id_right")
    rows = rows.left_join(first, "subscriber_id").drop("subscriber_id_right")
    won_back = rows.verdict.isnull() & (rows.win_backs.fill_null(0) > 0)
    cured = rows.cures.fill_null(0) > 0
    late = rows.back_on.notnull() & ~rows.verdict.isin(_NO_CHURN) & ~rows.issued_anew
    return rows.select(
        "subscriber_id",
        outcome=ibis.cases(
            (rows.verdict.notnull(), rows.verdict), (won_back, "administrative"), else_="none"
        ),
        event_on=ibis.cases((won_back, rows.won_back_on), else_=rows.left_on),
        cured=cured,
        cured_late=(late & (rows.state == "suspended")).fill_null(False),  # noqa: FBT003 - Ibis's signature
        returned_late=(late & (rows.state != "suspended")).fill_null(False),  # noqa: FBT003 - Ibis's signature
        detail=ibis.cases(
            (rows.cause_assumed, "locked_without_removal"),
            (rows.state.notnull(), rows.detail),
            (won_back, "won_back"),
            (~rows.served, "never_used"),
            (cured, "cured"),
            else_="in_service",
        ),
        ended_by_holder=((rows.cause == "active") & (rows.ended_on == rows.left_on)).fill_null(
            False  # noqa: FBT003 - a fill value
        ),
    )


def _everyone(spans: ir.Table, closes_on: date) -> ir.Table:
    """List subscribers with any span, and whether ever served by the end of the window."""
    used = (in_service(spans.state) | spans.cause.notnull()) & (spans.start_on < closes_on)
    return spans.group_by("subscriber_id").agg(served=used.any())
