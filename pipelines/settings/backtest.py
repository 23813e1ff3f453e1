"""How past nights are replayed (``backtest:`` in the settings file)."""

from __future__ import annotations

from pydantic import Field

from churn.frozen import Frozen
from churn.learning.settings import LearnerName


class BacktestSettings(Frozen):
    """Which nights a backtest replays, and what it trains for them."""

    nights: int = Field(12, ge=1, description="nights replayed, a month apart, the latest known")
    every: int = Field(1, ge=1, description="train on every so many nights; 1: on each")
    learners: tuple[LearnerName, ...] | None = Field(
        None,
        description="learners fitted in the replay; those of `learning` if not set. Leaving out "
        "network and combination saves most of the time",
    )
    unweighted: bool = Field(
        default=True,
        description="where campaigns ran, also train a copy with all weights 1, to show what "
        "weighting changes",
    )
    groups: int = Field(10, ge=2, le=50, description="groups of risk in that comparison")
