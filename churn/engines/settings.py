"""Which engine runs, how much of the machine it may use, and how many rows it hands over."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Self

from pydantic import Field, field_validator, model_validator

from churn.frozen import Frozen

# The engines there are: the one place where a new one is listed. The class stands by its module,
# which is imported only if the settings ask for it.
ENGINES = {
    "duckdb": "churn.engines.duckdb:DuckDBEngine",
    "spark": "churn.engines.spark:SparkEngine",
}
EXTRAS = {"spark": "pyspark"}
"""Engine -> the package that its optional extra of the same name installs."""
BATCH_ROWS = 65_536

_SIZE = re.compile(r"(?P<number>[1-9]\d*(\.\d+)?) ?(?P<unit>[KMGT]i?)?B", re.IGNORECASE)
_POWERS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}
_OF_CLUSTERS = ("master", "shuffle_partitions", "conf")
# What decides values is the same in every session: see the engine.
_DECIDED = ("spark.sql.ansi.enabled", "spark.sql.session.timeZone", "spark.sql.timestampType")


def mebibytes(size: str) -> int:
    """Return a size of the settings in whole mebibytes, at least one.

    Examples
    --------
    >>> mebibytes("4GB"), mebibytes("1.5 GiB"), mebibytes("10KB")
    (3814, 1536, 1)
    """
    parts = _SIZE.fullmatch(size)
    if parts is None:
        raise ValueError(f"{size} is not a size")
    unit = (parts["unit"] or "").upper()
    factor = (1024 if unit.endswith("I") else 1000) ** _POWERS[unit[:1]]
    return max(1, int(float(parts["number"]) * factor) // 1024**2)


class EngineSettings(Frozen):
    """Which engine runs, and how much of the machine it may use (``engine:`` in the settings file).

    Extracts are read on this machine whatever the engine: what is here said of memory, threads and
    spill then holds for DuckDB.
    """

    name: str = Field("duckdb", description=f"the engine, one of: {', '.join(ENGINES)}")
    memory: str = Field(
        "4GB", description="memory the engine may take; of spark, its driver and each executor"
    )
    threads: int = Field(2, gt=0, description="threads; fixed, so that results are the same bytes")
    spill: str = Field(
        "20GB",
        description="disk the engine may spill to before it gives up; spark knows no such limit",
    )
    master: str | None = Field(
        None,
        exclude_if=lambda master: master is None,
        description="of spark: the cluster's master, as spark://host:7077; if not set, threads of "
        "this machine",
    )
    shuffle_partitions: int | None = Field(
        None,
        gt=0,
        exclude_if=lambda partitions: partitions is None,
        description="of spark: parts into which rows are shuffled; if not set, Spark's own 200",
    )
    conf: Mapping[str, str] = Field(
        {},
        exclude_if=lambda conf: not conf,
        description="of spark: any further settings of its own, as spark.executor.cores: '4'",
    )

    @property
    def of_this_machine(self) -> EngineSettings:
        """The engine that reads extracts: embedded, whatever the engine is."""
        if self.name == "duckdb":
            return self
        return EngineSettings(memory=self.memory, threads=self.threads, spill=self.spill)

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

    @field_validator("conf")
    @classmethod
    def _decides_no_value(cls, conf: Mapping[str, str]) -> Mapping[str, str]:
        foreign = sorted(key for key in conf if not key.startswith("spark."))
        if foreign:
            raise ValueError(f"{', '.join(foreign)}: Spark's settings begin with spark.")
        decided = sorted(set(conf) & set(_DECIDED))
        if decided:
            raise ValueError(f"{', '.join(decided)}: decides values and is set by the program")
        return conf

    @model_validator(mode="after")
    def _knows_clusters(self) -> Self:
        given = [name for name in _OF_CLUSTERS if name in self.model_fields_set]
        if given and self.name != "spark":
            raise ValueError(f"{', '.join(given)}: only engine spark knows it")
        return self
