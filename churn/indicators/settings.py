"""Over how many months indicators are told, and below what size they are not (``indicators:``)."""

from __future__ import annotations

from pydantic import Field

from churn.frozen import Frozen


class IndicatorSettings(Frozen):
    """What the indicators look back on."""

    months: int = Field(12, ge=1, le=36, description="whole months that are told")
    least: int = Field(
        30,
        ge=1,
        description="contacts in each arm below which what they kept is not told, else those are "
        "praised whose customers would have stayed anyway; and controls, or leavers, below which "
        "hit rate, lift and coverage are not",
    )
