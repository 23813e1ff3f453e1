"""One snapshot of the panel: the eligible, what became of them, and what was knowable."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir

from churn import draws, features
from churn.features import Family
from churn.labels import (
    DEFAULT,
    LabelDefinition,
    downgraded,
    downgrades_observed,
    outcomes,
)
from churn.panel.calendar import index_of
from churn.panel.population import ID, eligible
from churn.panel.settings import PanelSettings
from churn.panel.weights import arm_weights
from churn.states import StateSettings
from churn.tables import Known
from churn.windows import TimeSettings

META = ("subscriber_id", "customer_id", "snapshot", "fold", "outcome", "weight")
FOLDS = 5
"""Folds of customers, for where time cannot tell apart what was learned from what is judged."""
AUDIT = (
    "event_on",
    "ended_by_holder",
    "cured",
    "cured_late",
    "returned_late",
    "vanished",
    "share_observed",
)
DOWNGRADED = "downgraded"
"""Whether a row's subscriber moved to a lower fee; null where that is not on record."""


def panel_rows(
    then: Known,
    now: Known,
    *,
    keep: float = 1.0,
    settings: PanelSettings,
    time: TimeSettings,
    states: StateSettings,
    families: Sequence[Family] | None = None,
    definition: LabelDefinition = DEFAULT,
    built: ir.Table | None = None,
) -> ir.Table:
    """Return the rows of one snapshot, lazily.

    Parameters
    ----------
    then, now
        The tables as known at the snapshot, and as known at training: features and population
        read the first, outcomes and campaign arms the second.
    keep
        Share of the rows without an outcome that is kept.
    families
        The feature families, the same for every snapshot of a panel: those delivered by now,
        unless given.
    built
        The features of these families for the snapshot's eligible, where they are there already:
        they depend on the snapshot alone, so every panel that holds it may share them.

    Returns
    -------
    Table
        :data:`META`, :data:`AUDIT`, :data:`DOWNGRADED` where plan changes were delivered by now,
        then one column per feature. Rows that are neither churn nor a stay are there to be counted,
        not to be learned from: *administrative*, *re_entered*, and *off_record* of whom no service
        state is on record any more, which is no evidence of a stay. ``weight`` is 0 for the
        treated, see :mod:`churn.panel.weights`.

    Raises
    ------
    LeakError
        If the labels are not final by what is known now.
    """
    meta = _meta(then, now, keep, settings, time, states, definition)
    if built is None:
        chosen = features.delivered(now) if families is None else families
        built = features.build(then, eligible(then, time, states), states=states, families=chosen)
    return meta.filter(meta.kept).drop("kept").inner_join(built, ID)


def thinned_out(
    then: Known,
    now: Known,
    *,
    keep: float = 1.0,
    settings: PanelSettings,
    time: TimeSettings,
    states: StateSettings,
    definition: LabelDefinition = DEFAULT,
) -> ir.Table:
    """Count the eligible whom :func:`panel_rows` leaves out since negatives are sampled.

    Returns
    -------
    Table
        ``snapshot``, ``rows``.
    """
    meta = _meta(then, now, keep, settings, time, states, definition)
    dropped = meta.filter(~meta.kept)
    return dropped.group_by("snapshot").aggregate(rows=dropped.count().cast("int64"))


def _meta(
    then: Known,
    now: Known,
    keep: float,
    settings: PanelSettings,
    time: TimeSettings,
    states: StateSettings,
    definition: LabelDefinition,
) -> ir.Table:
    """One row for each of the eligible: :data:`META`, :data:`AUDIT`, and whether it is kept."""
    snapshot = then.day
    labels = outcomes(now, snapshot, time, states, definition)
    arms = arm_weights(now, snapshot, time, labels, control_group=settings.control_group)
    rows = eligible(then, time, states).left_join(labels, ID, rname="{name}_of_outcomes")
    rows = rows.left_join(arms, ID, rname="{name}_of_arms")
    meta = rows.select(
        ID,
        "customer_id",
        snapshot=ibis.literal(snapshot, type="date"),
        fold=_fold(rows.customer_id),
        outcome=rows.outcome.fill_null("off_record"),
        weight=rows.weight.fill_null(1.0),
        event_on=rows.event_on,
        **{name: rows[name].fill_null(False) for name in AUDIT[1:]},  # noqa: FBT003 - a fill value
    )
    if now.has("plan_changes"):
        meta = _with_downgrades(meta, now, snapshot, time, states)
    return _sampled(meta, index_of(snapshot, now.day), keep)


def _with_downgrades(
    meta: ir.Table, now: Known, snapshot: date, time: TimeSettings, states: StateSettings
) -> ir.Table:
    moved = downgraded(now, snapshot, time, states)
    rows = meta.left_join(moved, ID)
    seen = downgrades_observed(now, snapshot, time)
    down = ibis.cases((seen, rows.downgraded_on.notnull()), else_=ibis.null("boolean"))
    return rows.mutate(**{DOWNGRADED: down}).drop("downgraded_on", f"{ID}_right")


def _fold(customer: ir.StringValue) -> ir.IntegerValue:
    """Give a whole customer to one fold, by the digest of its id: the same at every snapshot."""
    drawn = draws.drawn(ibis.literal("fold:") + customer)
    branches = [(drawn < draws.below((fold + 1) / FOLDS), fold) for fold in range(FOLDS - 1)]
    return ibis.cases(*branches, else_=FOLDS - 1).cast("int64")


def kept(subscriber_id: ir.StringValue, index: int, share: float) -> ir.BooleanValue:
    """Tell, per row, whether it is in the share that is kept: drawn by index and subscriber.

    Never by a date, so that the same history 28 years later is drawn alike.
    """
    return draws.drawn(ibis.literal(f"keep:{index}:") + subscriber_id) < draws.below(share)


def _sampled(rows: ir.Table, index: int, share: float) -> ir.Table:
    """Draw which rows without an outcome are kept; those weigh for the others too."""
    if share == 1:
        return rows.mutate(kept=True)
    plain = rows.outcome == "none"
    if DOWNGRADED in rows.columns:
        plain &= ~rows[DOWNGRADED].fill_null(ibis.literal(value=False))
    return rows.mutate(
        weight=ibis.cases((plain, rows.weight / share), else_=rows.weight),
        kept=~plain | kept(rows[ID], index, share),
    )
