"""What each card is given, what a month of it may cost, and who is left alone (``loyalty:``)."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from churn.frozen import Frozen
from churn.language import Text

Card = Literal["gold", "silver", "standard"]


class Reward(Frozen):
    """What a household with a card is given in the month of its anniversary."""

    card: Card = Field(description="the card that earns it")
    label: Text = Field(description="what people call it, in English and Chinese")
    cost: float = Field(gt=0, description="what one costs, in currency")


_EXAMPLE = (
    Reward(card="gold", label=Text("Handset voucher", "购机券"), cost=50.0),
    Reward(card="silver", label=Text("Broadband discount", "宽带优惠"), cost=20.0),
)


class LoyaltySettings(Frozen):
    """Rewards by card. The mapping of points to cards is ``targeting.tiers``; both are examples."""

    rewards: tuple[Reward, ...] = Field(
        _EXAMPLE, description="the reward of each card (example); a card without one is given none"
    )
    budget: float = Field(
        5_000.0, ge=0, description="what the rewards of a calendar month may cost, in currency"
    )
    control_share: float = Field(
        0.1, ge=0, lt=1, description="share of those due that is left alone, to measure the effect"
    )
    near_points: int = Field(
        1, ge=1, description="points to the next card from which a household is told to be near it"
    )
    example: bool = Field(
        default=True,
        description="whether cards and rewards are the shipped example: hand-outs say so; an "
        "operator that has set its own says false",
    )

    @model_validator(mode="after")
    def _one_reward_a_card(self) -> Self:
        """Refuse two rewards of one card."""
        named = [reward.card for reward in self.rewards]
        if len(named) != len(set(named)):
            raise ValueError("a card has more than one reward: which is given cannot be told")
        return self
