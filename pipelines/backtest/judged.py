"""A replayed night beside what happened since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from churn.causes import NO_CHURN_NO_STAY
from pipelines.backtest.replay import Replay


@dataclass(frozen=True)
class Judged:
    """A replayed night beside what happened.

    Parameters
    ----------
    rows
        :meth:`Replay.scores` with ``outcome`` and ``weight``, administrative ends left out.
    everyone
        The same, administrative ends included.
    """

    replay: Replay
    everyone: pd.DataFrame
    selected: pd.DataFrame | None

    @property
    def night(self) -> date:
        """The night."""
        return self.replay.night

    @property
    def rows(self) -> pd.DataFrame:
        """Those whose outcome counts."""
        at_risk = ~self.everyone["outcome"].isin(NO_CHURN_NO_STAY)
        return self.everyone[at_risk.to_numpy()]
