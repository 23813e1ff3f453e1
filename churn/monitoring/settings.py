"""How nights are watched once they were scored (``monitoring:`` in the settings file)."""

from __future__ import annotations

from pydantic import Field, field_validator

from churn.frozen import Frozen
from churn.tables import TABLES


class PromotionSettings(Frozen):
    """When a challenger takes the champion's place: see :func:`churn.monitoring.promotion.rule_of`.

    A challenger that is shown to be worse never does.
    """

    least_churners: int = Field(
        100,
        ge=10,
        description="churners of a head on nights that neither model had learned, from which those "
        "nights tell which of the two is better",
    )
    least_same_reasons: float = Field(
        0.2,
        ge=0,
        le=1,
        description="share of the champion's list that must keep its first reason; a better "
        "challenger that changes more scores beside the champion until a person promotes it",
    )
    tolerance: float = Field(
        0.01,
        ge=0,
        le=0.2,
        description="what a challenger of an old champion (`model_age`) may lose at most (upper "
        "95 % bound), as a share of the champion's log loss, to take its place without being "
        "shown to be better",
    )


class MonitoringSettings(Frozen):
    """What observed churn is held against, and how often it may cry wolf."""

    references: int = Field(
        6,
        ge=2,
        description="past snapshots, a month apart and final by now, that tell how late outcomes "
        "usually become known",
    )
    memory: int = Field(180, ge=30, description="days of outcomes in which a change is looked for")
    alarms_per_year: float = Field(
        1.0,
        gt=0,
        description="false alarms a year, over all heads and groups together, that are put up with",
    )
    spread: float = Field(
        0.03,
        ge=0,
        le=1,
        description="how far observed/expected moves from month to month beyond the chance of "
        "single departures while nothing has changed: standard deviation of the ratio",
    )
    least_expected: float = Field(
        10, ge=1, description="departures expected by now before observed/expected is judged"
    )
    segments: tuple[str, ...] = Field(
        ("product", "customer_type", "region"),
        description="columns of subscribers by whose values what moved is told; those that are not "
        "delivered are passed over",
    )

    model_age: int = Field(
        180, ge=1, description="days after its training from which the model in place is told old"
    )
    challenge_old: bool = Field(
        default=False,
        description="whether a night trains a challenger where the model in place is old; whether "
        "it takes its place is for `promotion` to say",
    )
    challenge_on_alarm: bool = Field(
        default=False,
        description="whether a night trains a challenger where the night before told an alarm that "
        "the model in place has not been trained since",
    )

    fairness: tuple[str, ...] = Field(
        (),
        description="columns of subscribers by whose values it is told whether groups are selected "
        "and missed alike; see also `learning.never_used`",
    )
    promotion: PromotionSettings = Field(
        default_factory=PromotionSettings,
        description="when a challenger takes the champion's place",
    )

    @field_validator("segments", "fairness")
    @classmethod
    def _classes(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        table = TABLES["subscribers"]
        classes = [
            column.name
            for column in table.columns
            if column.type == "string" and not column.identifier
        ]
        strange = sorted(set(names) - set(classes))
        if strange:
            raise ValueError(f"{', '.join(strange)} tells no group; there are {', '.join(classes)}")
        return names
