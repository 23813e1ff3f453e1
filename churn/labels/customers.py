"""Outcomes of whole customers: a line lost, all lines lost, so much revenue lost.

The lines are those in service at the snapshot and held by the customer as it was known then. A line
that goes on under another subscriber is followed there (:mod:`churn.states.lines`): moved or
migrated, it is not lost until the subscriber it became is. It is followed neither to a new owner,
whose line it is from then on, nor from a subscriber that came back to be served. What becomes of a
line is told by the default definition, of the last subscriber it had:

- *active*, *passive* or *gone*: the line is lost, on that day;
- moved or migrated, with or without a successor on record: it goes on;
- passed to a new owner, or ended by death, fraud or real-name rules: it counts neither as held nor
  as lost;
- anything else: it is kept.

The lost lines are gone through by date; the one with which the event happens dates the customer's
outcome and gives its cause, so *gone* if that was before the window opened. A customer of whom no
line counts is *administrative*. The outcome stands on the row of each line it held.
"""

from __future__ import annotations

from typing import Literal

import ibis
import ibis.expr.types as ir
from ibis import _

from churn.causes import CAUSES
from churn.labels.deciding import first_decides
from churn.labels.default import bearing
from churn.labels.definition import facts
from churn.labels.evidence import Evidence
from churn.states import departures, ends_of, first_of, in_service, links, read_codes, state_at
from churn.windows import add_months, month_start

Event = Literal["any_line", "all_lines", "revenue"]
Money = Literal["recurring", "amount_due"]
LOST = (*CAUSES, "gone")
GOES_ON = ("moved", "migrated")
DETAILS = {"any_line": "line_lost", "all_lines": "all_lines_lost", "revenue": "revenue_lost"}
WHOLE = 100


def settle(
    evidence: Evidence,
    holders: ir.Table,
    event: Event,
    *,
    percent: int,
    months: int,
    money: Money,
) -> ir.Table:
    """Return the outcome of every subscriber, that of its customer where it held a line.

    Parameters
    ----------
    holders
        ``subscriber_id`` and ``holder``: whose each line was at the snapshot; the others keep
        their own outcome.
    percent, months, money
        With the event *revenue*: the share that must be lost, the months before the snapshot whose
        bills tell it, and which of their amounts.
    """
    own = first_decides(evidence, bearing(evidence))
    held = lines_held(evidence, holders, own)
    if event == "revenue":
        held = _with_revenue(evidence, held, months=months, money=money)
    needed = percent if event == "revenue" else WHOLE if event == "all_lines" else 0
    customers = _customers(held, needed, DETAILS[event])
    mine = held.select("subscriber_id", "holder").inner_join(customers, "holder")
    mine = mine.select(
        "subscriber_id", "holder_outcome", "holder_event_on", "holder_detail", "holder_ended"
    )
    rows = own.left_join(mine, "subscriber_id").drop("subscriber_id_right")
    by_holder = rows.holder_outcome.notnull()
    return rows.mutate(
        outcome=ibis.coalesce(rows.holder_outcome, rows.outcome),
        event_on=ibis.cases((by_holder, rows.holder_event_on), else_=rows.event_on),
        detail=ibis.coalesce(rows.holder_detail, rows.detail),
        ended_by_holder=ibis.coalesce(rows.holder_ended, rows.ended_by_holder),
    ).select(*own.columns)


def lines_held(evidence: Evidence, holders: ir.Table, own: ir.Table) -> ir.Table:
    """Return the lines in service at the snapshot and what became of each.

    Columns: ``subscriber_id``, ``holder``; ``last_id``, the last subscriber it was under; ``fate``
    (lost, kept, set_aside), ``lost_as`` (active, passive, gone), ``ended_on``,
    ``ended_by_holder``, ``won_back``; ``weight``, 1.
    """
    at_snapshot = state_at(evidence.spans, evidence.snapshot)
    served = at_snapshot.filter(in_service(at_snapshot.state)).select("subscriber_id")
    held = holders.inner_join(served, "subscriber_id").select("subscriber_id", "holder")
    onward = ends_of(_goes_on(evidence))
    rows = held.left_join(onward, "subscriber_id")
    last_id = ibis.coalesce(rows.leads_to, rows.subscriber_id)
    # Distinct already: this keeps Ibis from extending one join by the next.
    rows = rows.select("subscriber_id", "holder", last_id=last_id).distinct()
    fates = own.select(
        "outcome", "detail", "ended_by_holder", last_id=_.subscriber_id, ended_on=_.event_on
    )
    rows = rows.left_join(fates, "last_id").drop("last_id_right")
    administrative = (rows.outcome == "administrative") & (rows.detail != "won_back")
    return rows.select(
        "subscriber_id",
        "holder",
        "last_id",
        fate=ibis.cases(
            (rows.outcome.isin(LOST), "lost"),
            (administrative & ~rows.detail.isin(GOES_ON), "set_aside"),
            else_="kept",
        ),
        lost_as=rows.outcome,
        ended_on=rows.ended_on,
        ended_by_holder=rows.ended_by_holder,
        won_back=(rows.detail == "won_back").fill_null(False),  # noqa: FBT003 - a fill value
        weight=ibis.literal(1, type="int64"),
    )


