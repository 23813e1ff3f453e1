"""Silence: lines in service that were used, and now have not been for whole months."""

from __future__ import annotations

from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from churn.early_warnings.lines import line_facts
from churn.early_warnings.settings import EarlyWarningSettings
from churn.labels.silence import USE_TABLES
from churn.states import state_at
from churn.tables import Known
from churn.windows import month_start

_MONTHS = 12
_LIE_STILL = ("machine", "companion")


def whole_months_end(known: Known) -> date | None:
    """Return the day after the last whole month that all records of use cover; none: no records."""
    through = [known.observed_through(name) for name in USE_TABLES if known.has(name)]
    observed = [day for day in through if day is not None]
    if not observed:
        return None
    return month_start(min(observed) + timedelta(days=1))


def silent(
    known: Known, history: ir.Table, used: ir.Table | None, settings: EarlyWarningSettings
) -> ir.Table | None:
    """Return who was in service, and free to use it, for whole months and did not.

    Received calls are no use. Only who used its line in each of ``used_months`` months before has
    gone silent: of some products use is recorded seldom or never. On hold, blocked or suspended,
    silence means nothing; nor does it of machine and companion lines, where their role is known.

    Parameters
    ----------
    history
        Spans of service states, :func:`churn.states.spans` of the night's status events.
    used
        :func:`churn.labels.silence.months_of_use` of the night; none: no table of use.

    Returns
    -------
    Table or None
        ``subscriber_id, customer_id, product, plan, region, account_manager``, ``last_used_on``
        (of monthly sums the month's last day), ``silent_months`` (whole calendar months, at least
        ``silent_months`` of the settings). None where no table of use was delivered.
    """
    end = whole_months_end(known)
    if end is None or used is None:
        return None
    last = _regular(used, settings.used_months)
    standing = state_at(history, known.day)
    free = standing.filter(standing.state == "in_service").select("subscriber_id", "since")
    still = known.subscribers.filter(known.subscribers.role.isin(_LIE_STILL))
    spoken = line_facts(known).anti_join(still, "subscriber_id")
    rows = last.inner_join(free, "subscriber_id").inner_join(spoken, "subscriber_id")
    used_until = _month(rows.last_used_on) + 1
    # A month in which service began was not whole.
    served_from = _month(rows.since) + (rows.since.day() > 1).cast("int64")
    months = _number(end) - ibis.greatest(used_until, served_from)
    rows = rows.mutate(silent_months=months.cast("int64")).drop("since")
    return rows.filter(rows.silent_months >= settings.silent_months)


def _regular(used: ir.Table, months: int) -> ir.Table:
    """Return ``last_used_on`` of who used its line in each of the months up to that of the last."""
    line = ibis.window(group_by="subscriber_id")
    dated = used.mutate(last_used_on=used.last_on.max().over(line), month=_month(used.month))
    late = dated.filter(dated.month > _month(dated.last_used_on) - months)
    counted = late.group_by("subscriber_id", "last_used_on").agg(n=late.month.nunique())
    return counted.filter(counted.n == months).drop("n")


def _month(day: ir.DateValue) -> ir.IntegerValue:
    """Return the number of a month, counted through the years."""
    return day.year().cast("int64") * _MONTHS + day.month().cast("int64")


def _number(day: date) -> int:
    return day.year * _MONTHS + day.month
