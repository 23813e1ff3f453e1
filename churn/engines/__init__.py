"""Where expressions run: the only package that names an engine.

Everything above hands over Ibis expressions and gets Arrow or Parquet back. A new engine is one
module with a subclass of ``Engine``, and one line in ``settings.py``; the tests then run on it too.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from churn.engines.base import Engine
from churn.engines.settings import ENGINES, EXTRAS, EngineSettings
from churn.errors import SettingsError


def connect(settings: EngineSettings, *, spill: Path | None = None) -> Engine:
    """Open the engine that the settings name.

    Parameters
    ----------
    spill
        Where rows go that do not fit into memory, names and numbers among them; without it, a
        temporary folder of this user's.

    Raises
    ------
    SettingsError
        If the engine's library is not installed.
    StorageError
        If the engine does not start.
    """
    module, name = ENGINES[settings.name].split(":")
    try:
        kind = getattr(import_module(module), name)
    except ModuleNotFoundError as error:
        extra = EXTRAS.get(settings.name)
        if extra is None or error.name != extra:
            raise
        raise SettingsError(
            f"engine {settings.name} is not installed ({extra} is absent)",
            where="engine.name",
            do=f"install the extra: pip install 'churn[{settings.name}]', in a clone `make"
            f" {settings.name}`; or leave engine.name out",
        ) from error
    engine: Engine = kind(settings, spill=spill)
    return engine
