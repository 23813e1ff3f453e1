"""Rules on what may follow what, from the contacts on record of a customer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pandas as pd
from ibis import _
from pydantic import Field

from churn.frozen import Frozen
from churn.tables import Known
from churn.targeting.actions import Action

YEAR = 365
OFFERS = "offers_in_year"


class Rule(Frozen):
    """One action bars another (an entry of ``targeting.rules``)."""

    action: str = Field(description="the action that is barred")
    after: str = Field(description="the action that bars it, once a customer had it")
    days: int | None = Field(
        None, gt=0, description="for so many days; none: for ever (never with)"
    )
    both_ways: bool = Field(default=False, description="whether each bars the other")

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Return who is barred by whom."""
        there = (self.action, self.after)
        return (there, there[::-1]) if self.both_ways else (there,)


def last_on(action: str) -> str:
    """Return the column that tells when a customer last had an action."""
    return f"last_{action}_on"


def histories(
    known: Known, lines: ir.Table, rules: Sequence[Rule], actions: Sequence[Action]
) -> ir.Table:
    """Return per customer when it last had each action that a rule is after, and its offers.

    Columns: ``customer_id``, :func:`last_on` each such action, and :data:`OFFERS` (the contacts
    with an offer within a year, treated ones).

    Parameters
    ----------
    lines
        ``subscriber_id, customer_id`` of the books.
    """
    treated = known.campaign_contacts.filter(_.arm == "treated")
    rows = treated.inner_join(lines, "subscriber_id")
    offers = [action.name for action in actions if action.offer_cost > 0]
    year = rows.contacted_on >= known.day - timedelta(days=YEAR)
    barring = sorted({after for rule in rules for _barred, after in rule.pairs()})
    return rows.group_by("customer_id").agg(
        **{last_on(name): rows.contacted_on.max(where=rows.action == name) for name in barring},
        **{OFFERS: rows.count(where=rows.action.isin(offers) & year)},
    )


def barred(
    action: Action,
    people: pd.DataFrame,
    rules: Sequence[Rule],
    offers_per_year: int | None,
    as_of: date,
) -> npt.NDArray[np.bool_]:
    """Tell who may not have an action for what was done before: shape (n,)."""
    found = np.zeros(len(people), dtype=np.bool_)
    for rule in rules:
        for name, after in rule.pairs():
            if name == action.name:
                last = pd.to_datetime(people[last_on(after)])
                since = as_of - timedelta(days=rule.days) if rule.days else date(1900, 1, 1)
                found |= np.asarray(last >= pd.Timestamp(since), dtype=np.bool_)
    if offers_per_year is not None and action.offer_cost > 0:
        had = people[OFFERS].fillna(0).to_numpy(np.int64)
        found |= had >= offers_per_year
    return found