def _goes_on(evidence: Evidence) -> ir.Table:
    """Return where lines go on after the snapshot: ``subscriber_id``, ``leads_to``."""
    known = evidence.known
    now, then = known.subscribers, known.at(evidence.snapshot).subscribers
    # Who moved has left the books; whose it was, the snapshot knew.
    books = ibis.union(now, then.anti_join(now, "subscriber_id").select(*now.columns))
    linked = links(known.status_events, books, evidence.states)
    fallen = departures(evidence.spans, evidence.states)
    back = (fallen.back_on <= known.horizon) & ~fallen.issued_anew
    away = fallen.filter((fallen.left_on >= evidence.snapshot) & ~back.fill_null(False))  # noqa: FBT003 - a fill value
    away = away.group_by("subscriber_id").agg(away_from=_.left_on.min())
    passed = linked.inner_join(away, "subscriber_id")
    passed = passed.filter(passed.linked_at.date() >= passed.away_from)
    read = read_codes(known.status_events, evidence.states)
    transfers = read.filter(read.state == "transferred")
    transfers = transfers.select("subscriber_id", linked_at=_.effective_at)
    passed = passed.anti_join(transfers, ["subscriber_id", "linked_at"])
    return passed.select("subscriber_id", leads_to=passed.successor_id)


def _with_revenue(evidence: Evidence, held: ir.Table, *, months: int, money: Money) -> ir.Table:
    """Weigh each line by what it was billed before the snapshot, in hundredths."""
    bills = evidence.known.at(evidence.snapshot).bills
    first = add_months(month_start(evidence.snapshot), -months)
    recent = bills.filter(bills.bill_month >= first)
    cents = (recent[money].fill_null(0) * WHOLE).cast("int64")
    billed = recent.mutate(cents=cents).group_by("subscriber_id").agg(revenue=_.cents.sum())
    rows = held.left_join(billed, "subscriber_id").drop("subscriber_id_right")
    weight = ibis.greatest(rows.revenue.fill_null(0), 0).cast("int64")
    return rows.mutate(weight=weight).select(*held.columns)


def _customers(held: ir.Table, needed: int, detail: str) -> ir.Table:
    """Decide of each holder: ``holder``, ``holder_outcome …_event_on …_detail …_ended``."""
    each = held.group_by("holder").agg(
        counting=(held.fate != "set_aside").cast("int64").sum(),
        total=held.weight.sum(where=held.fate != "set_aside").fill_null(0).cast("int64"),
        set_aside_on=held.ended_on.max(where=held.fate == "set_aside"),
        won_back_on=held.ended_on.min(where=held.won_back),
    )
    order = ["ended_on", "lost_as", "last_id", "subscriber_id"]
    by_date = ibis.window(group_by="holder", order_by=order, rows=(None, 0))
    lost = held.filter(held.fate == "lost")
    lost = lost.mutate(so_far=lost.weight.sum().over(by_date).cast("int64"))
    lost = lost.inner_join(each.select("holder", "total"), "holder")
    enough = lost.filter(
        (lost.so_far * WHOLE >= lost.total * needed) & ((lost.total > 0) | (needed == 0))
    )
    deciding = first_of(enough, "holder", order)
    deciding = deciding.select("holder", "lost_as", "ended_on", "ended_by_holder")
    rows = each.left_join(deciding, "holder").drop("holder_right")
    happened = rows.lost_as.notnull()
    nobody = rows.counting == 0
    undone = rows.won_back_on.notnull() & (needed == 0)
    return rows.select(
        "holder",
        holder_outcome=ibis.cases(
            (happened, rows.lost_as), (nobody | undone, "administrative"), else_="none"
        ),
        holder_event_on=ibis.cases(
            (happened, rows.ended_on),
            (nobody, rows.set_aside_on),
            (undone, rows.won_back_on),
            else_=ibis.null("date"),
        ),
        holder_detail=ibis.cases(
            (happened, detail),
            (nobody, "lines_set_aside"),
            (undone, "won_back"),
            else_="lines_kept",
        ),
        holder_ended=rows.ended_by_holder.fill_null(False),  # noqa: FBT003 - a fill value
    )


def facts_of(evidence: Evidence, holders: ir.Table, subscriber_id: str) -> ir.Table:
    """Return the facts of the customer's lines: how many it held, and which it lost when."""
    own = first_decides(evidence, bearing(evidence))
    held = lines_held(evidence, holders, own)
    mine = held.filter(held.subscriber_id == subscriber_id).select("holder")
    held = held.semi_join(mine, "holder")
    count = held.aggregate(lines=_.count(), aside=(_.fate == "set_aside").sum())
    count = count.filter(count.lines > 0)
    lost = held.filter(held.fate == "lost")
    return ibis.union(
        facts(count, ("lines_held", None, count.lines)),
        *(
            facts(rows, (f"line_{cause}", rows.ended_on, None)).mutate(place=_.place + 1)
            for cause in LOST
            for rows in [lost.filter(lost.lost_as == cause)]
        ),
        facts(
            count.filter(count.aside > 0),
            ("lines_aside", None, count.filter(count.aside > 0).aside),
        ).mutate(place=_.place + 2),
    )
