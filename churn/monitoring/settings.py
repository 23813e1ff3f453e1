"""How nights are watched once they were scored (``monitoring:`` in the settings file)."""

from __future__ import annotations

from pydantic import Field, field_validator

from churn.frozen import Frozen
from churn.tables import TABLES


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
        description="whether a night trains a challenger where the model in place is old; it takes "
        "its place only through the gate, on every head that the model has",
    )
    challenge_on_alarm: bool = Field(
        default=False,
        description="whether a night trains a challenger where the night before told an alarm that "
        "the model in place has not been trained since",
    )

    @field_validator("segments")
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
            raise ValueError(
                f"{', '.join(strange)} tells no segment; there are {', '.join(classes)}"
            )
        return names
