"""Libraries that take long to load, loaded when first used: most commands never come to that."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any


class Late(ModuleType):
    """A library of that name, imported when something of it is first asked for.

    Examples
    --------
    >>> special = Late("scipy.special")
    >>> float(special.expit(0.0))
    0.5
    """

    def __getattr__(self, name: str) -> Any:
        """Return what the library has under the name."""
        return getattr(import_module(self.__name__), name)
