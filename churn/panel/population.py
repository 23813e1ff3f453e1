"""Who is at risk at a snapshot: in service as known then, for long enough; all others counted."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import ibis
import ibis.expr.types as ir
from ibis import _

from churn.language import Text
from churn.states import STATES, StateSettings, in_service, spans, state_at
from churn.tables import Known, holder
from churn.windows import TimeSettings

ID = "subscriber_id"
#: Roles of lines that no customer keeps or gives up.
NO_CUSTOMER = ("machine", "staff", "test", "dealer")
ELIGIBLE = "eligible"
ADMINISTRATIVE = tuple(name for name, state in STATES.items() if state.cause == "administrative")

REASONS: dict[str, Text] = {
    "off_the_books": Text("no longer on the operator's books", "已不在资料表中"),
    "no_status": Text("no service state on record", "无服务状态记录"),
    "never_used": Text("stopped at pre-registration, never used", "预登录停机，从未使用"),
    "administrative": Text(
        "moved, migrated, passed on, died, closed", "移机、迁移、过户等管理性离网"
    ),
    "suspended": Text("suspended for arrears", "欠费停机"),
    "gone": Text("already gone", "已离网"),
    "not_activated": Text("never activated", "未激活"),
    "too_new": Text("too short in service", "在网时间过短"),
    "no_customer": Text("a machine, staff, test or dealer line", "物联网、员工、测试或代理商号码"),
    "objected": Text("objected to profiling", "拒绝画像"),
}
"""Why a subscriber is left out, in the order in which the reasons are tried."""

#: What to deliver for whom a reason of :data:`REASONS` leaves out.
REMEDIES: Mapping[str, str] = MappingProxyType(
    {
        "no_status": "deliver a service state of every subscriber, also of those who never changed"
        " it",
        "not_activated": "deliver the day on which each was activated (subscribers.activated_on)",
        "never_used": "see which of your state codes mean that a line was never used",
        "administrative": "see which of your state codes mean a move, a new owner or a closure",
        "suspended": "see which of your state codes mean a suspension for arrears",
        "no_customer": "see which of your codes of subscribers.role mean a machine, staff, a test"
        " or a dealer",
        "objected": "see which of your codes of subscribers.opt_outs refuse profiling",
        "too_new": "see whether activated_on is the first day of service, or lower time.min_tenure",
    }
)


def population(known: Known, time: TimeSettings, states: StateSettings) -> ir.Table:
    """Return everyone the snapshot knew, and whether they are eligible.

    Parameters
    ----------
    known
        The tables as known at the snapshot.
    time
        Its ``min_tenure`` is the days in service that make a subscriber eligible.

    Returns
    -------
    Table
        ``subscriber_id``; ``customer_id``, the subscriber itself where none is known;
        ``eligible``; ``reason``, a key of :data:`REASONS`, null for the eligible. One row per
        subscriber on the books or with a status on record.
    """
    books = known.subscribers.select(
        ID, "customer_id", "activated_on", "role", "opt_outs", listed=True
    )
    current = state_at(spans(known.status_events, states), known.day)
    both = books.outer_join(current.select(ID, "state", "cause"), ID)
    rows = both.select(
        subscriber_id=ibis.coalesce(both[ID], both[f"{ID}_right"]),
        customer_id=_.customer_id,
        activated_on=_.activated_on,
        role=_.role,
        objected=_.opt_outs.contains(":profiling"),
        listed=_.listed,
        state=_.state,
        cause=_.cause,
    )
    tenure = -rows.activated_on.delta(ibis.literal(known.day, type="date"), unit="day")
    reason = ibis.cases(
        (rows.listed.isnull(), "off_the_books"),
        (rows.state.isnull(), "no_status"),
        ((rows.state == "preregistered") & rows.cause.isnull(), "never_used"),
        (rows.state.isin(ADMINISTRATIVE), "administrative"),
        (rows.state == "suspended", "suspended"),
        (~in_service(rows.state), "gone"),
        (rows.activated_on.isnull(), "not_activated"),
        (tenure < time.min_tenure, "too_new"),
        (rows.role.isin(NO_CUSTOMER), "no_customer"),
        (rows.objected, "objected"),
    )
    rows = rows.mutate(reason=reason)
    return rows.select(
        ID, customer_id=holder(rows), eligible=rows.reason.isnull(), reason=rows.reason
    )


def eligible(known: Known, time: TimeSettings, states: StateSettings) -> ir.Table:
    """Return ``subscriber_id`` and ``customer_id`` of the eligible."""
    return population(known, time, states).filter(_.eligible).select(ID, "customer_id")


def left_out(population: ir.Table) -> ir.Table:
    """Count the population by reason: ``reason``, :data:`ELIGIBLE` of those in it, and ``rows``."""
    reasons = population.select(reason=_.reason.fill_null(ELIGIBLE))
    return reasons.group_by("reason").aggregate(rows=_.count().cast("int64"))
