"""One snapshot of the panel: the eligible, what became of them, and what was knowable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from churn import features
from churn.labels import DEFAULT, outcomes
from churn.panel.population import ID, eligible
from churn.panel.weights import arm_weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis.expr.types as ir

    from churn.features import Family
    from churn.labels import LabelDefinition
    from churn.panel.settings import PanelSettings
    from churn.panel.split import Slot
    from churn.states import StateSettings
    from churn.tables import Known
    from churn.windows import TimeSettings

META = ("subscriber_id", "customer_id", "snapshot", "part", "outcome", "weight")
AUDIT = ("event_on", "cured", "cured_late", "returned_late", "vanished", "share_observed")
DIGITS = 8  # of the digest: one part in four billion


def panel_rows(
    then: Known,
    now: Known,
    slot: Slot,
    *,
    settings: PanelSettings,
    time: TimeSettings,
    states: StateSettings,
    families: Sequence[Family] | None = None,
    definition: LabelDefinition = DEFAULT,
) -> ir.Table:
    """Return the rows of one snapshot, lazily.

    Parameters
    ----------
    then, now
        The tables as known at the snapshot, and as known at training: features and population
        read the first, outcomes and campaign arms the second.
    slot
        The snapshot and its part.
    families
        The feature families, the same for every snapshot of a panel: those delivered by now,
        unless given.

    Returns
    -------
    Table
        :data:`META`, :data:`AUDIT`, then one column per feature. *administrative* rows are there
        to be counted, not to be learned from. ``weight`` is 0 for the treated, see
        :mod:`churn.panel.weights`.

    Raises
    ------
    LeakError
        If the labels are not final by what is known now.
    """
    snapshot = slot.snapshot
    at_risk = eligible(then, time, states)
    told = outcomes(now, snapshot, time, states, definition)
    arms = arm_weights(now, snapshot, time)
    rows = at_risk.left_join(told, ID, rname="{name}_of_outcomes")
    rows = rows.left_join(arms, ID, rname="{name}_of_arms")
    meta = rows.select(
        ID,
        "customer_id",
        snapshot=ibis.literal(snapshot, type="date"),
        part=_part(rows.customer_id, slot),
        outcome=rows.outcome.fill_null("none"),
        weight=rows.weight.fill_null(1.0),
        event_on=rows.event_on,
        **{name: rows[name].fill_null(False) for name in AUDIT[1:]},  # noqa: FBT003 - a fill value
    )
    meta = _thinned(meta, settings.keep_negatives)
    chosen = features.delivered(now) if families is None else families
    table = features.build(then, at_risk, states=states, families=chosen)
    return meta.inner_join(table, ID)


def _part(customer: ir.StringValue, slot: Slot) -> ir.StringValue:
    """Give a whole customer to one part, by the digest of its id."""
    if slot.part:
        return ibis.literal(slot.part)
    drawn = (ibis.literal("part:") + customer).hexdigest("md5").substr(0, DIGITS)
    branches, reached = [], 0.0
    *first, last = slot.shares.items()
    for part, share in first:
        reached += share
        branches.append((drawn < _threshold(reached), part))
    return ibis.cases(*branches, else_=last[0])


def _thinned(rows: ir.Table, keep: float) -> ir.Table:
    """Keep a share of the training rows without an outcome and let them weigh for the rest."""
    if keep == 1:
        return rows
    name = ibis.literal("keep:") + rows[ID] + rows.snapshot.cast("string")
    drawn = name.hexdigest("md5").substr(0, DIGITS)
    plain = (rows.part == "train") & (rows.outcome == "none")
    kept = rows.filter(~plain | (drawn < _threshold(keep)))
    plain = (kept.part == "train") & (kept.outcome == "none")
    return kept.mutate(weight=ibis.cases((plain, kept.weight / keep), else_=kept.weight))


def _threshold(share: float) -> str:
    """Hexadecimal digits below which the given share of digests lies."""
    return f"{min(int(share * 16**DIGITS), 16**DIGITS - 1):0{DIGITS}x}"
