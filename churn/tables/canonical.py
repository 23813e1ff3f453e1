"""The canonical tables (DESIGN's contract with every extract): one declaration each."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from churn.tables.schema import Column, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

MONEY = "decimal(18, 2)"
CHARGE = "decimal(18, 4)"
VOLUME = "decimal(18, 3)"
CHANNELS = ("call", "sms", "email", "visit", "app", "letter")
KEY_ACCOUNT_CLASSES = ("important", "high_value", "group", "strategic", "potential")


def _subscriber(*, meaning: str = "the line or service the row is about") -> Column:
    return Column("subscriber_id", "string", meaning, "id", required=True, identifier=True)


SUBSCRIBERS = Table(
    "subscribers",
    "every line or service on the operator's books, as of a delivery",
    (
        _subscriber(meaning="the line or service; the unit that is scored"),
        Column("delivered_on", "date", "the day this row was available", required=True),
        Column(
            "customer_id",
            "string",
            "who holds the line: a household or a firm",
            "id",
            null_means="the subscriber is its own customer",
            identifier=True,
        ),
        Column("account_id", "string", "who pays", "id", identifier=True),
        Column("group_id", "string", "the parent of firms", "id", "no parent", identifier=True),
        Column(
            "product",
            "string",
            "kind of service",
            "class",
            allowed=("mobile", "fixed", "broadband", "leased", "other"),
        ),
        Column("customer_type", "string", "residential, business … in the operator's words"),
        Column("region", "string", "sales region"),
        Column("plan", "string", "tariff"),
        Column("activated_on", "date", "first day of service", null_means="never activated"),
        Column("contract_ends_on", "date", "end of the commitment", null_means="no commitment"),
        Column("bundle", "string", "bundle the line belongs to", null_means="no bundle"),
        Column(
            "key_account_classes",
            "string",
            "classes joined by ';': important, high_value, group, strategic, potential",
            null_means="not a key account",
        ),
        Column("account_manager", "string", "named manager", null_means="none assigned"),
        Column(
            "opt_outs",
            "string",
            "channels the customer refused, joined by ';'",
            null_means="none refused",
        ),
    ),
    key=("subscriber_id",),
    occurs_on="activated_on",
    mode="full",
    required=True,
)

ATTRIBUTES = Table(
    "attributes",
    "what extracts tell of subscribers beyond the columns above, one row per subscriber and name",
    (
        _subscriber(),
        Column("name", "string", "the extra column's name in the settings", required=True),
        Column("number", "decimal(27, 9)", "its value, where that is a number"),
        Column("text", "string", "its value, where that is a word"),
    ),
    key=("subscriber_id", "name"),
    mode="full",
    named_by="name",
)

CONTACT_DETAILS = Table(
    "contact_details",
    "how to reach the holder; read only by the export",
    (
        _subscriber(),
        Column("name", "string", "name of the holder"),
        Column("phone", "string", "number to call"),
        Column("alternate_phone", "string", "a number that is not the line itself"),
        Column("email", "string", "e-mail address"),
    ),
    key=("subscriber_id",),
    mode="full",
    personal=True,
)

BILLS = Table(
    "bills",
    "one bill per subscriber and month",
    (
        _subscriber(),
        Column("bill_month", "date", "first day of the month billed", required=True),
        Column("amount_due", MONEY, "total to pay", "currency", required=True),
        Column("recurring", MONEY, "fixed fees", "currency"),
        Column("usage", MONEY, "voice and message charges", "currency"),
        Column("data", MONEY, "data charges", "currency"),
        Column("value_added", MONEY, "value-added services", "currency"),
        Column("discount", MONEY, "discounts granted", "currency"),
        Column("due_on", "date", "last day to pay"),
        Column("paid_on", "date", "day of payment", null_means="not paid", known_from="paid_on"),
        Column(
            "amount_paid", MONEY, "paid so far", "currency", "nothing paid", known_from="paid_on"
        ),
    ),
    key=("subscriber_id", "bill_month"),
    occurs_on="bill_month",
    occurs_at_month_end=True,
)

CALLS = Table(
    "calls",
    "call detail records: calls, messages and data sessions",
    (
        _subscriber(),
        Column("peer_id", "string", "the other side", "id", "none, as for data", identifier=True),
        Column("started_at", "timestamp", "local time of the start", required=True),
        Column("seconds", "int64", "duration", "seconds", minimum=0),
        Column("megabytes", VOLUME, "volume", "MB", minimum=0),
        Column("direction", "string", "out or in", "class", allowed=("out", "in")),
        Column("kind", "string", "kind of use", "class", allowed=("voice", "sms", "data")),
        Column(
            "network",
            "string",
            "whose number the other side is",
            "class",
            allowed=("own", "competitor", "fixed", "international"),
        ),
        Column("charge", CHARGE, "what the record costs", "currency"),
    ),
    occurs_on="started_at",
)

USAGE_MONTHLY = Table(
    "usage_monthly",
    "monthly sums, for operators that deliver no records",
    (
        _subscriber(),
        Column("month", "date", "first day of the month", required=True),
        Column("voice_out_minutes", VOLUME, "voice sent", "minutes", minimum=0),
        Column("voice_in_minutes", VOLUME, "voice received", "minutes", minimum=0),
        Column("competitor_minutes", VOLUME, "to competitors", "minutes", minimum=0),
        Column("sms", "int64", "messages sent", "count", minimum=0),
        Column("megabytes", VOLUME, "volume", "MB", minimum=0),
        Column("charge", MONEY, "charged for use", "currency"),
        Column("recharges", "int64", "top-ups", "count", minimum=0),
        Column("recharge_amount", MONEY, "topped up", "currency"),
    ),
    key=("subscriber_id", "month"),
    occurs_on="month",
    occurs_at_month_end=True,
)

ARREARS = Table(
    "arrears",
    "what was owed beyond its due date on a day",
    (
        _subscriber(),
        Column("as_of", "date", "the day the balance describes", required=True),
        Column("amount_overdue", MONEY, "overdue", "currency", required=True),
        Column("days_overdue", "int64", "age of the oldest overdue bill", "days", minimum=0),
        Column("bills_overdue", "int64", "bills overdue", "count", minimum=0),
    ),
    key=("subscriber_id", "as_of"),
    occurs_on="as_of",
)

STATUS_EVENTS = Table(
    "status_events",
    "changes of the service state, in the operator's codes",
    (
        _subscriber(),
        Column("effective_at", "timestamp", "when the state began", required=True),
        Column("status", "string", "the operator's code", required=True),
        Column("reason", "string", "the operator's reason"),
        Column(
            "successor_id",
            "string",
            "the subscriber under which a transferred, moved or migrated line goes on",
            "id",
            null_means="not on record",
            identifier=True,
        ),
    ),
    key=("subscriber_id", "effective_at", "status"),
    occurs_on="effective_at",
    required=True,
)

COMPLAINTS = Table(
    "complaints",
    "complaints and how they ended",
    (
        Column("complaint_id", "string", "the case", "id", required=True),
        _subscriber(),
        Column("opened_at", "timestamp", "when it was made", required=True),
        Column(
            "closed_at",
            "timestamp",
            "when it was closed",
            null_means="open",
            known_from="closed_at",
        ),
        Column(
            "category",
            "string",
            "what about",
            "class",
            allowed=("network", "charges", "value_added", "service"),
        ),
        Column(
            "escalated",
            "boolean",
            "went to a higher level",
            null_means="unknown",
            filled_later=True,
        ),
    ),
    key=("complaint_id",),
    occurs_on="opened_at",
)

FAULTS = Table(
    "faults",
    "faults and their repair",
    (
        Column("fault_id", "string", "the case", "id", required=True),
        _subscriber(),
        Column("opened_at", "timestamp", "when it was reported", required=True),
        Column(
            "restored_at",
            "timestamp",
            "when service was back",
            null_means="not yet",
            known_from="restored_at",
        ),
        Column("category", "string", "the operator's category"),
    ),
    key=("fault_id",),
    occurs_on="opened_at",
)

SERVICE_ORDERS = Table(
    "service_orders",
    "installations, moves, speed-ups, cut-overs",
    (
        Column("order_id", "string", "the order", "id", required=True),
        _subscriber(),
        Column(
            "kind",
            "string",
            "what was ordered",
            "class",
            allowed=("install", "move", "speed_up", "cut_over", "other"),
        ),
        Column("ordered_on", "date", "when ordered", required=True),
        Column("due_on", "date", "promised day"),
        Column("done_on", "date", "day done", null_means="not yet", known_from="done_on"),
    ),
    key=("order_id",),
    occurs_on="ordered_on",
)

SURVEYS = Table(
    "surveys",
    "answers to satisfaction surveys",
    (
        _subscriber(),
        Column("answered_on", "date", "day of the answer", required=True),
        Column("score", "decimal(9, 2)", "of 100", "points", required=True, minimum=0),
    ),
    key=("subscriber_id", "answered_on"),
    occurs_on="answered_on",
)

VISITS = Table(
    "visits",
    "visits of account managers to customers",
    (
        Column("customer_id", "string", "who was visited", "id", required=True, identifier=True),
        Column("visited_on", "date", "day of the visit", required=True),
        Column("by", "string", "who visited"),
        Column("reason", "string", "scheduled, need, change, reaction"),
        Column("outcome", "string", "what came of it", filled_later=True),
    ),
    key=("customer_id", "visited_on"),
    occurs_on="visited_on",
)

NOTICES = Table(
    "notices",
    "notices given about arrears and disconnection",
    (
        _subscriber(),
        Column("notified_on", "date", "day of the notice", required=True),
        Column("kind", "string", "reminder, last_notice …"),
        Column("channel", "string", "how it was given"),
    ),
    key=("subscriber_id", "notified_on", "kind"),
    occurs_on="notified_on",
)

CAMPAIGN_CONTACTS = Table(
    "campaign_contacts",
    "retention contacts, and the control arm that was not contacted",
    (
        _subscriber(),
        Column("contacted_on", "date", "day of the contact, or of the assignment", required=True),
        Column("campaign_id", "string", "the campaign", required=True),
        Column("arm", "string", "arm", "class", required=True, allowed=("treated", "control")),
        Column("action", "string", "what was offered"),
        Column("channel", "string", "how"),
        Column("assigned_to", "string", "who made the contact"),
        Column(
            "answer",
            "string",
            "what the customer said",
            null_means="no answer yet",
            filled_later=True,
        ),
        Column(
            "checked",
            "boolean",
            "whether a call-back checked it",
            null_means="not yet",
            filled_later=True,
        ),
        Column("cost", MONEY, "what it cost", "currency"),
        Column(
            "control_share",
            "decimal(9, 6)",
            "share of the selected that was left uncontacted in this campaign",
            null_means="not on record",
        ),
    ),
    key=("subscriber_id", "contacted_on", "campaign_id"),
    occurs_on="contacted_on",
)

TABLES: Mapping[str, Table] = MappingProxyType(
    {
        table.name: table
        for table in (
            SUBSCRIBERS,
            ATTRIBUTES,
            CONTACT_DETAILS,
            BILLS,
            CALLS,
            USAGE_MONTHLY,
            ARREARS,
            STATUS_EVENTS,
            COMPLAINTS,
            FAULTS,
            SERVICE_ORDERS,
            SURVEYS,
            VISITS,
            NOTICES,
            CAMPAIGN_CONTACTS,
        )
    }
)
