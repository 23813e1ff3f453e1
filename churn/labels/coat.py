"""The active churner in a passive coat: silent first, and only then unpaid.

A customer who goes silent while free to use the service and then lets the bill lapse has left, and
the suspension or removal that follows only says so late. A passive departure is read as active if
the service had not been used for ``silent_days`` days in service before the arrears began.
"""

from __future__ import annotations

from typing import Literal

import ibis
import ibis.expr.types as ir
from ibis import _
from pydantic import Field

from churn.frozen import Frozen
from churn.labels.evidence import DeclaredTables, Evidence
from churn.labels.silence import ONE_DAY, UseTable, free_stretches, records_begin, uses
from churn.states import first_of

IN_A_COAT = "silent_before_arrears"
COATS = ("suspended", "removed")
KEY = ["subscriber_id", "left_on"]


class CoatSettings(Frozen):
    """The rule of the active churner in a passive coat (``labels.default.coat:``)."""

    enabled: bool = Field(default=False, description="whether the rule applies")
    silent_days: int = Field(
        60,
        gt=0,
        description="days in service without use before the arrears began that make a passive "
        "departure active; days on hold, blocked or suspended do not count",
    )
    use: UseTable = Field("calls", description="the table that tells of use")
    owed: Literal["bills", "arrears"] = Field(
        "bills", description="the table that tells when the arrears began"
    )

    @property
    def reads(self) -> tuple[str, ...]:
        """The tables that the rule reads where it applies."""
        return (self.use, self.owed) if self.enabled else ()


def uncovered(evidence: Evidence, bearing: ir.Table, settings: CoatSettings) -> ir.Table:
    """Read passive departures as active where silence came before the arrears.

    Parameters
    ----------
    bearing
        As :func:`churn.labels.deciding.judged` gives it; only verdicts of *passive* change.
    """
    quiet = silences(evidence, bearing, settings)
    silent = quiet.filter(quiet.silent_days >= settings.silent_days)
    rows = bearing.left_join(silent.select(*KEY, coat=ibis.literal(True)), KEY)  # noqa: FBT003 - Ibis's signature
    rows = rows.drop("subscriber_id_right", "left_on_right")
    return rows.mutate(
        verdict=ibis.cases((rows.coat, "active"), else_=rows.verdict),
        detail=ibis.cases((rows.coat, IN_A_COAT), else_=rows.detail),
    ).drop("coat")


def silences(evidence: Evidence, bearing: ir.Table, settings: CoatSettings) -> ir.Table:
    """Measure the silence before the arrears of each passive departure.

    Columns: ``subscriber_id``, ``left_on``; ``began_on``, the day the arrears began (that of the
    departure where none are on record); ``last_used_on`` before it (null: no use on record);
    ``silent_days``, the days in service between.
    """
    passive = bearing.filter((bearing.verdict == "passive") & bearing.state.isin(COATS))
    known = evidence.known
    fallen = _with_start_of_arrears(passive.select(*KEY), known, settings)
    used = uses(known, (settings.use,), recharges=False).inner_join(fallen, "subscriber_id")
    used = used.filter(used.first_on < used.began_on)
    last = used.group_by(KEY).agg(
        last_used_on=ibis.least(used.last_on, used.began_on - ONE_DAY).cast("date").max()
    )
    rows = fallen.left_join(last, KEY).drop("subscriber_id_right", "left_on_right")
    rows = rows.cross_join(records_begin(known, (settings.use,)))
    # Without a single record of use nobody can tell who was silent.
    rows = rows.filter(rows.begins_on.notnull())
    rows = rows.select(
        *KEY,
        "began_on",
        "last_used_on",
        silent_from=ibis.coalesce((rows.last_used_on + ONE_DAY).cast("date"), rows.begins_on),
        silent_until=rows.began_on,
    )
    free = free_stretches(rows, evidence.spans).group_by(KEY).agg(silent_days=_.days.sum())
    rows = rows.left_join(free, KEY).drop("subscriber_id_right", "left_on_right")
    return rows.select(
        *KEY,
        "began_on",
        "last_used_on",
        silent_days=rows.silent_days.fill_null(0).cast("int64"),
    )


def _with_start_of_arrears(
    fallen: ir.Table, known: DeclaredTables, settings: CoatSettings
) -> ir.Table:
    """Add ``began_on``: when what was owed at the departure had become overdue."""
    owed = _by_bills(fallen, known) if settings.owed == "bills" else _by_balance(fallen, known)
    rows = fallen.left_join(owed, KEY).drop("subscriber_id_right", "left_on_right")
    return rows.select(*KEY, began_on=ibis.coalesce(rows.owed_since, rows.left_on))


def _by_bills(fallen: ir.Table, known: DeclaredTables) -> ir.Table:
    """Date arrears by the oldest bill due and not paid in full when the subscriber fell."""
    both = fallen.inner_join(known.bills, "subscriber_id")
    paid = (both.paid_on < both.left_on) & (both.amount_paid >= both.amount_due)
    # A bill of nothing, or a credit, is never paid and owes nothing.
    owed = (both.amount_due > 0) & (both.due_on < both.left_on)
    open_then = both.filter(owed & ~paid.fill_null(False))  # noqa: FBT003 - a fill value
    return open_then.group_by(KEY).agg(owed_since=(open_then.due_on.min() + ONE_DAY).cast("date"))


def _by_balance(fallen: ir.Table, known: DeclaredTables) -> ir.Table:
    """Date arrears by the age of the oldest overdue bill in the latest balance before the fall."""
    both = fallen.inner_join(known.arrears, "subscriber_id")
    both = both.filter(both.as_of < both.left_on)
    balance = first_of(both, KEY, ibis.desc("as_of"))
    balance = balance.filter(balance.amount_overdue > 0)
    day = balance.as_of.cast("timestamp") - (balance.days_overdue.fill_null(0)).as_interval("D")
    return balance.select(*KEY, owed_since=day.cast("date"))
