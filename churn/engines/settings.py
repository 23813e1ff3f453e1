"""Which engine runs, how much of the machine it may use, and how many rows it hands over."""

from __future__ import annotations

import re

from pydantic import Field, field_validator

from churn.engines.registry import ENGINES
from churn.frozen import Frozen

BATCH_ROWS = 65_536

_SIZE = re.compile(r"[1-9]\d*(\.\d+)? ?([KMGT]i?)?B", re.IGNORECASE)


class EngineSettings(Frozen):
    """How much of the machine the engine may use (``engine:`` in the settings file)."""

    name: str = Field("duckdb", description=f"the engine, one of: {', '.join(ENGINES)}")
    memory: str = Field("4GB", description="memory the engine may take")
    threads: int = Field(2, gt=0, description="threads; fixed, so that results are the same bytes")
    spill: str = Field("20GB", description="disk the engine may spill to before it gives up")

    @field_validator("name")
    @classmethod
    def _is_listed(cls, name: str) -> str:
        if name not in ENGINES:
            msg = f"is one of: {', '.join(ENGINES)}"
            raise ValueError(msg)
        return name

    @field_validator("memory", "spill")
    @classmethod
    def _is_a_size(cls, size: str) -> str:
        if not _SIZE.fullmatch(size):
            msg = "is a size like 4GB or 500MiB"
            raise ValueError(msg)
        return size
