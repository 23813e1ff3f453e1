"""Who holds a line, what it is, and how to reach its holder."""

from __future__ import annotations

from churn.language import Text
from churn.tables.canonical.columns import CHANNELS, MONEY, PURPOSES, one_of, subscriber
from churn.tables.schema import Column, Table

SUBSCRIBERS = Table(
    "subscribers",
    "SUBS",
    Text("subscribers", "用户资料"),
    "every line or service on the operator's books, as of a delivery",
    (
        subscriber(meaning="the line or service; the unit that is scored"),
        Column(
            "delivered_on",
            "date",
            "the day this row was available",
            required=True,
            note="set by the delivery, never mapped",
        ),
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
        one_of("product", "kind of service", "mobile", "fixed", "broadband", "leased", "other"),
        one_of("payment", "whether use is paid before or after it", "prepaid", "postpaid"),
        one_of(
            "role",
            "what the line is there for",
            "main",
            "companion",
            "machine",
            "staff",
            "test",
            "dealer",
            note="machine, staff, test and dealer lines are not scored",
        ),
        Column("customer_type", "string", "residential, business … in the operator's words"),
        Column("region", "string", "sales region"),
        Column("plan", "string", "tariff"),
        Column("plan_fee", MONEY, "what the plan costs a month", "currency"),
        Column("activated_on", "date", "first day of service", null_means="never activated"),
        Column("contract_ends_on", "date", "end of the commitment", null_means="no commitment"),
        Column("bundle", "string", "bundle the line belongs to", null_means="no bundle"),
        Column("service_level", "string", "level of service promised, such as a star level"),
        Column("acquired_through", "string", "channel through which the line was sold"),
        Column(
            "key_account_classes",
            "string",
            "classes, joined by ';'",
            "class",
            "not a key account",
            allowed=("important", "high_value", "group", "strategic", "potential"),
            several=True,
        ),
        Column("account_manager", "string", "named manager", null_means="none assigned"),
        Column(
            "opt_outs",
            "string",
            "channels the customer refused, or purposes on them, joined by ';'",
            "class",
            "none refused",
            allowed=(*CHANNELS, *(f"{c}:{purpose}" for c in CHANNELS for purpose in PURPOSES)),
            several=True,
            note="`call` refuses every call, `call:marketing` offers; who refuses profiling on any"
            " channel is not scored",
        ),
    ),
    key=("subscriber_id",),
    occurs_on="activated_on",
    mode="full",
    required=True,
)


ATTRIBUTES = Table(
    "attributes",
    "ATTR",
    Text("attributes", "扩展字段"),
    "what extracts tell of subscribers beyond the columns above, one row per subscriber and name",
    (
        subscriber(),
        Column("name", "string", "the extra column's name in the settings", required=True),
        Column(
            "number", "decimal(27, 9)", "its value, where that is a number", note="null for a word"
        ),
        Column("text", "string", "its value, where that is a word", note="null for a number"),
    ),
    key=("subscriber_id", "name"),
    mode="full",
    named_by="name",
)


CONTACT_DETAILS = Table(
    "contact_details",
    "CONT",
    Text("contact details", "联系方式"),
    "how to reach the holder; read only by the export",
    (
        subscriber(),
        Column("name", "string", "name of the holder"),
        Column("phone", "string", "number to call", note="of the line itself"),
        Column("alternate_phone", "string", "a number that is not the line itself"),
        Column("email", "string", "e-mail address"),
    ),
    key=("subscriber_id",),
    mode="full",
    personal=True,
)
