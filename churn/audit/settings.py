"""Which findings are accepted, by name and with a reason (``audit:`` in the settings file)."""

from __future__ import annotations

from pydantic import Field, field_validator

from churn.audit.codes import CODES
from churn.frozen import Frozen


class Acceptance(Frozen):
    """One finding that somebody has looked at and answers for."""

    code: str = Field(description="the finding's code, such as LEAK302")
    column: str = Field(
        min_length=1, description="what the finding names: a column, `a / b`, `a - b`, a table"
    )
    reason: str = Field(min_length=10, description="why it is no leak, for who reads the report")

    @field_validator("code")
    @classmethod
    def _exists(cls, code: str) -> str:
        if code not in CODES:
            raise ValueError(f"there is no finding {code}; there are {', '.join(CODES)}")
        return code


class AuditSettings(Frozen):
    """What the leak audit may pass over."""

    accept: tuple[Acceptance, ...] = Field(
        (), description="findings that do not block the gate, each by name and with a reason"
    )
