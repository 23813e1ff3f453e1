"""What happens to a service: its states, complaints, faults, orders, and how its user judges it."""

from __future__ import annotations

from churn.language import Text
from churn.tables.canonical.columns import ended, handled_by, one_of, satisfied, subscriber
from churn.tables.schema import Column, Table

STATUS_EVENTS = Table(
    "status_events",
    "STAT",
    Text("status events", "状态变更"),
    "changes of the service state, in the operator's codes",
    (
        subscriber(),
        Column("effective_at", "timestamp", "when the state began", required=True),
        Column(
            "status",
            "string",
            "the operator's code",
            required=True,
            note="`states.codes` in the settings says what it means",
        ),
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
    "COMP",
    Text("complaints", "投诉"),
    "complaints and how they ended",
    (
        Column("complaint_id", "string", "the case", "id", required=True),
        subscriber(),
        Column("opened_at", "timestamp", "when it was made", required=True),
        ended("closed_at", "timestamp", "when it was closed", "open"),
        one_of("category", "what about", "network", "charges", "value_added", "service"),
        Column(
            "escalated",
            "boolean",
            "went to a higher level",
            null_means="unknown",
            filled_later=True,
        ),
        ended("answered_at", "timestamp", "when the customer was first answered", "not yet"),
        satisfied(),
        Column(
            "level",
            "string",
            "the highest level it reached",
            "class",
            "unknown",
            allowed=("unit", "supervisor", "regulator"),
            filled_later=True,
        ),
        handled_by(),
    ),
    key=("complaint_id",),
    occurs_on="opened_at",
)


FAULTS = Table(
    "faults",
    "FAUL",
    Text("faults", "故障"),
    "faults and their repair",
    (
        Column("fault_id", "string", "the case", "id", required=True),
        subscriber(),
        Column("opened_at", "timestamp", "when it was reported", required=True),
        ended("restored_at", "timestamp", "when service was back", "not yet"),
        Column("category", "string", "the operator's category"),
        satisfied(),
        handled_by(),
    ),
    key=("fault_id",),
    occurs_on="opened_at",
)


SERVICE_ORDERS = Table(
    "service_orders",
    "ORDE",
    Text("service orders", "业务工单"),
    "installations, moves, speed-ups, cut-overs",
    (
        Column("order_id", "string", "the order", "id", required=True),
        subscriber(),
        one_of("kind", "what was ordered", "install", "move", "speed_up", "cut_over", "other"),
        Column("ordered_on", "date", "when ordered", required=True),
        Column("due_on", "date", "promised day"),
        ended("done_on", "date", "day done", "not yet"),
        satisfied(),
        handled_by(),
    ),
    key=("order_id",),
    occurs_on="ordered_on",
)


SURVEYS = Table(
    "surveys",
    "SURV",
    Text("surveys", "满意度调查"),
    "answers to satisfaction surveys",
    (
        subscriber(),
        Column("answered_on", "date", "day of the answer", required=True),
        Column("score", "decimal(9, 2)", "of 100", "points", required=True, minimum=0),
    ),
    key=("subscriber_id", "answered_on"),
    occurs_on="answered_on",
)
