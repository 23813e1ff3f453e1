"""What a saved customer is worth, what may be spent, and who is left alone (``targeting:``)."""

from __future__ import annotations

import math
from collections import Counter
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from churn.causes import RISKS
from churn.features.arrears import LATEST_DAYS
from churn.frozen import Frozen
from churn.states.settings import StateSettings
from churn.states.vocabulary import StateName
from churn.tables import Known
from churn.targeting.actions import CATALOGUE, Action, Channel
from churn.targeting.effects.settings import EffectSettings, LearningSettings
from churn.targeting.limits import LimitSettings, unknown_actions
from churn.targeting.rules import Rule
from churn.windows import month_end, month_start

Product = Literal["mobile", "fixed", "broadband", "leased", "other"]


class ValueSettings(Frozen):
    """The value V of a subscriber if saved, and A, what a passive one brings back besides.

    ``V = sum over k = 1..horizon of margin * S(k) / (1 + r)^(k/12)``: S as history shows it, else
    ``s^k``; with s = 1 and r = 0 this is margin times horizon.
    """

    currency: str = Field("CNY", description="label of amounts")
    margin_share: float = Field(
        0.4, gt=0, le=1, description="margin as a share of the average monthly bill"
    )
    margin_by_product: dict[Product, Annotated[float, Field(gt=0, le=1)]] = Field(
        default_factory=dict,
        description="margin_share of single products where it differs; a share of the bill, from "
        "the operator's own accounts",
    )
    bills: int = Field(3, gt=0, description="the latest known bills that are averaged")
    horizon_months: int = Field(12, gt=0, description="months a saved subscriber is counted for")
    survival: Literal["history", "settings"] = Field(
        "history",
        description="where the months to come are from: history, by tenure, product, commitment "
        "and arrears, where it is long enough and its first half foretold its second; else, or by "
        "choice, monthly_survival",
    )
    monthly_survival: float = Field(
        1.0,
        gt=0,
        le=1,
        description="s: share of saved subscribers still there a month later, where history does "
        "not tell",
    )
    discount_rate: float = Field(
        0.0, ge=0, description="r: yearly rate at which money is worth less"
    )
    downgrade_share: float = Field(
        0.3,
        gt=0,
        le=1,
        description="share of the value that a move to a cheaper plan loses; an assumption",
    )
    fallback_value: float = Field(200.0, ge=0, description="V where no bill is known, in currency")
    recovered_share: float = Field(
        0.8, ge=0, le=1, description="part of A: share of the arrears that a saved one pays"
    )
    reconnection_cost: float = Field(
        10.0, ge=0, description="part of A: reconnection avoided, in currency"
    )
    collection_cost: float = Field(
        15.0, ge=0, description="part of A: chasing the bad debt avoided, in currency"
    )


class BudgetSettings(Frozen):
    """What may be spent and how many contacts can be made."""

    month: float = Field(30_000.0, ge=0, description="money for the calendar month, in currency")
    nights_per_month: int = Field(
        30, gt=0, le=31, description="nights that share it: 30 when every night, 4 when weekly"
    )
    max_contacts: int | None = Field(
        None, ge=0, description="most contacts a night; none: no limit"
    )
    channel_capacity: dict[Channel, int] = Field(
        default_factory=dict, description="most contacts a night by channel; absent: no limit"
    )

    def nights_left(self, as_of: date) -> int:
        """Return how many nights, this one included, still share the month's money."""
        days_in_month = month_end(as_of).day
        days_left = days_in_month - as_of.day + 1
        return max(1, math.ceil(self.nights_per_month * days_left / days_in_month))

    def tonight(self, as_of: date, spent: float) -> float:
        """Return what this night may spend: the money left in the month over the nights left.

        Parameters
        ----------
        spent
            What the month has cost before this night, in currency.
        """
        return max(0.0, self.month - spent) / self.nights_left(as_of)


