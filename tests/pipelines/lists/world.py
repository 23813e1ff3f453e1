"""The operator's deliveries, as rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

NIGHT = date(2025, 3, 10)
EARLIER, DAY = "2025-01-01", "2025-03-09"
MONTHS = [f"2024-{month:02}-01" for month in range(9, 13)] + ["2025-01-01", "2025-02-01"]


def line(subscriber: str, customer: str, **more: str) -> dict[str, str]:
    """Return one line of the books."""
    plain = {"product": "mobile", "region": "城东", "activated_on": "2019-01-01"}
    return {"subscriber_id": subscriber, "customer_id": customer, **plain, **more}


def firm(subscriber: str, customer: str, classes: str, manager: str = "王经理", **more: str):
    """Return one line of a firm."""
    return line(
        subscriber,
        customer,
        product="leased",
        customer_type="银行",
        key_account_classes=classes,
        account_manager=manager,
        **more,
    )


def visit(customer: str, day: str, outcome: str) -> dict[str, str]:
    """Return one visit."""
    return {"customer_id": customer, "visited_on": day, "by": "王经理", "outcome": outcome}


def order(name: str, subscriber: str, due: str, done: str) -> dict[str, str]:
    """Return one installation."""
    return {
        "order_id": name,
        "subscriber_id": subscriber,
        "kind": "install",
        "ordered_on": "2025-02-20",
        "due_on": due,
        "done_on": done,
    }


HOUSEHOLDS = [
    line("013800000001", "+86C1", contract_ends_on="2025-03-31"),
    line("013800000002", "C2", contract_ends_on="2025-03-31"),
    line("013800000003", "C3", contract_ends_on="2025-05-01"),
    line("013800000004", "C4"),
]
FIRMS = [
    firm("b1", "BANK", "high_value;group", group_id="G1"),
    firm("b2", "BANK", "group", group_id="G1"),
    firm("b3", "BANK", "group", group_id="G1"),
    firm("h1", "HOSPITAL", "important", "李经理", contract_ends_on="2025-04-30"),
    firm("p1", "PORTER", "strategic"),
    firm("q1", "QUIET", "strategic"),
    firm("n1", "NEARLY", ""),
    firm("s1", "SMALL", ""),
    firm("m1", "MARKED", "potential"),
    firm("f1", "FORMER", "important", "李经理"),
]
BILLS = {
    "b1": 4000, "b2": 500, "b3": 500, "h1": 900, "p1": 800, "q1": 700, "n1": 2500, "s1": 50,
    "013800000001": 50, "013800000002": 60, "013800000003": 70, "013800000004": 80,
}  # fmt: skip
GONE, RENEWED, QUIET = {"b3", "f1"}, "013800000002", "013800000004"


def _now(row: Mapping[str, str]) -> dict[str, str]:
    return {**row, "contract_ends_on": "2027-03-31"} if row["subscriber_id"] == RENEWED else {**row}


def _status(subscriber: str, day: str, status: str) -> dict[str, str]:
    return {"subscriber_id": subscriber, "effective_at": f"{day} 00:00:00", "status": status}


BOOKS = [*HOUSEHOLDS, *FIRMS]
DELIVERIES: dict[str, dict[str, list[dict[str, Any]]]] = {
    "subscribers": {
        EARLIER: BOOKS,
        DAY: [_now(row) for row in BOOKS if row["subscriber_id"] not in GONE],
    },
    "status_events": {
        DAY: [
            *(_status(row["subscriber_id"], "2019-01-01", "在用") for row in BOOKS),
            *(_status(name, "2025-02-20", "携号转出") for name in sorted(GONE)),
        ]
    },
    "bills": {
        DAY: [
            {"subscriber_id": name, "bill_month": month, "amount_due": amount}
            for name, amount in BILLS.items()
            for month in MONTHS
            if name not in GONE or month != "2025-02-01"
        ]
    },
    "usage_monthly": {
        DAY: [
            {
                "subscriber_id": row["subscriber_id"],
                "month": month,
                "megabytes": 0 if (row["subscriber_id"], month) == (QUIET, "2025-02-01") else 5,
            }
            for row in HOUSEHOLDS
            for month in MONTHS
        ]
    },
    "visits": {
        DAY: [
            visit("BANK", "2025-01-15", "满意"),
            visit("HOSPITAL", "2025-02-01", "招标"),
            visit("HOSPITAL", "2024-06-01", "有意见"),
            visit("QUIET", "2025-02-15", "满意"),
        ]
    },
    "complaints": {
        DAY: [
            {
                "complaint_id": f"k{number}",
                "subscriber_id": "b1",
                "opened_at": f"{day} 09:00:00",
                "escalated": "true",
            }
            for number, day in enumerate(("2024-12-01", "2025-02-01", "2025-03-01"))
        ]
    },
    "faults": {
        DAY: [
            {
                "fault_id": f"f{name}",
                "subscriber_id": name,
                "opened_at": f"{day} 09:00:00",
                "restored_at": restored,
                "category": "断网",
            }
            for name, day, restored in (
                ("b1", "2025-03-01", "2025-03-04 09:00:00"),
                ("b2", "2025-03-03", ""),
            )
        ]
    },
    "service_orders": {
        DAY: [
            order("o1", "013800000001", "2025-03-01", ""),
            order("o2", "013800000002", "2025-03-06", "2025-03-05"),
            order("o3", "013800000003", "2025-03-06", "2025-03-07"),
        ]
    },
    "surveys": {
        DAY: [
            {"subscriber_id": "013800000001", "answered_on": day, "score": score}
            for day, score in (("2024-11-01", 90), ("2025-02-01", 70), ("2025-03-01", 80))
        ]
    },
    "port_queries": {
        DAY: [
            {"subscriber_id": name, "on": day, "kind": "applied"}
            for name, day in (("p1", "2025-03-01"), ("013800000003", "2025-03-05"))
        ]
    },
    "plan_changes": {
        DAY: [
            {
                "subscriber_id": name,
                "changed_on": day,
                "from_plan": "畅享159",
                "to_plan": "畅享99",
                "fee_change": change,
                "reason": reason,
            }
            for name, day, change, reason in (
                ("013800000001", "2025-02-10", -60, "asked"),
                ("013800000002", "2025-01-10", -60, "offer_ended"),
                ("013800000002", "2025-02-20", 60, "other"),
                ("013800000004", "2024-10-01", -60, "asked"),
                ("b3", "2025-02-01", -60, "asked"),
            )
        ]
    },
    "contact_details": {
        DAY: [
            {"subscriber_id": "013800000001", "name": "王芳", "phone": "013800000001"},
            {"subscriber_id": "b1", "name": "行长", "phone": "010-85550001"},
        ]
    },
}
