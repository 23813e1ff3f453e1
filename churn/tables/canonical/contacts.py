"""Whom the operator visits, notifies and contacts; who changes plans or asks about leaving."""

from __future__ import annotations

from churn.language import Text
from churn.tables.canonical.columns import MONEY, one_of, subscriber
from churn.tables.schema import Column, Table

CONTROL = "a control was selected and left alone"

VISITS = Table(
    "visits",
    "VISI",
    Text("visits", "走访"),
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
    "NOTI",
    Text("notices", "告知"),
    "notices given about arrears and disconnection",
    (
        subscriber(),
        Column("notified_on", "date", "day of the notice", required=True),
        Column(
            "kind",
            "string",
            "reminder, last_notice …",
            note="`targeting.last_notices.notice_kinds` lists those of removal",
        ),
        Column("channel", "string", "how it was given"),
    ),
    key=("subscriber_id", "notified_on", "kind"),
    occurs_on="notified_on",
)


PLAN_CHANGES = Table(
    "plan_changes",
    "PLAN",
    Text("plan changes", "套餐变更"),
    "changes of the tariff",
    (
        subscriber(),
        Column("changed_on", "date", "first day of the new plan", required=True),
        Column("from_plan", "string", "the plan before"),
        Column("to_plan", "string", "the plan from then on"),
        Column(
            "fee_change",
            MONEY,
            "monthly fee after, minus before",
            "currency",
            null_means="not on record",
            note="below 0: a cheaper plan",
        ),
        one_of(
            "reason",
            "whether the customer asked for it",
            "asked",
            "offer_ended",
            "other",
            note="a plan granted to keep a customer is `other`",
        ),
    ),
    key=("subscriber_id", "changed_on"),
    occurs_on="changed_on",
)


PORT_QUERIES = Table(
    "port_queries",
    "PORT",
    Text("port-out queries", "携转查询"),
    "questions about porting a number out, and applications to do so",
    (
        subscriber(),
        Column("on", "date", "day of the question or application", required=True),
        one_of(
            "kind",
            "asked whether it may be ported, or applied for it",
            "asked",
            "applied",
            required=True,
            note="who has applied is contacted by nobody",
        ),
    ),
    key=("subscriber_id", "on", "kind"),
    occurs_on="on",
)


CAMPAIGN_CONTACTS = Table(
    "campaign_contacts",
    "CAMP",
    Text("campaign contacts", "营销接触"),
    "retention contacts, and the control arm that was not contacted",
    (
        subscriber(),
        Column("contacted_on", "date", "day of the contact, or of the assignment", required=True),
        Column("campaign_id", "string", "the campaign", required=True),
        one_of("arm", "arm", "treated", "control", required=True, note=CONTROL),
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
