"""What happened to key accounts, dated: needs they voiced, changes, and reactions.

DOMAIN's rule: a key account must be visited when it voices a need, changes, or reacts to something.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import ibis
import ibis.expr.types as ir
from ibis import _

from churn.key_accounts.loss import BASE_MONTHS, year_start
from churn.key_accounts.settings import KeyAccountSettings
from churn.language import Text
from churn.tables import Known
from churn.windows import add_months, month_start

Kind = Literal["need", "change", "reaction"]


@dataclass(frozen=True)
class Signal:
    """One thing that can happen to a key account.

    Parameters
    ----------
    text
        How it is told: ``{n}`` how often, ``{on}`` when (the latest; of commitments the first to
        end), ``{share}`` by how much.
    calls
        Whether it alone calls for a visit; others are told as changes.
    """

    kind: Kind
    text: Text
    calls: bool = True


SIGNALS: Mapping[str, Signal] = {
    "port_applied": Signal("need", Text("applied to port out on {on}", "{on}申请携号转出")),
    "port_asked": Signal(
        "need",
        Text("questions about porting out: {n}, last on {on}", "查询携号转出{n}次，最近{on}"),
    ),
    "competitor_bid": Signal(
        "need", Text("a competitor's bid, told on {on}", "{on}走访获知竞争对手报价")
    ),
    "tender": Signal("need", Text("a tender, told on {on}", "{on}走访获知将招标")),
    "office_move": Signal("need", Text("an office move, told on {on}", "{on}走访获知办公搬迁")),
    "follow_up": Signal("need", Text("the visit of {on} left something open", "{on}走访后需跟进")),
    "contract_ends": Signal(
        "change", Text("commitments that end: {n}, the first on {on}", "{n}份合约将到期，最早{on}")
    ),
    "line_lost": Signal("change", Text("lines lost: {n}, last on {on}", "流失{n}条线路，最近{on}")),
    "bills_fell": Signal("change", Text("bills fell by {share}", "月账单下降{share}")),
    "bills_rose": Signal("change", Text("bills rose by {share}", "月账单上升{share}"), calls=False),
    "voice_fell": Signal("change", Text("calls fell by {share}", "通话时长下降{share}")),
    "data_fell": Signal("change", Text("data use fell by {share}", "流量下降{share}")),
    "dissatisfied": Signal(
        "reaction", Text("was dissatisfied at the visit of {on}", "{on}走访时表示不满")
    ),
    "complaint_escalated": Signal(
        "reaction", Text("escalated complaints: {n}, last on {on}", "升级投诉{n}件，最近{on}")
    ),
    "complaint": Signal("reaction", Text("complaints: {n}, last on {on}", "投诉{n}件，最近{on}")),
    "fault": Signal("reaction", Text("faults: {n}, last on {on}", "故障{n}次，最近{on}")),
    "late_order": Signal(
        "reaction", Text("orders late: {n}, last due on {on}", "工单超期{n}件，最近应完成日{on}")
    ),
    "low_score": Signal("reaction", Text("satisfaction {value} on {on}", "{on}满意度{value}分")),
}
"""Every signal by its code, in the order in which an account's are told."""

ENDS_AHEAD = "contract_ends"
FAULT = "fault"


def events(known: Known, lines: ir.Table, settings: KeyAccountSettings) -> ir.Table:
    """Return what happened to the lines' customers within a year, and commitments about to end.

    Parameters
    ----------
    lines
        :func:`churn.key_accounts.lines.lines`.

    Returns
    -------
    Table
        ``customer_id, subscriber_id`` (null of visits), ``code`` (of :data:`SIGNALS`), ``on``,
        ``value`` (a survey's score, else null).
    """
    night = known.day
    year = night - timedelta(days=365)
    parts = [
        _of(known.complaints, _complaint(known), _.opened_at.date()),
        _of(known.faults, FAULT, _.opened_at.date()),
        _of(
            known.service_orders.filter(
                (_.due_on < night) & (_.done_on.isnull() | (_.done_on > _.due_on))
            ),
            "late_order",
            _.due_on,
        ),
        _of(
            known.surveys.filter(_.score < settings.low_score), "low_score", _.answered_on, _.score
        ),
        _of(
            known.port_queries,
            _.kind.cases(("applied", "port_applied"), else_="port_asked"),
            _.on,
        ),
    ]
    holders = lines.select("subscriber_id", "customer_id")
    of_lines = ibis.union(*parts).inner_join(holders, "subscriber_id")
    of_lines = of_lines.select("customer_id", "subscriber_id", "code", "on", "value")
    ending = lines.filter(
        lines.served
        & (lines.contract_ends_on >= night)
        & (lines.contract_ends_on < night + timedelta(days=settings.contract_days))
    )
    lost = lines.filter(lines.left_on.notnull() & (lines.cause != "administrative"))
    own = [
        _own(ending, ENDS_AHEAD, ending.contract_ends_on),
        _own(lost, "line_lost", lost.left_on),
        _visited(known, lines, settings),
    ]
    rows = ibis.union(of_lines, *own)
    return rows.filter(rows.on >= year)


