"""How long subscribers stay: months to come by tenure, product, commitment and arrears."""

from __future__ import annotations

from churn.targeting.survival.calibration import (
    FEWEST,
    Check,
    MonthsToCome,
    checked,
    months_to_come,
)
from churn.targeting.survival.history import ends, landmarks, lives, months_followed
from churn.targeting.survival.months import Survival, survival

__all__ = [
    "FEWEST",
    "Check",
    "MonthsToCome",
    "Survival",
    "checked",
    "ends",
    "landmarks",
    "lives",
    "months_followed",
    "months_to_come",
    "survival",
]
