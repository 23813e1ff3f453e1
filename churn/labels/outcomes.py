"""Outcomes: what became of each subscriber after a snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from churn.labels.default import DEFAULT
from churn.labels.maturity import require_mature
from churn.states import spans

if TYPE_CHECKING:
    from datetime import date

    import ibis.expr.types as ir

    from churn.labels.definition import LabelDefinition
    from churn.states import StateSettings
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
        ``subscriber_id``; ``outcome`` (active, passive, gone, administrative, none);
        ``event_on``, the day of the departure that decided (null without one); ``cured``, whether
        a suspension that bears on the snapshot was cured within grace; ``cured_late`` and
        ``returned_late``, whether the departure that decided was undone after its allowance;
        ``vanished``, whether the subscriber's row is gone although no event ended its service;
        ``detail``, the state that decided, or locked_without_removal, won_back, cured,
        never_used, in_service.

    Raises
    ------
    LeakError
        If the labels of the snapshot are not final by what is known.
    """
    require_mature(known, snapshot, time, definition)
    return definition.decide(known, spans(known.status_events, states), snapshot, time)
