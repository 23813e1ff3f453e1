"""What the decision needs to know of a subscriber besides its scores."""

from __future__ import annotations

from functools import reduce

import ibis
import ibis.expr.types as ir

from churn.tables import Known, holder
from churn.tables.canonical import CHANNELS
from churn.targeting.balances import latest_balance
from churn.targeting.rules import OFFERS, histories
from churn.targeting.settings import TargetingSettings
from churn.targeting.value import average_bill
from churn.windows import month_start

_YES, _NO = (ibis.literal(flag) for flag in (True, False))


def context(known: Known, settings: TargetingSettings, bills: ir.Table | None = None) -> ir.Table:
    """Return one row per subscriber on the books.

    ``bills`` is what :func:`average_bill` returns for the settings, where it is at hand.

    Columns: ``subscriber_id, customer_id`` (itself where none is on record), ``product, region,
    account_manager, key_account_classes, customer_type, activated_on, opt_outs`` (channels any line
    of the customer refused, joined by ';'), ``average_bill, yearly_spend, amount_overdue``
    (float64, currency; null where no bill or no arrears table is known), ``recent_fault`` (bool),
    ``applied_to_port`` (bool: any line of the customer has applied to be ported out),
    ``recent_complaint`` (bool), ``tenure_days``, ``contract_days`` (int64, to the commitment's end;
    null: none), ``key_account``, ``has_mobile`` (bool),
    ``last_contact_on`` (of the customer, treated or control; null: never), ``offers_in_year`` and
    ``last_<action>_on`` for each action that a rule is after (of the customer, treated only).
    """
    books = _books(known)
    customers = _opt_outs(books).left_join(_last_contacts(known, books), "customer_id")
    parts = [
        customers.drop("customer_id_right"),
        histories(
            known,
            books.select("subscriber_id", "customer_id"),
            settings.rules,
            settings.actions,
        ),
        average_bill(known, settings.value.bills) if bills is None else bills,
        _yearly_spend(known),
        _overdue(known, settings.last_notices.balance_max_age),
        _recent_faults(known, settings.fault_days),
        _recent_complaints(known, settings.fault_days),
        _applied_to_port(known, books),
    ]
    joined = books.drop("opt_outs")
    for part in parts:
        key = "customer_id" if "customer_id" in part.columns else "subscriber_id"
        joined = joined.left_join(part, key).drop(f"{key}_right")
    overdue = joined.amount_overdue.fill_null(0.0) if known.has("arrears") else ibis.null("float64")
    day, classes = ibis.literal(known.day), joined.key_account_classes.fill_null("")
    return joined.mutate(
        amount_overdue=overdue,
        recent_fault=joined.recent_fault.fill_null(_NO),
        recent_complaint=joined.recent_complaint.fill_null(_NO),
        tenure_days=day.delta(joined.activated_on, unit="day"),
        contract_days=joined.contract_ends_on.delta(day, unit="day"),
        key_account=(classes != "") & (classes != "potential"),
        has_mobile=(joined["product"] == "mobile").fill_null(_NO),
        applied_to_port=joined.applied_to_port.fill_null(_NO),
        **{OFFERS: joined[OFFERS].fill_null(0)},
    ).drop("contract_ends_on")


def spent_in_month(known: Known) -> ir.DecimalScalar:
    """Return what the month's contacts, as known, have cost; null where none is on record."""
    rows = known.campaign_contacts
    this_month = (rows.contacted_on >= month_start(known.day)) & (rows.contacted_on < known.day)
    return rows.filter(this_month & (rows.arm == "treated")).cost.sum().cast("decimal(18, 2)")


def _books(known: Known) -> ir.Table:
    rows = known.subscribers
    return rows.select(
        "subscriber_id",
        "product",
        "region",
        "account_manager",
        "key_account_classes",
        "customer_type",
        "activated_on",
        "contract_ends_on",
        "opt_outs",
        customer_id=holder(rows),
    )


def _opt_outs(books: ir.Table) -> ir.Table:
    """Return per customer the channels that any of its lines refused, in a fixed order.

    Refused for offers is refused: what a list plans is marketing.
    """
    refused = ibis.literal(";") + books.opt_outs + ";"
    flags = {
        name: (refused.contains(f";{name};") | refused.contains(f";{name}:marketing;")).fill_null(
            _NO
        )
        for name in CHANNELS
    }
    seen = books.select("customer_id", **flags).group_by("customer_id")
    any_line = seen.agg(**{name: ibis._[name].any() for name in CHANNELS})
    words = [any_line[name].ifelse(f"{name};", "") for name in CHANNELS]
    joined = reduce(lambda left, right: left + right, words)
    return any_line.select("customer_id", opt_outs=joined)


def _last_contacts(known: Known, books: ir.Table) -> ir.Table:
    lines = books.select("subscriber_id", "customer_id")
    contacts = known.campaign_contacts.inner_join(lines, "subscriber_id")
    return contacts.group_by("customer_id").agg(last_contact_on=ibis._.contacted_on.max())


def _yearly_spend(known: Known) -> ir.Table:
    year = known.window("bills", days=365)
    sums = known.bills.filter(year.contains(ibis._.bill_month)).group_by("subscriber_id")
    total = ibis._.amount_due.sum().cast("decimal(18, 2)").cast("float64")
    return sums.agg(yearly_spend=total)


def _overdue(known: Known, max_age: int) -> ir.Table:
    owing = latest_balance(known, max_age)
    return owing.select("subscriber_id", amount_overdue=owing.owed.cast("float64"))


def _applied_to_port(known: Known, books: ir.Table) -> ir.Table:
    applied = known.port_queries.filter(ibis._.kind == "applied").select("subscriber_id")
    rows = books.semi_join(applied, "subscriber_id").select("customer_id")
    return rows.distinct().mutate(applied_to_port=_YES)


def _recent_faults(known: Known, days: int) -> ir.Table:
    recent = known.faults.filter(known.window("faults", days).contains(ibis._.opened_at))
    return recent.select("subscriber_id").distinct().mutate(recent_fault=_YES)


def _recent_complaints(known: Known, days: int) -> ir.Table:
    recent = known.complaints.filter(known.window("complaints", days).contains(ibis._.opened_at))
    return recent.select("subscriber_id").distinct().mutate(recent_complaint=_YES)
