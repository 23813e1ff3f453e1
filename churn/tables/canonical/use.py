"""What a service is used for: single records, or monthly sums."""

from __future__ import annotations

from churn.language import Text
from churn.tables.canonical.columns import CHARGE, MONEY, VOLUME, one_of, subscriber
from churn.tables.schema import Column, Table

CALLS = Table(
    "calls",
    "CALL",
    Text("calls", "话单"),
    "call detail records: calls, messages and data sessions",
    (
        subscriber(),
        Column("peer_id", "string", "the other side", "id", "none, as for data", identifier=True),
        Column("started_at", "timestamp", "local time of the start", required=True),
        Column("seconds", "int64", "duration", "seconds", minimum=0, note="of a call"),
        Column("megabytes", VOLUME, "volume", "MB", minimum=0, note="of a data session"),
        one_of("direction", "out or in", "out", "in", note="out: the subscriber called or sent"),
        one_of("kind", "kind of use", "voice", "sms", "data"),
        one_of(
            "network",
            "whose number the other side is",
            "own",
            "competitor",
            "fixed",
            "international",
        ),
        Column("charge", CHARGE, "what the record costs", "currency"),
    ),
    occurs_on="started_at",
)


USAGE_MONTHLY = Table(
    "usage_monthly",
    "USAG",
    Text("monthly usage", "月用量"),
    "monthly sums, for operators that deliver no records",
    (
        subscriber(),
        Column("month", "date", "first day of the month", required=True),
        Column("voice_out_minutes", VOLUME, "voice sent", "minutes", minimum=0),
        Column("voice_in_minutes", VOLUME, "voice received", "minutes", minimum=0),
        Column("competitor_minutes", VOLUME, "to competitors", "minutes", minimum=0),
        Column("sms", "int64", "messages sent", "count", minimum=0),
        Column("megabytes", VOLUME, "volume", "MB", minimum=0, note="of data"),
        Column("charge", MONEY, "charged for use", "currency"),
        Column("recharges", "int64", "top-ups", "count", minimum=0),
        Column("recharge_amount", MONEY, "topped up", "currency"),
    ),
    key=("subscriber_id", "month"),
    occurs_on="month",
    occurs_at_month_end=True,
)
