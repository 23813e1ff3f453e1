"""Where expressions run: the only package that names an engine.

Everything above hands over Ibis expressions and gets Arrow or Parquet back.
"""

from __future__ import annotations

from churn.engines.base import Engine, EngineSettings
from churn.engines.duckdb import DuckDBEngine

__all__ = ["DuckDBEngine", "Engine", "EngineSettings", "connect"]


def connect(settings: EngineSettings) -> Engine:
    """Open the engine that the settings name."""
    return DuckDBEngine(settings)
