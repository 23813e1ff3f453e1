"""What contacts changed, measured by assignment in randomised arms."""

from __future__ import annotations

from churn.targeting.effects.arms import (
    DRAW,
    EARLIER,
    assignments,
    draw_days,
    exposure,
    followed,
    half_month,
)
from churn.targeting.effects.later import HORIZONS, Later, later
from churn.targeting.effects.lots import Instead, instead
from churn.targeting.effects.meant import LISTED, meant
from churn.targeting.effects.measuring import Effect, by_subscriber, measured
from churn.targeting.effects.parts import PARTS, By, Part, parts

__all__ = [
    "DRAW",
    "EARLIER",
    "HORIZONS",
    "LISTED",
    "PARTS",
    "By",
    "Effect",
    "Instead",
    "Later",
    "Part",
    "assignments",
    "by_subscriber",
    "draw_days",
    "exposure",
    "followed",
    "half_month",
    "instead",
    "later",
    "meant",
    "measured",
    "parts",
]
