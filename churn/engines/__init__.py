"""Where expressions run: the only package that names an engine.

Everything above hands over Ibis expressions and gets Arrow or Parquet back. A new engine is one
module with a subclass of ``Engine``, and one line in ``settings.py``; the tests then run on it too.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from churn.engines.base import Engine
from churn.engines.settings import ENGINES, EngineSettings


def connect(settings: EngineSettings, *, spill: Path | None = None) -> Engine:
    """Open the engine that the settings name.

    Parameters
    ----------
    spill
        Where rows go that do not fit into memory, names and numbers among them; without it, a
        temporary folder of this user's.
    """
    module, name = ENGINES[settings.name].split(":")
    engine: Engine = getattr(import_module(module), name)(settings, spill=spill)
    return engine
