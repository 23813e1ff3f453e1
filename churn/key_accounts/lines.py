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
    last_seen,
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


def lines_of_the_year(known: Known) -> ir.Table:
    """Return every line on the books tonight or at the start of a month of this year, as last seen.

    Books are delivered whole: without the earlier ones a line that has gone would be forgotten.

    Returns
    -------
    Table
        ``subscriber_id, customer_id`` (of the holder), ``group_id, product, plan, region,
        account_manager, customer_type, contract_ends_on, key_account_classes, on_books`` (tonight).
    """
    night = known.day
    first = year_start(night)
    days = [first]
    while (day := add_months(first, len(days))) < night:
        days.append(day)
    earlier = [_look(known.at(day), on_books=False) for day in reversed(days) if day < night]
    return last_seen([_look(known, on_books=True), *earlier])


def in_question(
    books: ir.Table, night: date, history: ir.Table, settings: KeyAccountSettings, bills: ir.Table
) -> ir.Table:
    """Return ``customer_id`` of every key account, and of every potential one.

    A customer is in question if any of its lines bears a class, or if its revenue reaches the share
    of the bound from which it is potential.

    Parameters
    ----------
    books
        :func:`lines_of_the_year`.
    history
        Spans of service states, :func:`churn.states.spans` of the night's status events.
    bills
        ``subscriber_id, average_bill``, see :func:`churn.targeting.value.average_bill`.
    """
    rows = _served(books, night, history, bills)
    customers = rows.group_by("customer_id").agg(
        revenue=_.average_bill.sum(where=_.served),
        marked=(_.key_account_classes.fill_null("").strip() != "").any(),
    )
    least = settings.high_value * settings.potential_share
    wanted = customers.filter(customers.marked | (customers.revenue >= least).fill_null(False))  # noqa: FBT003 - a fill value
    return wanted.select("customer_id")


def lines(
    books: ir.Table,
    night: date,
    history: ir.Table,
    states: StateSettings,
    bills: ir.Table,
    customers: ir.Table,
) -> ir.Table:
    """Return every line that one of the customers holds or held this year.

    Parameters
    ----------
    books, history, bills
        As in :func:`in_question`.
    customers
        ``customer_id``, a row each.

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
    rows = _served(books.semi_join(customers, "customer_id"), night, history, bills)
    remains = rows.on_books & ~rows.state.isin(sorted(DEPARTED)).fill_null(False)  # noqa: FBT003 - a fill value
    rows = rows.mutate(remains=remains.fill_null(False)).drop("on_books")  # noqa: FBT003 - a fill value
    away = _away(history.semi_join(rows, "subscriber_id"), states, night)
    return rows.left_join(away, "subscriber_id").drop("subscriber_id_right")


def _served(books: ir.Table, night: date, history: ir.Table, bills: ir.Table) -> ir.Table:
    """Add ``state``, ``average_bill`` and whether each line is served."""
    standing = state_at(history, night).select("subscriber_id", "state")
    rows = books.left_join(standing, "subscriber_id").drop("subscriber_id_right")
    rows = rows.left_join(bills, "subscriber_id").drop("subscriber_id_right")
    # Without status events whoever is on the books is served.
    served = rows.on_books & rows.state.isnull().ifelse(True, in_service(rows.state))  # noqa: FBT003 - Ibis's signature
    return rows.mutate(served=served.fill_null(False))  # noqa: FBT003 - a fill value


def _look(known: Known, *, on_books: bool) -> ir.Table:
    rows = known.subscribers
    return rows.select(
        "subscriber_id",
        *_BOOKS,
        customer_id=holder(rows),
        on_books=ibis.literal(on_books),
    )


def _away(history: ir.Table, states: StateSettings, night: date) -> ir.Table:
    """Return ``subscriber_id, left_on, cause`` of who is away, transfers and migrations apart."""
    away = departures(history, states)
    gone = away.filter((away.left_on < night) & (away.back_on.isnull() | (away.back_on >= night)))
    latest = first_of(gone, "subscriber_id", ibis.desc("left_on"))
    return latest.select("subscriber_id", "left_on", "cause")
