"""What contacts changed, measured by assignment in randomised arms."""

from __future__ import annotations

from churn.targeting.effects.arms import (
    DRAW,
    EARLIER,
    assignments,
    draw_days,
    exposure,
    half_month,
)
from churn.targeting.effects.measuring import Effect, by_subscriber, measured

__all__ = [
    "DRAW",
    "EARLIER",
    "Effect",
    "assignments",
    "by_subscriber",
    "draw_days",
    "exposure",
    "half_month",
    "measured",
]
