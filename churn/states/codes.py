"""Codes that nobody has given a meaning: an error that names them, never a guess."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from churn.errors import ExtractError, tellable
from churn.states.settings import StateSettings

NAMED = 10


def unknown_codes(status_events: ir.Table, settings: StateSettings) -> ir.Table:
    """Return the codes without a meaning and how many rows carry each.

    Returns
    -------
    Table
        ``status`` (string) and ``rows`` (int64), one row per unknown code; empty when all are
        known.
    """
    strange = status_events.filter(~status_events.status.isin(sorted(settings.codes)))
    return strange.group_by("status").agg(rows=ibis._.count().cast("int64"))


def require_known_codes(counts: Mapping[str, int], *, where: str = "status_events") -> None:
    """Refuse codes without a meaning.

    Parameters
    ----------
    counts
        Unknown code -> rows that carry it, as :func:`unknown_codes` found them.

    Raises
    ------
    ExtractError
        If there is any; the most frequent are named, unless they may identify somebody.
    """
    if not counts:
        return
    known = {code: rows for code, rows in counts.items() if tellable(code)}
    shown = sorted(sorted(known, key=lambda code: (-known[code], code))[:NAMED])
    parts = [f"{code} ({known[code]:,} row{'s' if known[code] != 1 else ''})" for code in shown]
    if len(known) > NAMED:
        parts.append(f"and {len(known) - NAMED} more")
    if len(counts) > len(known):
        parts.append(f"and {len(counts) - len(known)} that look like somebody's number or name")
    named = ", ".join(parts)
    single = len(counts) == 1
    codes = "a status code has" if single else f"{len(counts)} status codes have"
    raise ExtractError(
        f"{codes} no meaning: {named}",
        where=where,
        do=f"give {'it' if single else 'each'} a state under states.codes in the settings",
    )
