"""Which engine runs, how much of the machine it may use, and how many rows it hands over."""

from __future__ import annotations

import re

from pydantic import Field, field_validator

from churn.frozen import Frozen

# The engines there are: the one place where a new one is listed. The class stands by its module,
# which is imported only if the settings ask for it.
ENGINES = {
    "duckdb": "churn.engines.duckdb:DuckDBEngine",
}
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
            raise ValueError(f"is one of: {', '.join(ENGINES)}")
        return name

    @field_validator("memory", "spill")
    @classmethod
    def _is_a_size(cls, size: str) -> str:
        if not _SIZE.fullmatch(size):
            raise ValueError("is a size like 4GB or 500MiB")
        return size
