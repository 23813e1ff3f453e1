"""What every settings class and every record kept as JSON is made of."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A model that never changes once it is made, and refuses a key it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")
