"""Re-entry: who left and began anew under another number has not left the operator.

A departure that would count, or that came before the outcome window opened, is read as *re_entered*
where another line is recognised as its holder's next one (:mod:`churn.states.re_entries`): by the
calls and the books of the day on which the label is final, as known at training. A line whose calls
come in late, or that begins later, is seen by later labels or not at all: nobody could have known.

Off unless ``labels.re_entry`` says so, which needs a legal basis: whom people call is traffic data.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
from ibis import _

from churn.causes import CAUSES
from churn.labels.deciding import RE_ENTERED
from churn.labels.definition import LabelDefinition, facts
from churn.labels.evidence import Evidence
from churn.states import NEW_DAYS, contacts_of, departures, first_of, next_lines

READS = ("calls", "subscribers")
KEY = ["subscriber_id", "left_on"]
SHARED, OF = 3, 4
"""Of the new line's contact persons so many are the old one's at least.

A label asks for more than a feature: a neighbour's first line would hide a churner.
"""
LAST = 9  # behind what the definition tells itself
COUNTED = (*CAUSES, "gone")


def with_re_entries(definition: LabelDefinition) -> LabelDefinition:
    """Return the definition reading departures of who began anew as no churn."""

    def told(evidence: Evidence, subscriber_id: str) -> ir.Table:
        own = facts_of(evidence, definition.judge(evidence), subscriber_id)
        if definition.facts is None:
            return own
        return ibis.union(
            definition.facts(evidence, subscriber_id), own.mutate(place=_.place + LAST)
        )

    reads = tuple(dict.fromkeys((*definition.reads, *READS)))
    return replace(definition, re_entry=True, reads=reads, facts=told)


def repaired(evidence: Evidence, bearing: ir.Table) -> ir.Table:
    """Read departures of who began anew as no churn, where the definition does so at all.

    Parameters
    ----------
    bearing
        As :func:`churn.labels.deciding.judged` gives it; ``gone_from``, if it has it, is the day
        from which the line was not used any more, where that is not the day it left.
    """
    if not evidence.re_entry:
        return bearing
    anew = begun_anew(evidence, bearing).select(*KEY, anew=ibis.literal(True))  # noqa: FBT003 - Ibis's signature
    rows = bearing.left_join(anew, KEY).drop("subscriber_id_right", "left_on_right")
    read_anew = rows.anew & rows.verdict.isin(COUNTED)
    return rows.mutate(verdict=ibis.cases((read_anew, RE_ENTERED), else_=rows.verdict)).drop("anew")


def begun_anew(evidence: Evidence, bearing: ir.Table) -> ir.Table:
    """Return the departures that bear on the snapshot whose holder has begun anew.

    Columns: ``subscriber_id``, ``left_on``; ``began_on``, the first day of the next line;
    ``shared``, the contact persons that both have.
    """
    known = evidence.known
    since = known.horizon - timedelta(days=NEW_DAYS)
    began = known.subscribers.filter(_.activated_on >= since)
    new = began.select("subscriber_id", began_on=_.activated_on)
    left = _open(evidence, bearing, since)
    old = left.select("subscriber_id", left_on="gone_from")
    pairs = contacts_of(known.calls.filter(_.started_at >= since), new, old)
    matched = next_lines(pairs, new, old)
    matched = matched.filter(matched.shared * OF >= matched.of_new * SHARED)
    matched = matched.select("new_id", "shared", subscriber_id="old_id")
    matched = matched.inner_join(new.select("began_on", new_id="subscriber_id"), "new_id")
    return left.inner_join(matched, "subscriber_id").select(*KEY, "began_on", "shared")


def _open(evidence: Evidence, bearing: ir.Table, since: date) -> ir.Table:
    """Return what was not undone by the label's last day, the first of each subscriber.

    Whatever its cause, and though it came after the outcome window: a line that began may be the
    next one of a departure that is no churn of this snapshot. Columns: ``subscriber_id``,
    ``left_on``, ``gone_from``.
    """
    fallen = departures(evidence.spans, evidence.states)
    later = fallen.filter(fallen.left_on >= evidence.time.outcome_window(evidence.snapshot).end)
    dated = bearing.gone_from if "gone_from" in bearing.columns else bearing.left_on
    both = ibis.union(
        bearing.select(*KEY, "back_on", gone_from=dated),
        later.select(*KEY, "back_on", gone_from=later.left_on),
    )
    last = evidence.known.horizon
    away = both.filter(
        both.gone_from.between(since, last) & (both.back_on.isnull() | (both.back_on > last))
    )
    return first_of(away, "subscriber_id", "left_on").drop("back_on")


def facts_of(evidence: Evidence, bearing: ir.Table, subscriber_id: str) -> ir.Table:
    """Return when the subscriber began anew, where its departure is read so."""
    anew = begun_anew(evidence, bearing)
    own = bearing.filter((_.subscriber_id == subscriber_id) & (_.verdict == RE_ENTERED))
    rows = anew.semi_join(own, KEY)
    return facts(rows, ("began_anew", rows.began_on, rows.shared))
