"""How far ahead commitments are watched, and what counts as silence (``early_warnings:``)."""

from __future__ import annotations

from pydantic import Field

from churn.frozen import Frozen


class EarlyWarningSettings(Frozen):
    """Which signs beside the models' chances are told."""

    months_ahead: int = Field(
        3, ge=1, le=12, description="months in which a commitment that ends is listed"
    )
    renewal_before: int = Field(
        90, gt=0, description="days before its end from which a new commitment counts as renewal"
    )
    renewal_after: int = Field(
        30, ge=0, description="days after its end until which a new commitment counts as renewal"
    )
    correction_days: int = Field(
        30,
        gt=0,
        description="an end that moves by fewer days is a correction of the same commitment",
    )
    silent_months: int = Field(
        1, ge=1, description="whole months without any use from which a line is listed as silent"
    )
    used_months: int = Field(
        3, ge=1, description="months in a row in which a line must have been used before it"
    )
    port_query_days: int = Field(
        30, gt=0, description="days for which a question about porting out is told"
    )
    downgrade_days: int = Field(
        90, gt=0, description="days for which a move to a cheaper plan is told"
    )
    downgrade_lift: float = Field(
        3.0,
        gt=1,
        description="times the mean chance of a downgrade from which one is told as foreseen, "
        "where a model tells it",
    )
