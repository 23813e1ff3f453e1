"""A training as the runs that the tracker keeps: parts in, plain entries out."""

from __future__ import annotations

from churn.report.runs.training import TrainingRecord, write_training

__all__ = ["TrainingRecord", "write_training"]