def monthly_sums(known: Known, lines: ir.Table) -> ir.Table:
    """Return per customer and whole month of a year or more: ``bills``, ``voice``, ``data``.

    Returns
    -------
    Table
        ``customer_id, month, what, amount`` (float64: currency, seconds or minutes, MB), a row
        only where there was any. Without records of use there are bills alone.
    """
    first = min(
        add_months(month_start(known.day), -12), add_months(year_start(known.day), -BASE_MONTHS)
    )
    holders = lines.select("subscriber_id", "customer_id")
    bills = known.bills.filter(_.bill_month >= first)
    parts = _sums(bills, holders, bills.bill_month, {"bills": bills.amount_due})
    if known.has("calls"):
        calls = known.calls.filter(_.started_at >= first)
        month = calls.started_at.date().truncate("M")
        amounts = {"voice": calls.seconds, "data": calls.megabytes}
        parts += _sums(calls, holders, month, amounts)
    elif known.has("usage_monthly"):
        use = known.usage_monthly.filter(_.month >= first)
        spoken = use.voice_out_minutes.fill_null(0) + use.voice_in_minutes.fill_null(0)
        amounts = {"voice": spoken, "data": use.megabytes}
        parts += _sums(use, holders, use.month, amounts)
    rows = ibis.union(*parts)
    return rows.filter(rows.amount > 0)


def last_visits(known: Known, lines: ir.Table) -> ir.Table:
    """Return ``customer_id, last_visit_on, last_visit_by, last_outcome`` of those ever visited."""
    wanted = known.visits.semi_join(lines, "customer_id")
    newest = ibis.row_number().over(
        group_by="customer_id", order_by=[ibis.desc("visited_on"), "by", "outcome"]
    )
    latest = wanted.mutate(place=newest).filter(_.place == 0)
    return latest.select(
        "customer_id", last_visit_on=_.visited_on, last_visit_by=_.by, last_outcome=_.outcome
    )


def _complaint(known: Known) -> ir.StringValue:
    escalated = known.complaints.escalated.fill_null(False)  # noqa: FBT003 - a fill value
    return escalated.ifelse("complaint_escalated", "complaint")


def _of(
    rows: ir.Table, code: ir.StringValue | str, on: ir.Value, value: ir.Value | None = None
) -> ir.Table:
    """Return events of subscribers."""
    named = ibis.literal(code) if isinstance(code, str) else code
    amount = ibis.null("float64") if value is None else value.cast("float64")
    return rows.select("subscriber_id", code=named, on=on, value=amount)


def _own(lines: ir.Table, code: str, on: ir.DateValue) -> ir.Table:
    """Return events that the lines themselves tell of."""
    return lines.select(
        "customer_id",
        "subscriber_id",
        code=ibis.literal(code),
        on=on,
        value=ibis.null("float64"),
    )


def _visited(known: Known, lines: ir.Table, settings: KeyAccountSettings) -> ir.Table:
    """Return what visits found that calls for another."""
    words = sorted(settings.visit_outcomes.items())
    visits = known.visits.semi_join(lines, "customer_id")
    none = ibis.null("string")
    code = visits.outcome.strip().cases(*words, else_=none) if words else none
    rows = visits.select(
        "customer_id",
        subscriber_id=ibis.null("string"),
        code=code,
        on=visits.visited_on,
        value=ibis.null("float64"),
    )
    return rows.filter(rows.code.notnull())


def _sums(
    rows: ir.Table, holders: ir.Table, month: ir.DateValue, amounts: Mapping[str, ir.Value]
) -> list[ir.Table]:
    """Sum amounts by customer and month in one pass: the records of use are many."""
    of_lines = rows.select("subscriber_id", month=month.cast("date"), **amounts)
    joined = of_lines.inner_join(holders, "subscriber_id")
    exact = {name: joined[name].cast("decimal(24, 4)").sum() for name in amounts}
    sums = joined.group_by("customer_id", "month").agg(
        **{name: total.cast("decimal(28, 4)").cast("float64") for name, total in exact.items()}
    )
    return [
        sums.select("customer_id", "month", what=ibis.literal(name), amount=sums[name])
        for name in amounts
    ]
