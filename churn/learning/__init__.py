"""Rebalancing, learners, calibration, contributions and the model bundle."""

from __future__ import annotations

from churn.learning.bundle import Bundle
from churn.learning.settings import LearningSettings
from churn.learning.training import Trained, fit
