"""How effects are measured, and how far they are believed (``targeting.effects:``)."""

from __future__ import annotations

from pydantic import Field

from churn.frozen import Frozen


class EffectSettings(Frozen):
    """Effects from randomised arms, shrunk towards those of ``targeting.actions``."""

    measured: bool = Field(
        default=True,
        description="use what randomised arms showed; false: the settings' effects alone",
    )
    by_subscriber: bool = Field(
        default=True,
        description="reckon with effects by subscriber where that earned more out of sample than "
        "one effect for all, by more than noise",
    )
    prior_spread: float = Field(
        0.15,
        gt=0,
        le=2,
        description="how far a true effect may lie from the settings' one: standard deviation of "
        "the logarithm of the relative risk. The less the arms showed, the more the prior counts",
    )
    least_arm: int = Field(
        20, ge=1, description="least subscribers in each arm before an effect is told at all"
    )
