"""Who is a key account, how often it is visited, and what calls for a visit (``key_accounts:``)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from churn.frozen import Frozen

_MOST_BOUNDS = 3
OutcomeName = Literal["competitor_bid", "office_move", "tender", "follow_up", "dissatisfied"]
_OUTCOMES: dict[str, OutcomeName] = {
    "competitor_bid": "competitor_bid",
    "竞争对手报价": "competitor_bid",
    "竞争对手投标": "competitor_bid",
    "office_move": "office_move",
    "搬迁": "office_move",
    "办公搬迁": "office_move",
    "tender": "tender",
    "招标": "tender",
    "follow_up": "follow_up",
    "需跟进": "follow_up",
    "dissatisfied": "dissatisfied",
    "有意见": "dissatisfied",
    "不满意": "dissatisfied",
}


class KeyAccountSettings(Frozen):
    """The bounds of key accounts and of what calls for a visit."""

    high_value: float = Field(
        3_000.0,
        gt=0,
        description="revenue of a customer a month, in currency, above which it is high-value",
    )
    potential_share: float = Field(
        0.7,
        gt=0,
        le=1,
        description="share of that bound from which a customer is a potential key account",
    )
    visit_days: int = Field(90, gt=0, description="days after a visit at which the next is due")
    visit_outcomes: dict[str, OutcomeName] = Field(
        default_factory=lambda: dict(_OUTCOMES),
        description="outcomes of visits, in the operator's words, that call for another",
    )
    bills_fell: float = Field(
        0.2, gt=0, le=1, description="fall of the monthly bills, as a share, that calls for a visit"
    )
    use_fell: float = Field(
        0.5, gt=0, le=1, description="fall of monthly use, as a share, that calls for a visit"
    )
    faults: int = Field(2, gt=0, description="faults since the last visit that call for another")
    low_score: float = Field(
        60.0, ge=0, description="a satisfaction score below this, of 100, calls for a visit"
    )
    contract_days: int = Field(
        90, gt=0, description="days ahead in which the end of a commitment calls for a visit"
    )
    sites: int = Field(
        2, ge=2, description="lines of one group with faults within 30 days told together"
    )
    loss_target: float = Field(
        0.01, gt=0, lt=1, description="share of revenue that may be lost to churn in a year"
    )
    star_revenue: tuple[float, ...] = Field(
        (1_000.0, 3_000.0, 10_000.0),
        description="revenue a month, in currency, from which each further star is given (example)",
    )
    most_sheets: int = Field(
        20, ge=0, le=200, description="most account managers that get a sheet of their own"
    )

    @field_validator("star_revenue")
    @classmethod
    def _bounds_rise(cls, bounds: tuple[float, ...]) -> tuple[float, ...]:
        """Refuse bounds that do not rise, or more than three: there are five stars."""
        if list(bounds) != sorted(set(bounds)) or len(bounds) > _MOST_BOUNDS:
            raise ValueError("the bounds of stars must rise, and be three at most")
        return bounds
