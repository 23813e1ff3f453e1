"""What is billed, what is owed and what is paid ahead."""

from __future__ import annotations

from churn.language import Text
from churn.tables.canonical.columns import MONEY, ended, subscriber
from churn.tables.schema import Column, Table

PART = "a part of `amount_due`"

BILLS = Table(
    "bills",
    "BILL",
    Text("bills", "账单"),
    "one bill per subscriber and month",
    (
        subscriber(),
        Column("bill_month", "date", "first day of the month billed", required=True),
        Column("amount_due", MONEY, "total to pay", "currency", required=True),
        Column("recurring", MONEY, "fixed fees", "currency", note=PART),
        Column("usage", MONEY, "voice and message charges", "currency", note=PART),
        Column("data", MONEY, "data charges", "currency", note=PART),
        Column("value_added", MONEY, "value-added services", "currency", note=PART),
        Column(
            "discount",
            MONEY,
            "discounts granted",
            "currency",
            note="what they took off `amount_due`",
        ),
        Column("due_on", "date", "last day to pay"),
        ended("paid_on", "date", "day of payment", "not paid"),
        Column(
            "amount_paid", MONEY, "paid so far", "currency", "nothing paid", known_from="paid_on"
        ),
    ),
    key=("subscriber_id", "bill_month"),
    occurs_on="bill_month",
    occurs_at_month_end=True,
)


ARREARS = Table(
    "arrears",
    "ARRE",
    Text("arrears", "欠费"),
    "what was owed beyond its due date on a day",
    (
        subscriber(),
        Column("as_of", "date", "the day the balance describes", required=True),
        Column("amount_overdue", MONEY, "overdue", "currency", required=True),
        Column("days_overdue", "int64", "age of the oldest overdue bill", "days", minimum=0),
        Column("bills_overdue", "int64", "bills overdue", "count", minimum=0),
    ),
    key=("subscriber_id", "as_of"),
    occurs_on="as_of",
)


RECHARGES = Table(
    "recharges",
    "RECH",
    Text("recharges", "充值"),
    "top-ups of prepaid lines",
    (
        subscriber(),
        Column("at", "timestamp", "when it was topped up", required=True),
        Column("amount", MONEY, "topped up", "currency", required=True),
        Column(
            "balance_after",
            MONEY,
            "credit once it was booked",
            "currency",
            null_means="not on record",
        ),
    ),
    occurs_on="at",
)
