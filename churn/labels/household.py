"""The household view: what became of the lines of a customer together.

See :mod:`churn.labels.customers` for which lines count and how the event is dated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import ibis.expr.types as ir
from pydantic import Field

from churn.frozen import Frozen
from churn.labels import customers
from churn.labels.customers import Event, Money
from churn.labels.default import bearing
from churn.labels.definition import LabelDefinition
from churn.labels.evidence import Evidence
from churn.language import Text
from churn.tables import holder


class HouseholdSettings(Frozen):
    """The parameters of the household view (``labels.household:``)."""

    event: Event = Field(
        "any_line", description="what counts: any_line lost, all_lines lost, or revenue lost"
    )
    revenue_percent: int = Field(
        50, ge=1, le=100, description="share of the customer's revenue that must be lost, percent"
    )
    revenue_months: int = Field(
        3, gt=0, description="months before the snapshot whose bills tell the revenue"
    )
    revenue_of: Money = Field("amount_due", description="the amount of a bill that is revenue")

    @property
    def reads(self) -> tuple[str, ...]:
        """The tables that the view reads."""
        bills = ("bills",) if self.event == "revenue" else ()
        return ("status_events", "subscribers", *bills)

    @property
    def priced_by(self) -> tuple[tuple[str, str], ...]:
        """The column, as (table, column), that tells what is lost where revenue counts."""
        return (("bills", self.revenue_of),) if self.event == "revenue" else ()


def household(settings: HouseholdSettings) -> LabelDefinition:
    """Return the household view with its parameters."""
    text = Text("what became of all lines of the customer together", "同一客户全部线路的整体结果")
    return by_holder("household", text, settings, holders, ("customer_id",))


def by_holder(
    name: str,
    text: Text,
    settings: HouseholdSettings,
    holders: Callable[[Evidence], ir.Table],
    holding: Sequence[str],
) -> LabelDefinition:
    """Return a view of whole holders, given how each line's is told, by which columns."""

    def settle(evidence: Evidence) -> ir.Table:
        return customers.settle(
            evidence,
            holders(evidence),
            settings.event,
            percent=settings.revenue_percent,
            months=settings.revenue_months,
            money=settings.revenue_of,
        )

    def facts_of(evidence: Evidence, subscriber_id: str) -> ir.Table:
        return customers.facts_of(evidence, holders(evidence), subscriber_id)

    return LabelDefinition(
        name=name,
        text=text,
        reads=settings.reads,
        needs=(*(("subscribers", column) for column in holding), *settings.priced_by),
        judge=bearing,
        settle=settle,
        facts=facts_of,
        by_customer=True,
    )


def holders(evidence: Evidence) -> ir.Table:
    """Return ``subscriber_id`` and ``holder``: the customer, or the subscriber without one."""
    books = evidence.known.at(evidence.snapshot).subscribers
    return books.select("subscriber_id", holder=holder(books))