class TierSettings(Frozen):
    """Loyalty tier of a household: points for tenure, spend and lines, a bonus for mobile.

    A band gives one point for each bound reached. The shipped mapping is an example: which points
    earn which card is the operator's choice.
    """

    tenure_years: tuple[float, ...] = Field((2, 5, 10, 15), description="bounds of tenure, years")
    yearly_spend: tuple[float, ...] = Field(
        (500, 1_000, 1_500, 2_000), description="bounds of the last twelve months' bills, currency"
    )
    lines: tuple[int, ...] = Field((1, 2), description="bounds of lines held")
    mobile_bonus: int = Field(1, ge=0, description="points for also having the mobile product")
    silver: int = Field(5, description="least points of a silver card (example)")
    gold: int = Field(8, description="least points of a gold card (example)")

    @field_validator("tenure_years", "yearly_spend", "lines")
    @classmethod
    def _bounds_rise(cls, bounds: tuple[float, ...]) -> tuple[float, ...]:
        """Refuse bounds that do not rise."""
        if list(bounds) != sorted(set(bounds)):
            raise ValueError("the bounds of a tier must rise")
        return bounds

    @model_validator(mode="after")
    def _gold_is_above_silver(self) -> Self:
        """Refuse a gold card that is easier than a silver one."""
        if self.gold <= self.silver:
            raise ValueError(f"gold needs {self.gold} points, not more than silver's {self.silver}")
        return self


class RemovalRule(Frozen):
    """An operator's own rule: when a subscriber that stays in a state is removed."""

    state: StateName = Field(description="the service state the rule is about")
    days: int = Field(0, ge=0, description="days until removal, added to the months")
    months: int = Field(0, ge=0, description="calendar months until removal")
    counts_from: Literal["state", "arrears"] = Field(
        "state",
        description="the day the state began, or the day the oldest overdue bill fell due; the "
        "latter removes nobody who owes nothing",
    )

    @model_validator(mode="after")
    def _has_a_length(self) -> Self:
        """Refuse a rule that removes at once."""
        if self.days + self.months == 0:
            raise ValueError(f"the removal rule for state {self.state} has neither days nor months")
        return self


class LastNoticeSettings(Frozen):
    """Whose removal is near, and what counts as having been told."""

    own_rules: tuple[RemovalRule, ...] = Field(
        (),
        description="the operator's own removal rules; one for a suspended or held subscriber "
        "replaces the rule that states.removal_after_… gives",
    )
    near_days: int = Field(30, gt=0, description="how many days ahead a removal is near")
    notice_kinds: tuple[str, ...] = Field(
        ("last_notice",), description="kinds of notice that count as being told of the removal"
    )
    balance_max_age: int = Field(
        LATEST_DAYS - 1,
        gt=0,
        description="days a balance may be older than the newest one delivered; one that is no "
        "longer reported has been paid",
    )

    def rules(self, states: StateSettings) -> tuple[RemovalRule, ...]:
        """Return the rules in force, one per state: the regulation's and the operator's own."""
        shipped = (
            RemovalRule(state="suspended", days=states.removal_after_suspension),
            RemovalRule(state="on_hold", months=states.removal_after_hold, counts_from="arrears"),
        )
        return tuple({rule.state: rule for rule in (*shipped, *self.own_rules)}.values())


class HandoverSettings(Frozen):
    """What goes to those who make the contacts."""

    channels: tuple[Channel, ...] = Field(
        ("call",), description="channels whose contacts handover.csv holds"
    )
    valid_days: int = Field(14, gt=0, description="days after the night a contact may be made in")
    calling_hours: str = Field("09:00-20:00", description="when to call, as the dialler reads it")
    attempts: int = Field(3, gt=0, description="attempts allowed per contact")
    encoding: Literal["utf-8-sig", "utf-8", "gb18030"] = Field(
        "utf-8-sig", description="encoding of handover.csv and suppress.csv"
    )


