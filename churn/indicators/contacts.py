"""What became of contacts: who was drawn, reached and stayed, and what the kept paid after."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
from ibis import _

from churn.indicators.rows import (
    CONTACT,
    draws,
    gone,
    known_outcomes,
    left_within,
    stands_for,
    told,
    window_days,
    within,
)
from churn.states import months_later
from churn.tables import Known
from churn.tables.canonical import CHANNELS
from churn.windows import TimeSettings

NOT_REACHED = ("not_reached", "not reached", "未接通")
BILLS_AROUND = 3
_WRITTEN = [channel for channel in CHANNELS if channel != "call"]


def answered_draws(known: Known, answers: ir.Table | None) -> ir.Table:
    """Return the draws on record with the answer that came back of each.

    Parameters
    ----------
    answers
        ``subscriber_id, contacted_on, answer`` that was taken back beside the deliveries; none
        where there is nothing.
    """
    drawn = draws(known)
    if answers is None:
        return drawn
    back = answers.select(*CONTACT, back="answer")
    both = drawn.left_join(back, list(CONTACT))
    return both.mutate(answer=ibis.coalesce(both.answer, both.back)).select(*drawn.columns)


def contacts(
    known: Known, drawn: ir.Table, away: ir.Table, windows: ir.Table, time: TimeSettings
) -> Sequence[ir.Table]:
    """Return who was drawn, called and answered, and of final outcomes who stayed in which arm.

    ``control`` and ``control_left`` weigh each one left alone by how many it stands for.
    """
    dated = within(drawn, windows, drawn.contacted_on)
    spoken = dated.answer.notnull() & ~dated.answer.isin(NOT_REACHED)
    treated = dated.arm == "treated"
    # A channel in the operator's own word counts as a call: what is not is written in ours.
    dialled = treated & dated.answer.notnull() & ~dated.channel.isin(_WRITTEN).fill_null(False)  # noqa: FBT003 - a fill value
    final = dated.filter(
        dated.control_share.notnull(), dated.contacted_on <= known_outcomes(known, time)
    ).mutate(amount=(_.arm == "control").ifelse(stands_for(_.control_share), ibis.null("float64")))
    lost = left_within(final, gone(away, time), "contacted_on", window_days(time))
    stayed = final.anti_join(lost, [*CONTACT, "start", "end"])
    return [
        told(dated.select("subscriber_id", "start", "end").distinct(), "warned"),
        told(dated.filter(dialled), "dialled"),
        told(dated.filter(dialled & spoken), "answered"),
        told(final, final.arm),
        told(lost.filter(lost.arm == "control"), "control_left"),
        told(stayed, stayed.arm + "_stayed"),
        told(_reached(final), "reached"),
        *_bills_after(known, stayed),
    ]


def _reached(final: ir.Table) -> ir.Table:
    spoken = final.answer.notnull() & ~final.answer.isin(NOT_REACHED)
    return final.filter((final.arm == "treated") & spoken)


def _bills_after(known: Known, stayed: ir.Table) -> Sequence[ir.Table]:
    """Return by how much the mean bill of each who stayed changed, and the square of it.

    The three months after that of the contact against the three before it; who lacks a bill in
    one of them is not among them.
    """
    month = stayed.contacted_on.truncate("M").cast("date")
    rows = stayed.select(*CONTACT, "start", "end", "arm", month=month)
    billed = rows.inner_join(known.bills.select("subscriber_id", "bill_month", "amount_due"),
                             "subscriber_id")  # fmt: skip
    after = (billed.bill_month > billed.month) & (
        billed.bill_month <= months_later(billed.month, BILLS_AROUND)
    )
    before = (billed.bill_month < billed.month) & (
        billed.bill_month >= months_later(billed.month, -BILLS_AROUND)
    )
    sums = billed.filter(after | before).mutate(after=after)
    key = [*CONTACT, "start", "end", "arm"]
    exact = sums.group_by(key).agg(
        months=sums.bill_month.nunique(),
        change=sums.after.ifelse(sums.amount_due, -sums.amount_due).sum(),
    )
    whole = exact.filter(exact.months == 2 * BILLS_AROUND)
    change = whole.change.cast("decimal(18, 2)").cast("float64") / BILLS_AROUND
    changed = whole.mutate(amount=change)
    return [
        told(changed, changed.arm + "_bill"),
        told(changed.mutate(amount=_.amount * _.amount), changed.arm + "_bill_squared"),
    ]
