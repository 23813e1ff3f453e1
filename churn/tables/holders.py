"""Who holds a line."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir


def holder(rows: ir.Table) -> ir.StringValue:
    """Return who holds the line of each row: its ``customer_id``, or itself where none is known."""
    return ibis.coalesce(rows.customer_id, rows.subscriber_id)
