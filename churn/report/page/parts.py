"""What the page is made of; every part but the data may be missing on a bad night."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from churn.learning import Bundle
from churn.targeting import TargetingSettings, TargetList


@dataclass(frozen=True)
class Tonight:
    """The night's list.

    Parameters
    ----------
    frame
        ``done.frame`` as it is handed out: own ids, masked names and phones; and ``remainder``,
        what the reasons do not tell of the score, in log-odds.
    """

    done: TargetList
    frame: pd.DataFrame
    settings: TargetingSettings


@dataclass(frozen=True)
class Models:
    """The models and what training found about them.

    Parameters
    ----------
    test_scores
        :attr:`churn.learning.Trained.test_scores` of the same training, if they are still there.
    in_place
        Whether they score; False for models that did not pass the gate.
    audit
        What the leak audit of their training found, already worded.
    """

    bundle: Bundle
    test_scores: pd.DataFrame | None = None
    in_place: bool = True
    audit: Sequence[str] = ()


@dataclass(frozen=True)
class TableState:
    """What was known of one canonical table on the night.

    Parameters
    ----------
    observed_through
        The last day whose facts its deliveries hold.
    assumed
        Whether the availability of any of its rows is assumed.
    rules
        Records set aside by code of the rule that they broke.
    """

    name: str
    deliveries: int
    delivered: int
    accepted: int
    quarantined: int
    not_selected: int
    observed_through: date | None
    assumed: bool = False
    rules: Mapping[str, int] = field(default_factory=dict)

    def age(self, night: date) -> int | None:
        """Return the days before the night that its deliveries do not cover."""
        if self.observed_through is None:
            return None
        return max(0, (night - self.observed_through).days - 1)


@dataclass(frozen=True)
class Data:
    """The tables as known on the night, and who of the subscribers is eligible.

    Parameters
    ----------
    people
        Subscribers by reason for being left out, ``eligible`` among the reasons.
    """

    tables: tuple[TableState, ...]
    people: Mapping[str, int]
