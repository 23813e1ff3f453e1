"""Telecom churn and retention: from dirty extracts to tonight's target list."""

from __future__ import annotations

__version__ = "0.1.0"
