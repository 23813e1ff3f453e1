"""Complaints, orders, faults, contacts and surveys as jobs: one row each, with its line."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

import ibis
import ibis.expr.types as ir

from churn.tables import Known

Job = Literal["complaint", "order", "fault", "contact", "survey"]
LINE = ("region", "account_manager", "product", "service_level")


def jobs(known: Known, days: int) -> ir.Table:
    """Return the jobs opened, or finished, within so many days, and complaints open since longer.

    Returns
    -------
    Table
        ``kind`` (:data:`Job`), ``job_id`` (null of contacts and surveys), ``subscriber_id``,
        ``opened_at`` (timestamp), ``due_on``, ``finished_at`` (timestamp; null: not yet),
        ``topic`` (category, kind of order, action), ``worker``, ``flag`` (complaint escalated,
        contact checked), ``unit`` that handled a case, ``level`` and ``answered_at`` of complaints,
        ``satisfied`` (null: not asked), ``score`` (of surveys), and the line's ``region,
        account_manager, product, service_level``.
    """
    since = known.day - timedelta(days=days)
    complaints, orders, faults = known.complaints, known.service_orders, known.faults
    contacts, surveys = known.campaign_contacts, known.surveys
    none = ibis.null("timestamp")
    parts = [
        _job(
            complaints.filter(
                complaints.closed_at.isnull()
                | (complaints.closed_at >= since)
                | (complaints.opened_at >= since)
            ),
            "complaint",
            job_id=complaints.complaint_id,
            opened_at=complaints.opened_at,
            finished_at=complaints.closed_at,
            topic=complaints.category,
            flag=complaints.escalated,
            unit=complaints.unit,
            level=complaints.level,
            answered_at=complaints.answered_at,
            satisfied=complaints.satisfied,
        ),
        _job(
            orders.filter(
                orders.done_on.isnull() | (orders.done_on >= since) | (orders.due_on >= since)
            ),
            "order",
            job_id=orders.order_id,
            opened_at=orders.ordered_on.cast("timestamp"),
            due_on=orders.due_on,
            finished_at=orders.done_on.cast("timestamp"),
            topic=orders.kind,
            unit=orders.unit,
            satisfied=orders.satisfied,
        ),
        _job(
            faults.filter(
                faults.restored_at.isnull()
                | (faults.restored_at >= since)
                | (faults.opened_at >= since)
            ),
            "fault",
            job_id=faults.fault_id,
            opened_at=faults.opened_at,
            finished_at=faults.restored_at,
            topic=faults.category,
            unit=faults.unit,
            satisfied=faults.satisfied,
        ),
        _job(
            contacts.filter((contacts.arm == "treated") & (contacts.contacted_on >= since)),
            "contact",
            opened_at=contacts.contacted_on.cast("timestamp"),
            finished_at=contacts.contacted_on.cast("timestamp"),
            topic=contacts.action,
            worker=contacts.assigned_to,
            flag=contacts.checked,
        ),
        _job(
            surveys.filter(surveys.answered_on >= since),
            "survey",
            opened_at=surveys.answered_on.cast("timestamp"),
            finished_at=none,
            score=surveys.score.cast("float64"),
        ),
    ]
    rows = ibis.union(*parts)
    lines = known.subscribers.select("subscriber_id", *LINE)
    return rows.left_join(lines, "subscriber_id").drop("subscriber_id_right")


def _job(rows: ir.Table, kind: Job, **columns: ir.Value) -> ir.Table:
    empty = {
        "job_id": ibis.null("string"),
        "opened_at": ibis.null("timestamp"),
        "due_on": ibis.null("date"),
        "finished_at": ibis.null("timestamp"),
        "topic": ibis.null("string"),
        "worker": ibis.null("string"),
        "flag": ibis.null("boolean"),
        "unit": ibis.null("string"),
        "level": ibis.null("string"),
        "answered_at": ibis.null("timestamp"),
        "satisfied": ibis.null("boolean"),
        "score": ibis.null("float64"),
    }
    return rows.select("subscriber_id", kind=ibis.literal(kind), **{**empty, **columns})
