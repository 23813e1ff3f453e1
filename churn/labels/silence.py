"""Silence: days on which a service could be used and was not.

Only days in service count. On hold, with calls blocked or suspended, nobody is free to use the
service, and not using it says nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import ibis
import ibis.expr.types as ir
from ibis import _

from churn.labels.evidence import DeclaredTables
from churn.states import months_later
from churn.tables import Known

UseTable = Literal["calls", "usage_monthly"]
USE_TABLES: tuple[UseTable, ...] = ("calls", "usage_monthly")
ONE_DAY = ibis.interval(days=1)


def uses(known: DeclaredTables | Known, tables: Sequence[UseTable], *, recharges: bool) -> ir.Table:
    """Return when each subscriber used its service: ``subscriber_id``, ``first_on``, ``last_on``.

    Records of calls, messages and data tell the day: what was sent or surfed counts, what was
    received does not. Monthly sums tell the month, which then counts as used throughout, so that
    silence is found rather late than early.

    Parameters
    ----------
    recharges
        Whether topping up counts as use; only monthly sums tell of it.
    """
    parts = []
    if "calls" in tables:
        calls = _made(known.calls)
        parts.append(calls.select("subscriber_id", first_on=_.day, last_on=_.day).distinct())
    if "usage_monthly" in tables:
        parts.append(_used_months(known.usage_monthly, recharges=recharges))
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def months_of_use(known: Known) -> ir.Table | None:
    """Return the months in which each subscriber used its service; None without records of use.

    As :func:`uses` has it, recharges apart; the days of use, many to a month, are never held.

    Returns
    -------
    Table
        ``subscriber_id``, ``month`` (its first day), ``last_on`` (the last day of use in it): a row
        for each table that tells of the month.
    """
    parts = []
    if known.has("calls"):
        calls = _made(known.calls)
        month = calls.day.truncate("M").cast("date")
        parts.append(calls.group_by("subscriber_id", month=month).agg(last_on=calls.day.max()))
    if known.has("usage_monthly"):
        used = _used_months(known.usage_monthly, recharges=False)
        parts.append(used.select("subscriber_id", month=used.first_on, last_on=used.last_on))
    if not parts:
        return None
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def _made(calls: ir.Table) -> ir.Table:
    """Return ``subscriber_id`` and ``day`` of what was called, sent or surfed."""
    made = calls.filter((_.direction == "out") | (_.kind == "data"))
    return made.select("subscriber_id", day=made.started_at.date())


def _used_months(months: ir.Table, *, recharges: bool) -> ir.Table:
    """Return ``subscriber_id, first_on, last_on`` of the months whose sums tell of use."""
    sums = ["voice_out_minutes", "sms", "megabytes"]
    sums += ["recharges", "recharge_amount"] if recharges else []
    used = ibis.or_(*((months[name] > 0).fill_null(False) for name in sums))  # noqa: FBT003 - a fill value
    last = (months_later(months.month, 1) - ONE_DAY).cast("date")
    dated = months.mutate(last_on=last).filter(used)
    return dated.select("subscriber_id", first_on=_.month, last_on=_.last_on)


def records_begin(known: DeclaredTables, tables: Sequence[UseTable]) -> ir.Table:
    """Return one row: ``begins_on``, the first day of which all the tables tell."""
    first = {
        "calls": lambda: known.calls.aggregate(begins_on=_.started_at.min().cast("date")),
        "usage_monthly": lambda: known.usage_monthly.aggregate(begins_on=_.month.min()),
    }
    parts = [first[name]() for name in dict.fromkeys(tables)]
    rows = ibis.union(*parts) if len(parts) > 1 else parts[0]
    return rows.aggregate(begins_on=rows.begins_on.max())


def free(spans: ir.Table) -> ir.Table:
    """Return the spans in which the service could be used at will."""
    return spans.filter(spans.state == "in_service").select(
        "subscriber_id", free_from="start_on", free_until="end_on"
    )


def free_stretches(gaps: ir.Table, spans: ir.Table) -> ir.Table:
    """Cut gaps in use to the days free to use: one row per gap and span that meet.

    Gaps have ``subscriber_id``, ``silent_from``, ``silent_until`` (exclusive; null: open), and
    more; stretches ``stretch_from`` and ``days``, the length (null: open), besides.
    """
    both = gaps.inner_join(free(spans), "subscriber_id")
    ends = ibis.least(
        both.silent_until.fill_null(ibis.date("9999-12-31")),
        both.free_until.fill_null(ibis.date("9999-12-31")),
    )
    cut = both.mutate(stretch_from=ibis.greatest(both.silent_from, both.free_from), ends=ends)
    days = cut.ends.delta(cut.stretch_from, unit="day").cast("int64")
    cut = cut.mutate(days=days).filter(_.days > 0)
    return cut.select(*gaps.columns, "stretch_from", "days")
