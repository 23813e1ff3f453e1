"""What a backtest found, as its page and its JSON file hold it: each night, and all pooled."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from churn.evaluation.groups import Group
from churn.evaluation.intervals import Figure, Interval
from churn.frozen import Frozen
from churn.language import Text

_NAN = float("nan")


class LearnedFrom(Frozen):
    """What a night's models were fitted on.

    Attributes
    ----------
    as_of
        The night of the training: an earlier one where not every night trains.
    first, last, snapshots
        The oldest and the latest snapshot of the panel, and how many there are.
    order
        How the parts were split: see :class:`churn.panel.calendar.Calendar`.
    passed
        Heads that passed the gate.
    treated
        Panel rows that campaigns had touched; without any, weighting changes nothing.
    """

    as_of: date
    first: date
    last: date
    snapshots: int
    order: str
    passed: tuple[str, ...]
    rows: int
    treated: int


class HeadFigures(Frozen):
    """One head on one night, or on all of them pooled.

    Attributes
    ----------
    off
        Why the head was off; None where it was on.
    champion
        The learner that scored; on pooled nights that of the latest.
    events, rows, base_rate
        Churners and rows that weigh something, and the weighted share of churners.
    metrics
        By learner, ``champion`` for whichever scored, then metric.
    list_size
        Length of the list in ``*_in_list``.
    """

    off: Text | None = None
    champion: str | None = None
    events: int = 0
    rows: int = 0
    base_rate: Figure = _NAN
    metrics: dict[str, dict[str, Interval]] = Field(default_factory=dict)
    list_size: int = 0


class ListFigures(Frozen):
    """The list that the night would have planned, and what it would have earned.

    Attributes
    ----------
    refused
        Why there would have been none; None where there was one, be it empty.
    model_of
        The night whose models were in place.
    listed, controls
        Contacts, and the selected that were left alone.
    gone, churned, administrative
        Of all selected: left before the window opened; left for the cause answered; without an
        outcome that counts.
    judged
        Selected whose outcome nobody's contact had touched (weight above 0).
    expected, realised
        Profit of contacting all selected, control arm included, in currency: as planned, and in
        expectation given what happened.
    observed_expected
        Departures answered per departure expected among the selected.
    """

    refused: Text | None = None
    model_of: date | None = None
    listed: int = 0
    controls: int = 0
    gone: int = 0
    churned: int = 0
    administrative: int = 0
    judged: int = 0
    expected: Figure = _NAN
    realised: Interval = Interval(value=_NAN, lower=_NAN, upper=_NAN)
    observed_expected: Interval = Interval(value=_NAN, lower=_NAN, upper=_NAN)


class Stability(Frozen):
    """One head's scores against the night before.

    Attributes
    ----------
    population
        The population stability index.
    ranks
        Spearman's correlation of the scores of those eligible on both nights.
    kept
        Of the night before's riskiest that are still eligible, the share that still is among them.
    """

    population: Figure
    ranks: Figure
    kept: Figure


class NightFigures(Frozen):
    """One replayed night.

    Attributes
    ----------
    eligible, administrative
        Who was scored, and how many of them have no outcome that counts.
    treated, controls
        Of the scored, whom campaigns touched before their outcome was decided, and whom they left
        alone on purpose.
    """

    night: date
    learned: LearnedFrom
    eligible: int
    administrative: int
    treated: int
    controls: int
    heads: dict[str, HeadFigures]
    planned: ListFigures
    stability: dict[str, Stability] = Field(default_factory=dict)


class PooledHead(Frozen):
    """One head over all nights.

    Attributes
    ----------
    unseen
        The champion's figures on customers that no training had seen.
    groups
        Weighted training (first) and a copy trained with all weights 1 (second) against the
        outcome without contact; empty where no campaign ran or no copy was trained.
    """

    figures: HeadFigures
    unseen: HeadFigures | None = None
    groups: tuple[Group, ...] = ()


class BacktestResult(Frozen):
    """The whole backtest.

    Attributes
    ----------
    as_of
        The day up to which outcomes are known.
    not_judged
        Nights that were looked at and left out, with the reason.
    every
        Models were trained on every so many nights.
    window
        Whether training took all history or the latest snapshots only.
    unseen_share
        Share of customers kept out of every training; 0: the unseen are newcomers.
    copies
        Whether copies with all weights 1 were trained.
    """

    version: Literal[1] = 1
    as_of: date
    nights: tuple[NightFigures, ...]
    pooled: dict[str, PooledHead]
    pooled_list: ListFigures
    not_judged: dict[date, Text]
    every: int
    window: Literal["expanding", "rolling"]
    unseen_share: float
    copies: bool
    availability_assumed: tuple[str, ...] = ()
