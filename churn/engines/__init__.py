"""Where expressions run: the only package that names an engine.

Everything above hands over Ibis expressions and gets Arrow or Parquet back.
"""

from __future__ import annotations

from pathlib import Path

from churn.engines.base import Engine, EngineSettings
from churn.engines.duckdb import DuckDBEngine

__all__ = ["DuckDBEngine", "Engine", "EngineSettings", "connect"]


def connect(settings: EngineSettings, *, spill: Path | None = None) -> Engine:
    """Open the engine that the settings name.

    Parameters
    ----------
    spill
        Where rows go that do not fit into memory, names and numbers among them; without it, a
        temporary folder of this user's.
    """
    return DuckDBEngine(settings, spill=spill)
