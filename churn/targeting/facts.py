"""What conditions and limits need to know of each subscriber, from any column of the night."""

from __future__ import annotations

import ibis.expr.types as ir

from churn.targeting.candidates import may
from churn.targeting.conditions import columns, holds, require_columns
from churn.targeting.limits import column
from churn.targeting.settings import TargetingSettings


def used_columns(settings: TargetingSettings) -> set[str]:
    """Return the columns that conditions and limits look at."""
    named = {limit.by.lower() for limit in settings.limits if limit.by is not None}
    conditions = [action.when for action in settings.actions if action.when is not None]
    return named.union(*map(columns, conditions))


def facts(rows: ir.Table, settings: TargetingSettings) -> ir.Table:
    """Return ``subscriber_id``, ``may_<action>`` per condition, ``by_<limit>`` (text) per column.

    Parameters
    ----------
    rows
        One row per subscriber with, at least, :func:`used_columns`.

    Raises
    ------
    SettingsError
        If a condition or limit names a column that is not there, or a condition cannot be read.
    """
    found: dict[str, ir.Value] = {}
    for action in settings.actions:
        if action.when is not None:
            place = f"targeting.actions: when of {action.name}"
            found[may(action)] = holds(rows, action.when, where=place)
    for limit in settings.limits:
        if limit.by is not None:
            place = f"targeting.limits: by of {limit.name}"
            require_columns([limit.by.lower()], rows.columns, where=place)
            found[column(limit)] = rows[limit.by.lower()].cast("string")
    return rows.select("subscriber_id", **found)
