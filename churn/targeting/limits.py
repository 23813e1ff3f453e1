"""Limits of a deployment's own: how many contacts, or how much money, of which actions and where.

The budget, ``max_contacts`` and ``channel_capacity`` are limits, too, by the names ``budget``,
``contacts`` and ``channel``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Literal, Self

import ibis
import ibis.expr.types as ir
from ibis import _
from pydantic import Field, model_validator

from churn.frozen import Frozen
from churn.tables import Known
from churn.targeting.actions import Action, Channel
from churn.windows import Window, month_start

RESERVED = ("budget", "contacts", "channel")
_YEAR = 365


class LimitSettings(Frozen):
    """One kind of limit (an entry of ``targeting.limits``)."""

    name: str = Field(min_length=1, description="what reports and errors call it")
    counts: Literal["contacts", "money"] = Field(
        "contacts", description="what it limits: contacts, or their planned spend in currency"
    )
    actions: tuple[str, ...] = Field((), description="actions that draw on it; none: all")
    channels: tuple[Channel, ...] = Field((), description="channels that draw on it; none: all")
    by: str | None = Field(
        None,
        description="column known that night of which each value has the limit for itself, such as "
        "region or account_manager; rows without a value have no limit",
    )
    at_most: float | None = Field(None, ge=0, description="the most; none: no limit")
    each: dict[str, float] = Field(
        default_factory=dict, description="the most for single values of `by`, instead of at_most"
    )
    at_least: int = Field(
        0, ge=0, description="contacts that must be made a night, even where they do not pay"
    )
    period: Literal["night", "month", "year", "since"] = Field(
        "night",
        description="the time that shares it: what the contacts known of it have used is gone",
    )
    since: date | None = Field(
        None, description="with period since: the first day that counts, as of an action's stock"
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        """Refuse what contradicts itself."""
        if self.name in RESERVED:
            raise ValueError(f"{self.name} is the name of a limit that targeting.budget sets")
        if self.at_most is None and not self.each and not self.at_least:
            raise ValueError(f"the limit {self.name} limits nothing: give at_most or at_least")
        if self.each and self.by is None:
            raise ValueError(f"the limit {self.name} has values of its own but no column: give by")
        if self.at_least and self.counts == "money":
            raise ValueError(f"the limit {self.name}: only contacts have an at_least, not money")
        if self.at_least and self.period != "night":
            raise ValueError(f"the limit {self.name}: an at_least is of a night")
        if self.at_most is not None and self.at_least > self.at_most:
            raise ValueError(
                f"the limit {self.name} asks for at least {self.at_least} and at most "
                f"{self.at_most:g}"
            )
        if (self.since is None) == (self.period == "since"):
            raise ValueError(f"the limit {self.name}: since goes with period since, and only so")
        return self

    def draws(self, action: Action) -> bool:
        """Tell whether an action's contacts draw on it."""
        return (not self.actions or action.name in self.actions) and (
            not self.channels or action.channel in self.channels
        )

    def window(self, night: date) -> Window:
        """Return the days before the night that share it."""
        start = {
            "night": night,
            "month": month_start(night),
            "year": night - timedelta(days=_YEAR),
            "since": min(self.since or night, night),
        }[self.period]
        return Window(start, night)


def column(limit: LimitSettings) -> str:
    """Return the name under which the limit's ``by`` is known of each subscriber."""
    return f"by_{limit.name}"


def used_before(
    known: Known, facts: ir.Table, limit: LimitSettings, actions: Sequence[Action]
) -> ir.Table:
    """Return what earlier contacts, as known, have used of a limit: ``cell`` (text), ``used``.

    Parameters
    ----------
    facts
        One row per subscriber with the limit's :func:`column`, if it has one.
    """
    names = [action.name for action in actions if limit.draws(action)]
    rows = known.campaign_contacts.filter(
        (_.arm == "treated")
        & limit.window(known.day).contains(_.contacted_on)
        & _.action.isin(names)
    )
    amount = rows.cost.sum() if limit.counts == "money" else rows.count()
    if limit.by is None:
        return rows.aggregate(used=amount.cast("float64")).mutate(cell=ibis.literal(""))
    of_whom = facts.select("subscriber_id", cell=facts[column(limit)].cast("string"))
    rows = rows.inner_join(of_whom, "subscriber_id")
    amount = rows.cost.sum() if limit.counts == "money" else rows.count()
    return rows.group_by("cell").aggregate(used=amount.cast("float64"))


def unknown_actions(named: Collection[str], actions: Sequence[Action]) -> list[str]:
    """Return the names that are no action's."""
    return sorted(set(named) - {action.name for action in actions})
