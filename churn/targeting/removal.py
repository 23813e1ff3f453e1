"""The last-notice list: whose removal is near by the rule for its state, and how to reach them.

From states and arrears alone; no model is needed. On hold, silence means nothing: who put a
number on hold and then fell into arrears is told before it is removed, on another contact.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from churn.states import StateSettings, first_of, in_service, months_later, state_at
from churn.tables import Known, holder
from churn.targeting.balances import latest_balance
from churn.targeting.settings import LastNoticeSettings, RemovalRule


def last_notices(
    known: Known, history: ir.Table, states: StateSettings, settings: LastNoticeSettings
) -> ir.Table:
    """Return who is to be removed within ``near_days``, or should have been already.

    Parameters
    ----------
    history
        Spans of service states, :func:`churn.states.spans` of the night's status events.

    Returns
    -------
    Table
        ``subscriber_id, customer_id, region, account_manager, state, since`` (the state's first
        day), ``removal_on, days_left`` (negative: the day has passed), ``amount_owed`` (null where
        no balance is known), ``notified`` (whether notice of the removal was given since the
        rule's count began; null where notices are not delivered), ``notified_on,
        notice_channel`` of the latest. No personal data: see :func:`with_contacts`.
    """
    books = known.subscribers
    holders = books.select("subscriber_id", "region", "account_manager", customer_id=holder(books))
    listed = _near(known, history, states, settings).inner_join(holders, "subscriber_id")
    notified = _notices(known, listed, settings)
    return listed.left_join(notified, "subscriber_id").select(
        "subscriber_id",
        "customer_id",
        "region",
        "account_manager",
        "state",
        "since",
        "removal_on",
        "days_left",
        amount_owed=ibis._.owed.fill_null(0) if known.has("arrears") else ibis._.owed,
        notified=ibis._.notified_on.notnull() if known.has("notices") else ibis.null("boolean"),
        notified_on=ibis._.notified_on,
        notice_channel=ibis._.notice_channel,
    )


def near_but_off_the_books(
    known: Known, history: ir.Table, states: StateSettings, settings: LastNoticeSettings
) -> ir.Table:
    """Return ``subscriber_id`` of those near removal whom the books no longer list.

    Their last status says suspended or on hold, but nobody knows who holds the line now: they are
    counted, not listed.
    """
    near = _near(known, history, states, settings)
    return near.anti_join(known.subscribers, "subscriber_id").select("subscriber_id")


def with_contacts(rows: ir.Table, known: Known, history: ir.Table) -> ir.Table:
    """Add ``name, phone, contact``: how to reach the holder other than on the silent number.

    ``contact`` tells what the phone is: ``alternate`` (the other number on file), ``other_line``
    (another line of the customer, in service), or null where there is none. This reads personal
    data and is for the export alone.
    """
    details = known.contact_details
    own = details.select(
        "subscriber_id",
        "name",
        alternate=_other_than(details.alternate_phone, details.phone),
        silent=details.phone,
    )
    joined = rows.left_join(own, "subscriber_id").drop("subscriber_id_right")
    other = _other_lines(joined, known, history)
    joined = joined.left_join(other, "subscriber_id").drop("subscriber_id_right")
    return joined.mutate(
        phone=ibis.coalesce(joined.alternate, joined.line_phone),
        contact=ibis.cases(
            (joined.alternate.notnull(), "alternate"),
            (joined.line_phone.notnull(), "other_line"),
            else_=ibis.null("string"),
        ),
    ).drop("alternate", "silent", "line_phone")


def _near(
    known: Known, history: ir.Table, states: StateSettings, settings: LastNoticeSettings
) -> ir.Table:
    """Return who is to be removed within ``near_days``, or should have been, with ``days_left``."""
    standing = state_at(history, known.day)
    balance = latest_balance(known, settings.balance_max_age)
    rows = standing.left_join(balance, "subscriber_id").drop("subscriber_id_right")
    dated = ibis.union(*(_by_rule(rows, rule) for rule in settings.rules(states)))
    days_left = dated.removal_on.delta(ibis.date(known.day), unit="day").cast("int64")
    return dated.mutate(days_left=days_left).filter(ibis._.days_left <= settings.near_days)


def _by_rule(rows: ir.Table, rule: RemovalRule) -> ir.Table:
    """Date the removal of those in the rule's state."""
    concerned = rows.filter(rows.state == rule.state)
    start = concerned.since
    if rule.counts_from == "arrears":
        concerned = concerned.filter(concerned.owed.notnull())
        start = ibis.coalesce(concerned.owed_since, concerned.since)
    removal = months_later(start, rule.months) + ibis.interval(days=rule.days)
    return concerned.select(
        "subscriber_id",
        "state",
        "since",
        "owed",
        counts_from=start.cast("date"),
        removal_on=removal.cast("date"),
    )


def _notices(known: Known, listed: ir.Table, settings: LastNoticeSettings) -> ir.Table:
    """Return the latest notice of removal given since each one's count began."""
    notices = known.notices.filter(known.notices.kind.isin(settings.notice_kinds))
    since = notices.inner_join(listed.select("subscriber_id", "counts_from"), "subscriber_id")
    since = since.filter(since.notified_on >= since.counts_from)
    newest_first = [ibis.desc("notified_on"), "kind", "channel"]
    latest = first_of(since, "subscriber_id", newest_first)
    return latest.select("subscriber_id", "notified_on", notice_channel=latest.channel)


def _other_than(phone: ir.StringValue, silent: ir.StringValue) -> ir.StringValue:
    """Return a phone that is not empty and not the silent number itself."""
    filled = phone.strip().nullif("")
    return ibis.cases(
        (filled.notnull() & (silent.isnull() | (filled != silent)), filled),
        else_=ibis.null("string"),
    )


def _other_lines(rows: ir.Table, known: Known, history: ir.Table) -> ir.Table:
    """Return ``subscriber_id, line_phone``: a number of the same customer that is in service."""
    standing = state_at(history, known.day)
    silent = standing.filter(~in_service(standing.state) | (standing.state == "on_hold"))
    books = known.subscribers.anti_join(silent, "subscriber_id")
    lines = books.select("subscriber_id", customer_id=holder(books))
    numbers = lines.inner_join(
        known.contact_details.select("subscriber_id", "phone"), "subscriber_id"
    ).select("customer_id", line="subscriber_id", line_phone="phone")
    pairs = rows.select("subscriber_id", "customer_id", "silent").inner_join(numbers, "customer_id")
    pairs = pairs.mutate(line_phone=_other_than(pairs.line_phone, pairs.silent))
    pairs = pairs.filter((pairs.line != pairs.subscriber_id) & pairs.line_phone.notnull())
    return first_of(pairs, "subscriber_id", "line").select("subscriber_id", "line_phone")
