"""What every warning tells of its line: who holds it, what it is, who looks after it."""

from __future__ import annotations

import ibis.expr.types as ir

from churn.tables import Known, holder

LINE_COLUMNS = ("product", "plan", "region", "account_manager")


def line_facts(known: Known) -> ir.Table:
    """Return ``subscriber_id, customer_id`` and ``LINE_COLUMNS`` of every line on the books."""
    books = known.subscribers
    return books.select("subscriber_id", *LINE_COLUMNS, customer_id=holder(books))
