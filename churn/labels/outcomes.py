"""Outcomes: what became of each subscriber after a snapshot."""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir

from churn.labels.default import DEFAULT
from churn.labels.definition import LabelDefinition
from churn.labels.evidence import Evidence
from churn.labels.maturity import observed_through, require_columns, require_mature
from churn.states import StateSettings, in_service
from churn.tables import Known
from churn.windows import TimeSettings


def outcomes(
    known: Known,
    snapshot: date,
    time: TimeSettings,
    states: StateSettings,
    definition: LabelDefinition = DEFAULT,
) -> ir.Table:
    """Return the outcome of every subscriber with any service state on record.

    Who of them is in the population of the snapshot is the panel's to say.

    Parameters
    ----------
    known
        What is known on the day of the training, not on that of the snapshot.

    Returns
    -------
    Table
        ``subscriber_id``; ``outcome``, one of :data:`churn.causes.OUTCOMES`; ``event_on``, the day
        of the departure that decided (null without one); ``cured``, whether a suspension that
        bears on the snapshot was cured within grace; ``cured_late`` and ``returned_late``, whether
        the departure that decided was undone after its allowance; ``detail``, the state that
        decided, or what else did: locked_without_removal, won_back, cured, never_used, in_service,
        and those that the definition adds; ``ended_by_holder``, whether that departure ended the
        service at once and was the holder's own, which no later contact undoes (a suspension read
        as active, or a silence, it may); ``vanished``, whether the subscriber's row is gone from
        the books although no event ended its service. The last tells of the record, not of the
        subscriber, and is the only column that reads another table than those declared.

    Raises
    ------
    LeakError
        If the labels of the snapshot are not final by what is known, the snapshot did not know a
        column that the definition needs, or the definition reads a table that it does not declare.
    """
    require_mature(known, snapshot, time, definition)
    require_columns(known.at(snapshot), definition)
    evidence = definition.evidence(known, snapshot, time, states)
    return with_vanished(known, evidence.spans, decided(evidence, definition))


def so_far(
    known: Known,
    snapshot: date,
    time: TimeSettings,
    states: StateSettings,
    definition: LabelDefinition = DEFAULT,
) -> ir.Table:
    """Return the outcomes as they look while more may come: for watching, never for learning.

    An event behind the last day observed is none: a silence that would be long enough by then may
    still be broken. A suspension counts until it is paid.

    Returns
    -------
    Table
        ``subscriber_id``, ``outcome``, ``event_on``, ``ended_by_holder``: as :func:`outcomes`
        gives them, where nothing more happens or comes in.

    Raises
    ------
    LeakError
        If the snapshot did not know a column that the definition needs, or a table that the
        definition reads was never delivered.
    """
    require_columns(known.at(snapshot), definition)
    observed = observed_through(known, definition)
    if observed is None:
        require_mature(known, snapshot, time, definition)
    rows = decided(definition.evidence(known, snapshot, time, states), definition)
    coming = (rows.event_on > observed).fill_null(False)  # noqa: FBT003 - a fill value
    return rows.select(
        "subscriber_id",
        outcome=ibis.cases((coming, "none"), else_=rows.outcome),
        event_on=ibis.cases((coming, ibis.null("date")), else_=rows.event_on),
        ended_by_holder=rows.ended_by_holder & ~coming,
    )


def decided(evidence: Evidence, definition: LabelDefinition) -> ir.Table:
    """Return the outcomes by the definition, a win-back named as the definition wants it."""
    rows = definition.decide(evidence)
    if not definition.win_back_outcome:
        return rows
    undone = (rows.outcome == "administrative") & (rows.detail == "won_back")
    return rows.mutate(outcome=ibis.cases((undone, "won_back"), else_=rows.outcome))


def with_vanished(known: Known, spans: ir.Table, rows: ir.Table) -> ir.Table:
    """Add ``vanished``: in service by its events, but gone from the books."""
    if not known.has("subscribers"):
        return rows.mutate(vanished=ibis.literal(False))  # noqa: FBT003 - Ibis's signature
    served = spans.filter(spans.end_on.isnull() & in_service(spans.state))
    gone = served.select("subscriber_id").anti_join(known.subscribers, "subscriber_id")
    gone = gone.mutate(gone=True)
    marked = rows.left_join(gone, "subscriber_id").drop("subscriber_id_right")
    return marked.mutate(vanished=marked.gone.fill_null(False)).drop("gone")  # noqa: FBT003 - a fill value
