"""What a definition of churn is. Each one has a file of its own and a line in ``registry``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import ibis.expr.types as ir

from churn.labels.deciding import first_decides
from churn.labels.evidence import Evidence
from churn.language import Text

Judge = Callable[[Evidence], ir.Table]
Facts = Callable[[Evidence, str], ir.Table]


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
        :func:`churn.labels.judged` gives them. It may assume that the labels are mature.
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

    def decide(self, evidence: Evidence) -> ir.Table:
        """Return one row per subscriber with any span; see :func:`churn.labels.outcomes`."""
        if self.settle:
            return self.settle(evidence)
        return first_decides(evidence, self.judge(evidence))