class TargetingSettings(Frozen):
    """Whom to contact tonight with what (``targeting:`` in the settings file)."""

    value: ValueSettings = Field(default_factory=ValueSettings, description="worth of a subscriber")
    actions: tuple[Action, ...] = Field(CATALOGUE, min_length=1, description="what can be done")
    budget: BudgetSettings = Field(default_factory=BudgetSettings, description="what may be spent")
    effects: EffectSettings = Field(
        default_factory=EffectSettings, description="how far measured effects are believed"
    )
    learning: LearningSettings = Field(
        default_factory=LearningSettings, description="what is given up to know effects sooner"
    )
    limits: tuple[LimitSettings, ...] = Field((), description="limits besides the budget's")
    rules: tuple[Rule, ...] = Field((), description="which action bars which")
    offers_per_year: int | None = Field(
        None, ge=0, description="most offers a customer gets in a year; none: no limit"
    )
    handover: HandoverSettings = Field(
        default_factory=HandoverSettings, description="the files for those who act"
    )
    least_profit: float = Field(
        1.0,
        description="a contact is expected to earn more than this, in currency, or is not made; "
        "below 0 it buys learning",
    )
    control_share: float = Field(
        0.1, ge=0, lt=1, description="share of the selected that is left alone, to measure effects"
    )
    holdout_share: float = Field(
        0.0,
        ge=0,
        le=0.5,
        description="share of households that get no retention marketing for a half year (from "
        "January, from July), to tell what the whole programme is worth; fixed until its end by "
        "the first list that holds anybody out",
    )
    cool_down_days: int = Field(
        60, ge=0, description="days after a contact, or a control draw, in which nobody calls again"
    )
    campaign: str = Field(
        "retention-{month}",
        description="id of the campaign; {month} and {as_of} are replaced by the night's",
    )
    fault_days: int = Field(90, gt=0, description="days in which a fault counts as recent")
    tiers: TierSettings = Field(default_factory=TierSettings, description="loyalty cards (example)")
    last_notices: LastNoticeSettings = Field(
        default_factory=LastNoticeSettings, description="whose removal is near"
    )

    @field_validator("actions")
    @classmethod
    def _names_differ(cls, actions: tuple[Action, ...]) -> tuple[Action, ...]:
        """Refuse two actions of one name."""
        twice = sorted(name for name, n in Counter(a.name for a in actions).items() if n > 1)
        if twice:
            raise ValueError(f"actions named twice: {', '.join(twice)}")
        return actions

    def delivered(self, known: Known) -> Self:
        """Return the settings without actions that answer what no delivered table tells of.

        One that a limit or a rule names stays: it answers nobody.
        """
        named = {name for rule in self.rules for name in (rule.action, rule.after)}
        named |= {name for limit in self.limits for name in limit.actions}
        kept = tuple(
            action
            for action in self.actions
            if action.name in named
            or all(known.has(table) for head in action.heads if (table := RISKS[head].needs))
        )
        return self if len(kept) == len(self.actions) else self.model_copy(update={"actions": kept})

    @field_validator("limits")
    @classmethod
    def _limits_differ(cls, limits: tuple[LimitSettings, ...]) -> tuple[LimitSettings, ...]:
        """Refuse two limits of one name."""
        twice = sorted(name for name, n in Counter(x.name for x in limits).items() if n > 1)
        if twice:
            raise ValueError(f"limits named twice: {', '.join(twice)}")
        return limits

    @model_validator(mode="after")
    def _only_actions_there_are(self) -> Self:
        """Refuse a limit or rule about an action that is not in the catalogue."""
        for limit in self.limits:
            if unknown := unknown_actions(limit.actions, self.actions):
                raise ValueError(f"the limit {limit.name} names no action: {', '.join(unknown)}")
        named = {name for rule in self.rules for name in (rule.action, rule.after)}
        if unknown := unknown_actions(named, self.actions):
            raise ValueError(f"a rule names no action: {', '.join(unknown)}")
        return self

    @field_validator("campaign")
    @classmethod
    def _only_known_placeholders(cls, campaign: str) -> str:
        """Refuse a placeholder nobody fills."""
        try:
            campaign.format(month="2025-01", as_of="2025-01-31")
        except (KeyError, IndexError, ValueError) as error:
            raise ValueError(
                f"the campaign {campaign!r} may hold {{month}} and {{as_of}}, nothing else"
            ) from error
        return campaign

    def campaign_id(self, as_of: date) -> str:
        """Return the id of the campaign that the night of ``as_of`` belongs to."""
        month = month_start(as_of).isoformat()[:7]
        return self.campaign.format(month=month, as_of=as_of.isoformat())
