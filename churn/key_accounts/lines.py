"""The lines of key accounts and of those on their way there: what each is, and what it brings."""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

from churn.key_accounts.loss import year_start
from churn.key_accounts.settings import KeyAccountSettings
from churn.states import (
    DEPARTED,
    StateSettings,
    departures,
    first_of,
    in_service,
    state_at,
)
from churn.tables import Known, holder
from churn.windows import add_months

_BOOKS = (
    "group_id",
    "product",
    "plan",
    "region",
    "account_manager",
    "customer_type",
    "contract_ends_on",
    "key_account_classes",
)


def lines(
    known: Known,
    history: ir.Table,
    states: StateSettings,
    settings: KeyAccountSettings,
    bills: ir.Table,
) -> ir.Table:
    """Return every line that a key account, or a potential one, holds or held this year.

    A customer is in question if any of its lines bears a class, or if its revenue reaches the share
    of the bound from which it is potential.

    Parameters
    ----------
    history
        Spans of service states, :func:`churn.states.spans` of the night's status events.
    bills
        ``subscriber_id, average_bill``, see :func:`churn.targeting.value.average_bill`.

    Returns
    -------
    Table
        ``subscriber_id, customer_id, group_id, product, plan, region, account_manager,
        customer_type, contract_ends_on, key_account_classes``, ``state`` (of the service, null
        where no event tells), ``served`` (bool), ``remains`` (bool: on the books and not
        departed; a suspended line remains), ``average_bill`` (currency a month; null: no bill
        known), ``left_on, cause`` (of the departure that it has not come back from; null in
        service).
    """
    standing = state_at(history, known.day).select("subscriber_id", "state")
    rows = _books(known).left_join(standing, "subscriber_id").drop("subscriber_id_right")
    rows = rows.left_join(_away(history, states, known.day), "subscriber_id")
    rows = rows.drop("subscriber_id_right")
    rows = rows.left_join(bills, "subscriber_id").drop("subscriber_id_right")
    # Without status events whoever is on the books is served.
    served = rows.on_books & rows.state.isnull().ifelse(True, in_service(rows.state))  # noqa: FBT003 - Ibis's signature
    remains = rows.on_books & ~rows.state.isin(sorted(DEPARTED)).fill_null(False)  # noqa: FBT003 - a fill value
    rows = rows.mutate(served=served.fill_null(False), remains=remains).drop("on_books")  # noqa: FBT003 - a fill value
    wanted = rows.group_by("customer_id").agg(
        revenue=_.average_bill.sum(where=_.served),
        marked=(_.key_account_classes.fill_null("").strip() != "").any(),
    )
    least = settings.high_value * settings.potential_share
    wanted = wanted.filter(wanted.marked | (wanted.revenue >= least).fill_null(False))  # noqa: FBT003 - a fill value
    return rows.semi_join(wanted, "customer_id")


def _books(known: Known) -> ir.Table:
    """Return every line on the books tonight or at the start of a month of this year, as last seen.

    Books are delivered whole: without the earlier ones a line that has gone would be forgotten.
    """
    night = known.day
    first = year_start(night)
    days = [first]
    while (day := add_months(first, len(days))) < night:
        days.append(day)
    looks = [_look(known.at(day), on_books=False) for day in days if day < night]
    seen = ibis.union(*looks, _look(known, on_books=True)) if looks else _look(known, on_books=True)
    return first_of(seen, "subscriber_id", ibis.desc("seen_on")).drop("seen_on")


def _look(known: Known, *, on_books: bool) -> ir.Table:
    rows = known.subscribers
    return rows.select(
        "subscriber_id",
        *_BOOKS,
        customer_id=holder(rows),
        seen_on=ibis.date(known.day),
        on_books=ibis.literal(on_books),
    )


def _away(history: ir.Table, states: StateSettings, night: date) -> ir.Table:
    """Return ``subscriber_id, left_on, cause`` of who is away, transfers and migrations apart."""
    away = departures(history, states)
    gone = away.filter((away.left_on < night) & (away.back_on.isnull() | (away.back_on >= night)))
    latest = first_of(gone, "subscriber_id", ibis.desc("left_on"))
    return latest.select("subscriber_id", "left_on", "cause")
