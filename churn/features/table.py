"""All families joined: one row per subscriber asked for, and the dictionary of the columns."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import ibis.expr.types as ir

from churn.errors import SettingsError
from churn.features import (
    arrears,
    bills,
    calls,
    campaign_contacts,
    complaints,
    faults,
    household,
    notices,
    own,
    peers,
    plan_changes,
    port_queries,
    profile,
    re_entry,
    recharges,
    service_orders,
    standing,
    status,
    surveys,
    usage_monthly,
    visits,
)
from churn.features.family import ID, Family, View
from churn.features.feature import Feature
from churn.features.settings import FeatureSettings
from churn.states import StateSettings
from churn.tables import Known

FAMILIES: tuple[Family, ...] = (
    profile.FAMILY,
    household.FAMILY,
    status.FAMILY,
    bills.FAMILY,
    standing.FAMILY,
    arrears.FAMILY,
    recharges.FAMILY,
    plan_changes.FAMILY,
    port_queries.FAMILY,
    notices.FAMILY,
    calls.FAMILY,
    peers.FAMILY,
    re_entry.FAMILY,
    usage_monthly.FAMILY,
    complaints.FAMILY,
    faults.FAMILY,
    service_orders.FAMILY,
    visits.FAMILY,
    surveys.FAMILY,
    campaign_contacts.FAMILY,
)


def families(
    settings: FeatureSettings, sources: Mapping[str, str], taken: Collection[str]
) -> tuple[Family, ...]:
    """Return the shipped families that the settings allow, with their calendar, and the own ones.

    Whom people are in touch with is traffic data: without a legal basis nothing is made of it.

    Parameters
    ----------
    sources
        The text of each own family's file, by the family's name.
    taken
        Names that no own feature can have beside those of shipped ones.

    Raises
    ------
    SettingsError
        If an own family cannot be made, or has a shipped one's name.
    """
    withheld = () if settings.traffic_basis else (peers.FAMILY.name, re_entry.FAMILY.name)
    allowed = (family for family in FAMILIES if family.name not in withheld)
    chosen = [
        calls.family(settings.calendar) if family is calls.FAMILY else family for family in allowed
    ]
    names = {*taken, *(feature.name for family in FAMILIES for feature in family.features)}
    for declared in settings.own:
        if any(declared.name == family.name for family in FAMILIES):
            raise SettingsError(
                f"there is a family called {declared.name} already",
                where="features.own",
                do="give yours another name",
            )
        chosen.append(own.family(declared, sources[declared.name], names))
        names |= {feature.name for feature in chosen[-1].features}
    return tuple(chosen)


def delivered(known: Known, families: Sequence[Family] = FAMILIES) -> tuple[Family, ...]:
    """Return the families whose tables were delivered by that day."""
    return tuple(family for family in families if family.delivered(known))


def specs(known: Known, families: Sequence[Family] = FAMILIES) -> tuple[Feature, ...]:
    """Return what the columns of :func:`build` are, in their order."""
    return tuple(f for family in delivered(known, families) for f in family.features)


def build(
    known: Known,
    ids: ir.Table,
    *,
    states: StateSettings | None = None,
    families: Sequence[Family] | None = None,
) -> ir.Table:
    """Compute every feature of the given subscribers, lazily.

    Parameters
    ----------
    known
        The tables as known on the snapshot.
    ids
        A table with a ``subscriber_id`` per row, each once; nobody is dropped or added.
    states
        How the operator's status codes read.
    families
        The families to compute even where a table was not delivered by that day (nulls and zeros
        then), so that all snapshots of a panel have the same columns. Default: those delivered.

    Returns
    -------
    Table
        ``subscriber_id`` and one column per feature: float32 numbers, string classes.
    """
    view = View(known, states or StateSettings())
    chosen = delivered(known) if families is None else families
    rows = ids.select(ID)
    for family in chosen:
        rows = rows.left_join(family.rows(view), ID, rname="{name}_of_" + family.name)
    columns = {f.name: _filled(rows[f.name], f) for family in chosen for f in family.features}
    return rows.select(ID, **columns)


def _filled(value: ir.Value, feature: Feature) -> ir.Value:
    """Count what never happened as 0 where the feature says so."""
    return value.fill_null(0).cast(feature.type) if feature.never_null else value
