"""Every kind of leak that the audit looks for, by its code: all that this folder declares."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType

from churn.audit.finding import Code

_READ_CODES = {"codes", "settings", "verdict"}  # and so declare none
_MODULES = {module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)])}
_CODES = {
    code
    for name in _MODULES - _READ_CODES
    for code in vars(import_module(f"churn.audit.{name}")).values()
    if isinstance(code, Code)
}
CODES: Mapping[str, Code] = MappingProxyType({code.code: code for code in sorted(_CODES)})
