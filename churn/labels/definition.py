"""What a definition of churn is. Each one has a file of its own and a line in ``registry``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir

from churn.labels.deciding import first_decides
from churn.labels.evidence import DeclaredTables, Evidence
from churn.language import Text
from churn.states import StateSettings, spans
from churn.tables import Known
from churn.windows import TimeSettings

Judge = Callable[[Evidence], ir.Table]
Facts = Callable[[Evidence, str], ir.Table]
Fact = tuple[str, "ir.DateValue | None", "ir.IntegerValue | None"]


@dataclass(frozen=True)
class LabelDefinition:
    """A named definition of churn, its parameters filled in.

    Parameters
    ----------
    reads
        The canonical tables that its outcomes depend on: a label is final only when each of them
        has been observed far enough, and no other can be read.
    needs
        Columns, as (table, column), without which it would judge wrongly and not merely know less:
        snapshots that knew none of it, by delivery or by declaration, are refused.
    judge
        From the evidence to the departures that bear on the snapshot and the verdict on each, as
        :func:`churn.labels.deciding.judged` gives them. It may assume that the labels are mature.
    settle
        From the evidence to the outcomes, as :func:`churn.labels.first_decides` gives them; None
        where the first departure that counts decides.
    facts
        From the evidence and a subscriber to what decided beyond service states: ``fact`` (a key
        of the wording), ``on_day`` and ``number``, in the order of the sentences.
    by_customer
        Whether the outcome is one of the subscriber's whole customer.
    win_back_outcome
        Whether a departure undone within the win-back period is an outcome of its own, *won_back*,
        and not one of the *administrative*.
    re_entry
        Whether the departure of who began anew under another number is no churn.
    for_good
        Whether a departure counts whatever follows: no return, and no re-entry, undoes it.
    """

    name: str
    text: Text
    reads: tuple[str, ...]
    judge: Judge
    settle: Judge | None = None
    facts: Facts | None = None
    needs: tuple[tuple[str, str], ...] = ()
    by_customer: bool = False
    win_back_outcome: bool = False
    re_entry: bool = False
    for_good: bool = False

    def evidence(
        self, known: Known, snapshot: date, time: TimeSettings, states: StateSettings
    ) -> Evidence:
        """Put together what the definition may look at for one snapshot."""
        horizon = time.mature_on(snapshot)
        declared = DeclaredTables(known, self.reads, horizon, definition=self.name)
        lived = spans(known.status_events, states)
        return Evidence(declared, lived, snapshot, time, states, self.re_entry)

    def decide(self, evidence: Evidence) -> ir.Table:
        """Return one row per subscriber with any span; see :func:`churn.labels.outcomes`."""
        if self.settle:
            return self.settle(evidence)
        return first_decides(evidence, self.judge(evidence))


def facts(rows: ir.Table, *columns: Fact) -> ir.Table:
    """Turn columns of one subscriber's rows into facts; those with neither day nor number are out.

    Of each is given its name, a key of the wording, and the columns with its day and number; rows
    have ``place`` (the order of the sentences), ``fact``, ``on_day``, ``number``.
    """
    parts = [
        rows.select(
            place=ibis.literal(place, type="int64"),
            fact=ibis.literal(name),
            on_day=ibis.null("date") if day is None else day.cast("date"),
            number=ibis.null("int64") if number is None else number.cast("int64"),
        )
        for place, (name, day, number) in enumerate(columns)
    ]
    joined = ibis.union(*parts)
    return joined.filter(joined.on_day.notnull() | joined.number.notnull())
