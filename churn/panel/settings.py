"""What of the history calibrates and tests (``panel:`` in the settings file)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from churn.frozen import Frozen
from churn.tables import TABLES

ControlGroup = Literal["per_campaign", "universal"]


class PanelSettings(Frozen):
    """Which snapshots the panel holds and what they serve for; all of them teach.

    Snapshots lie a month apart, on the day of the month of the as-of date, so that they see data
    as old as nights do.
    """

    test: int = Field(3, ge=1, description="latest snapshots on which models are judged, at most")
    test_churners: int = Field(
        200,
        ge=1,
        description="churners of each head that are enough to judge by: no more snapshots are used "
        "for it than hold them",
    )
    calibration: int = Field(
        3, ge=1, description="snapshots before those, for calibration and choice, at most"
    )
    train: int | None = Field(
        None,
        ge=1,
        description="a rolling window: models learn from so many of the latest snapshots that "
        "were closed by then; if not set, from all there are",
    )
    history_tables: tuple[str, ...] = Field(
        ("bills", "calls", "usage_monthly", "arrears"),
        description="tables that, where delivered, must reach back over the whole lookback",
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
        description="share of rows without an outcome that is kept, of all but the latest "
        "snapshots; weights make up for the rest, so the base rate stays",
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
