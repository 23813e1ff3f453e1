"""How effects are measured, how far they are believed, and what is paid to know them."""

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
    certainty: float = Field(
        0.84,
        ge=0.5,
        lt=1,
        description="how likely it must be, where randomised arms stand behind an action's effect, "
        "that a contact pays for itself; without arms the settings' effect is all there is, and "
        "stands",
    )
    least_arm: int = Field(
        20, ge=1, description="least subscribers in each arm before an effect is told at all"
    )


class LearningSettings(Frozen):
    """What a night gives up to know effects sooner (``targeting.learning``); nothing as shipped.

    An action is settled once its effect is proven, or shown to be below what is assumed.
    """

    control_share: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="share of the selected that is left alone until their action is settled, "
        "where it is above targeting.control_share; none: that share from the first night. Half is "
        "soonest",
    )
    other_action_share: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="share of the selected that is given another action that may be made to them, "
        "by lot; actions that are never withheld are neither given so nor given up",
    )
    budget_share: float = Field(
        0.0,
        ge=0,
        le=1,
        description="share of the night's money that may go, as far as the list leaves it, to "
        "contacts that do not pay, with actions that are not settled; the least loss first",
    )
