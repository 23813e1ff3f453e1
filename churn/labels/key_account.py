"""The key-account view: what became of the lines of a key account, mostly of its revenue.

A key account is the group of firms, or the customer that belongs to none, of which any line bears a
key-account class at the snapshot. Lines of others keep the outcome of the default definition. See
:mod:`churn.labels.customers` for which lines count and how the event is dated.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _
from pydantic import Field

from churn.labels.customers import Event
from churn.labels.definition import LabelDefinition
from churn.labels.evidence import Evidence
from churn.labels.household import HouseholdSettings, by_holder
from churn.language import Text
from churn.tables import holder


class KeyAccountSettings(HouseholdSettings):
    """The parameters of the key-account view (``labels.key_account:``)."""

    event: Event = Field(
        "revenue", description="what counts: any_line lost, all_lines lost, or revenue lost"
    )
    revenue_percent: int = Field(
        10, ge=1, le=100, description="share of the account's revenue that must be lost, percent"
    )
    by_group: bool = Field(
        default=True, description="whether the firms of one group are one account"
    )


def key_account(settings: KeyAccountSettings) -> LabelDefinition:
    """Return the key-account view with its parameters."""
    holding = ("key_account_classes", "customer_id", *(("group_id",) if settings.by_group else ()))
    return by_holder(
        "key_account",
        Text("what became of all lines of a key account together", "大客户全部线路的整体结果"),
        settings,
        lambda evidence: accounts(evidence, by_group=settings.by_group),
        holding,
    )


def accounts(evidence: Evidence, *, by_group: bool) -> ir.Table:
    """Return ``subscriber_id`` and ``holder`` of the lines that key accounts held."""
    books = evidence.known.at(evidence.snapshot).subscribers
    # Customers and groups have ids of their own: the same text may mean one of each.
    own = ibis.literal("customer:") + holder(books)
    group = ibis.literal("group:") + books.group_id
    rows = books.select(
        "subscriber_id",
        holder=ibis.coalesce(group, own) if by_group else own,
        key=books.key_account_classes.fill_null("").strip() != "",
    )
    return rows.semi_join(rows.filter(_.key).select("holder"), "holder").drop("key")
