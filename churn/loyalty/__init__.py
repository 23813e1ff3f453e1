"""Loyalty cards of the mass market: points, what the next card takes, rewards of the month.

The bounds, the points that earn a card and the rewards are settings; those shipped are an example.
"""

from __future__ import annotations

from churn.loyalty.cards import CARD_COLUMNS, CARDS, cards
from churn.loyalty.rewards import STANDINGS, rewards
from churn.loyalty.settings import LoyaltySettings, Reward
