"""How history is cut into training, calibration and test (``panel:`` in the settings file)."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from churn.frozen import Frozen
from churn.tables import TABLES

ControlGroup = Literal["per_campaign", "universal"]


class PanelSettings(Frozen):
    """Which snapshots the panel holds and how they are split.

    Snapshots lie a month apart, on the day of the month of the as-of date, so that they see data
    as old as nights do.
    """

    test: int = Field(3, ge=1, description="latest snapshots, on which models are judged")
    calibration: int = Field(3, ge=1, description="snapshots before those, for calibration")
    train: int | None = Field(
        None,
        ge=1,
        description="snapshots before those, for training: a rolling window of so many; if not "
        "set, the window expands: all there are",
    )
    history_tables: tuple[str, ...] = Field(
        ("bills", "calls", "usage_monthly", "arrears"),
        description="tables that, where delivered, must reach back over the whole lookback",
    )
    calibration_share: float = Field(
        0.2, gt=0, lt=1, description="share of customers that calibrate where time cannot split"
    )
    test_share: float = Field(
        0.3, gt=0, lt=1, description="share of customers that test where time cannot split"
    )
    unseen_share: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="share of customers from whose rows no model is fitted (they still calibrate "
        "and choose among models), so that the test also tells how models do on customers they "
        "never saw; 0: only newcomers tell",
    )
    keep_negatives: float = Field(
        1.0,
        gt=0,
        le=1,
        description="share of training rows without an outcome that is kept; weights make up for "
        "the rest, so the base rate stays",
    )

    control_group: ControlGroup = Field(
        "per_campaign",
        description="per_campaign: each campaign draws its control arm anew; universal: the same "
        "customers are the control of every campaign",
    )

    @field_validator("history_tables")
    @classmethod
    def _exist(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        strange = sorted(set(names) - set(TABLES))
        if strange:
            raise ValueError(
                f"there is no table {', '.join(strange)}; there are {', '.join(TABLES)}"
            )
        return names

    @model_validator(mode="after")
    def _leave_customers_to_train(self) -> Self:
        if self.calibration_share + self.test_share >= 1:
            raise ValueError("calibration_share and test_share leave no customers to train on")
        return self
