"""Which code means which state, and how long a state may last before the number is removed."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator

from churn.frozen import Frozen
from churn.states.vocabulary import STATES, StateName

SHIPPED_CODES: dict[str, StateName] = {
    code: state.name for state in STATES.values() for code in (*state.codes, state.name)
}


class StateSettings(Frozen):
    """The operator's service states (``states:`` in the settings file).

    Examples
    --------
    >>> StateSettings(codes={"A1": "in_service"}).codes["A1"]
    'in_service'
    >>> StateSettings().codes["双停"]
    'suspended'
    """

    codes: dict[str, StateName] = Field(
        default_factory=dict,
        validate_default=True,
        description="the operator's code -> state; given ones are added to the shipped ones and "
        "win over them",
    )
    initial_state: StateName | None = Field(
        None,
        description="state in which every subscriber begins on its activation, where status events "
        "tell of changes alone; without it a subscriber without an event is in no state",
        exclude_if=lambda value: value is None,
    )
    removal_after_suspension: int = Field(
        60, gt=0, description="days of suspension after which the operator may remove"
    )
    removal_after_hold: int = Field(
        8, gt=0, description="months on hold after which the operator may remove"
    )
    lock_months: int = Field(
        6,
        gt=0,
        description="months a removed number stays locked: service within them is the same "
        "holder's, later it was issued anew",
    )
    link_days: int = Field(
        7,
        ge=0,
        description="days between the end of a moved or migrated line and the one activation of "
        "the same customer that is taken to continue it, where no successor is on record",
    )

    @field_validator("codes", mode="before")
    @classmethod
    def _with_shipped(cls, given: Any) -> Any:
        """Add the shipped codes, and say in domain words which state does not exist."""
        if not isinstance(given, dict):
            return given
        strange = sorted({str(state) for state in given.values() if state not in STATES})
        if strange:
            raise ValueError(
                f"there is no state {', '.join(strange)}; the states are {', '.join(STATES)}"
            )
        return {**SHIPPED_CODES, **{str(code): state for code, state in given.items()}}
