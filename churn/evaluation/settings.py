"""What the evaluation assumes (``evaluation:`` in the settings file)."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from churn.frozen import Frozen


class ProfitSettings(Frozen):
    """What a contact costs and brings, for comparing models; a deployment's actions refine it.

    The defaults are the reference case of the profit literature (CLV 200, offer 10, contact 1).
    """

    value: float = Field(200, gt=0, description="value of a saved customer, in currency")
    offer_cost: float = Field(10, ge=0, description="cost of the offer when taken, in currency")
    contact_cost: float = Field(1, ge=0, description="cost of one contact, in currency")
    take_rate: float = Field(1, ge=0, le=1, description="share of stayers who take the offer")
    acceptance_alpha: float = Field(6, gt=0, description="alpha of the Beta of saved churners")
    acceptance_beta: float = Field(14, gt=0, description="beta of the Beta of saved churners")

    @property
    def acceptance(self) -> float:
        """Mean share of contacted churners who are saved."""
        return self.acceptance_alpha / (self.acceptance_alpha + self.acceptance_beta)

    @model_validator(mode="after")
    def _worth_it(self) -> Self:
        if self.offer_cost >= self.value:
            raise ValueError(
                f"an offer that costs {self.offer_cost} can never pay for a customer "
                f"worth {self.value}"
            )
        return self


class EvaluationSettings(Frozen):
    """How models are measured."""

    seed: int = Field(20240101, ge=0, description="seed of the bootstrap over customers")
    replicates: int = Field(200, ge=20, description="bootstrap replicates")
    list_size: int = Field(500, gt=0, description="length of one night's list")
    min_test_churners: int = Field(30, ge=1, description="test churners the gate needs")
    calibration_low: float = Field(0.8, gt=0, description="lowest observed/expected that passes")
    calibration_high: float = Field(1.25, gt=0, description="highest that passes")
    verdict_events: int = Field(
        400, ge=1, description="events from which calibration inside the list gets a verdict"
    )
    segments: tuple[str, ...] = Field(
        ("product", "customer_type", "region"),
        description="features, classes each, by whose values models are compared as well; those "
        "that are not there are passed over",
    )
    profit: ProfitSettings = Field(default_factory=ProfitSettings, description="worth of a contact")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.calibration_low >= self.calibration_high:
            raise ValueError(
                f"calibration_low {self.calibration_low} must lie below "
                f"calibration_high {self.calibration_high}"
            )
        return self
