"""How well lists foresaw who left: of leavers who had been drawn, and of others who left.

Whoever was contacted may have stayed for it. So hit rate, lift and what would have been covered
rest on those whom nobody contacted: the ones left alone by lot, each standing for its share of the
selected, and those no list had drawn.
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
from ibis import _

from churn.indicators.rows import (
    OF_LINES,
    gone,
    known_outcomes,
    left_within,
    standing,
    stands_for,
    told,
    window_days,
    within,
)
from churn.states import first_of
from churn.tables import Known
from churn.windows import TimeSettings

_LINE = ("subscriber_id", "start", "end")


def covered(drawn: ir.Table, final: ir.Table, windows: ir.Table, time: TimeSettings) -> ir.Table:
    """Return final departures as ``drawn_<cause>`` or ``unlisted_<cause>``, and ``listed_<cause>``.

    Drawn: in the days before it left that an outcome is waited for; the last draw says whether it
    was left alone. Listed: of those drawn whom nobody contacted, weighed by how many each stands
    for. Who left before lists had been on record for so long is not among them.

    Parameters
    ----------
    drawn
        :func:`churn.indicators.rows.draws`.
    final
        Final departures: ``subscriber_id, left_on, ended_on, cause``.
    """
    span = ibis.interval(days=window_days(time))
    begin = drawn.aggregate(begins_on=drawn.contacted_on.min())
    every = final.cross_join(begin)
    observed = every.filter(every.left_on >= every.begins_on + span).drop("begins_on")
    both = observed.inner_join(
        drawn.select("subscriber_id", "contacted_on", "arm", "control_share"), "subscriber_id"
    )
    before = both.filter(both.contacted_on <= both.left_on, both.left_on < both.contacted_on + span)
    last = first_of(before, ["subscriber_id", "left_on"], ibis.desc("contacted_on"))
    key = ["subscriber_id", "left_on"]
    listed = last.mutate(amount=stands_for(last.control_share))
    # Of a draw without controls nobody stands for those who were contacted.
    alone = (listed.arm == "control") | (listed.control_share.fill_null(0.0) == 0)
    unlisted = observed.anti_join(last.select(*key), key).mutate(amount=ibis.literal(1.0))
    columns = ("subscriber_id", "ended_on", "cause", "amount")
    rows = ibis.union(
        listed.filter(alone).select(*columns, kind=ibis.literal("listed_")),
        listed.select(*columns, kind=ibis.literal("drawn_")),
        unlisted.select(*columns, kind=ibis.literal("unlisted_")),
    )
    dated = within(rows, windows, rows.ended_on)
    return told(dated, dated.kind + dated.cause)


def others(
    known: Known,
    history: ir.Table,
    drawn: ir.Table,
    away: ir.Table,
    windows: ir.Table,
    time: TimeSettings,
) -> Sequence[ir.Table]:
    """Return the lines that no list drew, and which of them left.

    Not drawn in the window nor in the days before it in which an outcome is waited for, and gone
    within as many days of its first.

    Parameters
    ----------
    history
        Spans of service states, :func:`churn.states.spans` of the night's status events, each
        beside what is told of its line.
    """
    days, left = window_days(time), gone(away, time)
    settled = windows.filter(windows.end <= known_outcomes(known, time))
    spans = settled.select("start", "end", since=settled.start - ibis.interval(days=days))
    touched = drawn.inner_join(
        spans, [drawn.contacted_on >= spans.since, drawn.contacted_on < spans.end]
    )

    def undrawn(of: ir.Table) -> ir.Table:
        lines = standing(of, settled).select(*_LINE, *OF_LINES, since=_.start)
        return lines.anti_join(touched.select(*_LINE).distinct(), list(_LINE))

    # Who never left has not left in any window: the lines of all windows are many.
    leavers = undrawn(history.semi_join(left, "subscriber_id"))
    lost = left_within(leavers, left, "since", days)
    return [told(undrawn(history), "others"), told(lost, "others_left")]
