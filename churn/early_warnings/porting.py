"""Port-out queries: who asked whether the number may be ported out, or has applied for it."""

from __future__ import annotations

import ibis.expr.types as ir
from ibis import _

from churn.early_warnings.lines import line_facts
from churn.early_warnings.settings import EarlyWarningSettings
from churn.states import in_service, state_at
from churn.tables import Known


def port_queries(known: Known, history: ir.Table, settings: EarlyWarningSettings) -> ir.Table:
    """Return who asked within ``port_query_days``, or has applied, and has not gone yet.

    Parameters
    ----------
    history
        Spans of service states, :func:`churn.states.spans` of the night's status events.

    Returns
    -------
    Table
        ``subscriber_id, customer_id, product, plan, region, account_manager``, ``asked_on`` (the
        latest question, null if none was recent), ``times_asked`` (within the days), ``applied_on``
        (the latest application whenever it was; null: none).
    """
    recent = known.window("port_queries", settings.port_query_days).contains(_.on)
    asked = (_.kind == "asked") & recent
    rows = known.port_queries.group_by("subscriber_id").agg(
        asked_on=_.on.max(where=asked),
        times_asked=_.count(where=asked),
        applied_on=_.on.max(where=_.kind == "applied"),
    )
    rows = rows.filter(rows.asked_on.notnull() | rows.applied_on.notnull())
    standing = state_at(history, known.day)
    gone = standing.filter(~in_service(standing.state) & (standing.state != "suspended"))
    return rows.anti_join(gone, "subscriber_id").inner_join(line_facts(known), "subscriber_id")
