"""The definitions of churn by name, and the setting that chooses one."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, field_validator

from churn.labels.default import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from churn.labels.definition import LabelDefinition

DEFINITIONS: Mapping[str, LabelDefinition] = MappingProxyType({DEFAULT.name: DEFAULT})


class LabelSettings(BaseModel):
    """Which definition of churn applies (``labels:`` in the settings file)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    definition: str = Field(DEFAULT.name, description="the named definition of churn")

    @field_validator("definition")
    @classmethod
    def _exists(cls, name: str) -> str:
        if name not in DEFINITIONS:
            msg = f"there is no definition {name}; there are {', '.join(DEFINITIONS)}"
            raise ValueError(msg)
        return name

    @property
    def chosen(self) -> LabelDefinition:
        """The definition that the name stands for."""
        return DEFINITIONS[self.definition]
