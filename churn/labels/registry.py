"""The definitions of churn by name, and the settings that choose one and fill in its parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from churn.frozen import Frozen
from churn.labels.contract_lapse import ContractLapseSettings, contract_lapse
from churn.labels.default import DEFAULT, DefaultSettings, default
from churn.labels.definition import LabelDefinition
from churn.labels.five_states import FiveStatesSettings, five_states
from churn.labels.household import HouseholdSettings, household
from churn.labels.inactivity import InactivitySettings, inactivity
from churn.labels.key_account import KeyAccountSettings, key_account
from churn.labels.re_entry import with_re_entries

DEFINITIONS: Mapping[str, Callable[[Any], LabelDefinition]] = MappingProxyType(
    {
        "default": default,
        "five_states": five_states,
        "inactivity": inactivity,
        "contract_lapse": contract_lapse,
        "household": household,
        "key_account": key_account,
    }
)
"""Name -> the definition, given the section of the settings that has its name."""


class LabelSettings(Frozen):
    """Which definition of churn applies, and its parameters (``labels:`` in the settings file)."""

    definition: str = Field(DEFAULT.name, description="the named definition of churn")
    win_back_outcome: bool = Field(
        default=False,
        description="whether a departure undone within the win-back period is an outcome of its "
        "own (won_back), not an administrative one; both are excluded and counted",
    )
    re_entry: bool = Field(
        default=False,
        description="whether the departure of a line whose holder is recognised under another "
        "number, by whom both are in touch with, is an outcome of its own (re_entered), excluded "
        "and counted, and no churn; needs `features.traffic_basis`",
        exclude_if=lambda value: not value,
    )
    default: DefaultSettings = DefaultSettings()
    five_states: FiveStatesSettings = FiveStatesSettings()
    inactivity: InactivitySettings = InactivitySettings()
    contract_lapse: ContractLapseSettings = ContractLapseSettings()
    household: HouseholdSettings = HouseholdSettings()
    key_account: KeyAccountSettings = KeyAccountSettings()

    @field_validator("definition")
    @classmethod
    def _exists(cls, name: str) -> str:
        if name not in DEFINITIONS:
            raise ValueError(f"there is no definition {name}; there are {', '.join(DEFINITIONS)}")
        return name

    @model_validator(mode="after")
    def _no_re_entry_for_good(self) -> Self:
        if self.re_entry and DEFINITIONS[self.definition](getattr(self, self.definition)).for_good:
            raise ValueError(
                f"{self.definition} counts a departure whatever follows: no re-entry undoes it; "
                "switch labels.re_entry off, or choose another definition"
            )
        return self

    def named(self, name: str) -> LabelDefinition:
        """Return a definition by its name, with the parameters set here."""
        built = DEFINITIONS[name](getattr(self, name))
        built = replace(built, win_back_outcome=self.win_back_outcome)
        return with_re_entries(built) if self.re_entry and not built.for_good else built

    @property
    def chosen(self) -> LabelDefinition:
        """The definition that the name stands for, with its parameters."""
        return self.named(self.definition)
