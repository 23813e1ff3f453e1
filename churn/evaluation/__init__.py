"""Metrics, profit, intervals and gates: arrays in, numbers out."""

from __future__ import annotations

from churn.evaluation.settings import EvaluationSettings
