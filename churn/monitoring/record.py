"""What a night's watch found, as it is kept."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from churn.causes import Cause
from churn.evaluation.intervals import Figure, Interval
from churn.frozen import Frozen
from churn.monitoring.alarm import Alarm, Strange, Watched
from churn.monitoring.base_rates import BaseRate
from churn.monitoring.data_age import DataAge
from churn.monitoring.drift import Drift
from churn.monitoring.fairness import Disparity
from churn.monitoring.nowcast import Nowcast
from churn.monitoring.promotion import Decision

RECORD = "monitor.json"
"""The file that it is kept in."""


class Forecast(Frozen):
    """An earlier nowcast of a night that is final by now."""

    told_on: date
    known: float
    ratio: Interval
    held: bool


class NightOfHead(Frozen):
    """One scored night of one head.

    Attributes
    ----------
    promised
        Events that the chances promise.
    chances_alone
        The average precision that the chances themselves promise, whatever happens: right only
        while they are.
    nowcast
        What the night's events are expected to be; None where it is final or nothing is known of
        how late its outcomes come.
    final
        Its events, where it is final.
    metrics
        Where it is final: treated rows weighted as in training.
    forecasts
        Where it is final: what earlier nights had expected.
    at_risk
        The weight of those who can leave; None in watches of an earlier program.
    """

    night: date
    trained_as_of: str
    promised: float
    chances_alone: Figure
    nowcast: Nowcast | None = None
    final: float | None = None
    metrics: dict[str, Interval] = Field(default_factory=dict)
    forecasts: tuple[Forecast, ...] = ()
    at_risk: float | None = None


class Head(Frozen):
    """One head over all nights watched.

    Attributes
    ----------
    groups
        The groups of the latest final night beside each other, column after column; none where
        the settings name none.
    """

    nights: tuple[NightOfHead, ...]
    segments: tuple[tuple[str, Strange], ...]
    groups: tuple[Disparity, ...] = ()


class ListProfit(Frozen):
    """What the lists handed over in a month promised, and what they earned.

    Attributes
    ----------
    month
        Its first day.
    lists
        How many nights had one.
    contacts
        Those to be contacted, as drawn.
    expected
        What the nights expected of them, in currency; undefined where a decision is not stored.
    mature_on
        The day through which outcomes must be known before all are final.
    compared, controls
        Once outcomes are final: contacts of actions that lot spares somebody of and a departure
        answers, and those spared; without administrative ends and actions no longer priced.
    expected_of_compared
        What the nights expected of those contacts.
    realised
        What those contacts earned, by the difference between the arms; None before outcomes are
        final, and where too few departures could be expected in an arm.
    basis
        A hash of all that it depends on: where it is the same, nothing is counted again.
    """

    month: date
    lists: int
    contacts: int
    expected: Figure
    mature_on: date
    basis: str
    mature: bool = False
    compared: int = 0
    controls: int = 0
    expected_of_compared: float = 0.0
    realised: Interval | None = None


class Record(Frozen):
    """A night's watch.

    Attributes
    ----------
    observed_through
        The last day of outcomes that the night knew.
    references
        Past snapshots that tell how late outcomes come.
    looks
        How often a year new outcomes come.
    passed_over
        Scored nights that are not watched, by reason.
    drift
        Inputs of the latest night that the model in place scored, against those that it learned
        from; after them its chances (``p_<head>``) and the first reasons of the riskiest
        (``reason_<head>``) against the first night that the model scored. None where there is no
        such night, or its panel is not stored.
    base_rates, data_ages
        How many leave, and how old tables are, beside what the panel of the model in place tells
        of both; empty where none is stored.
    model_age
        Days since the model in place was trained; None where there is none, or a later one.
    mapping_changed
        Whether extracts are read otherwise than when the model in place was trained.
    decisions
        What was decided about challengers, the latest first.
    lists
        Lists that were handed over before, by month, in the order of time.
    words
        What the inputs of ``drift`` are called, in English and Chinese.
    """

    as_of: date
    observed_through: date
    references: tuple[date, ...]
    looks: float
    heads: dict[Cause, Head]
    watched: tuple[Watched, ...]
    alarms: tuple[Alarm, ...]
    passed_over: dict[str, int]
    drift: tuple[Drift, ...] | None = None
    base_rates: tuple[BaseRate, ...] = ()
    data_ages: tuple[DataAge, ...] = ()
    model_age: int | None = None
    mapping_changed: bool = False
    decisions: tuple[Decision, ...] = ()
    lists: tuple[ListProfit, ...] = ()
    words: dict[str, tuple[str, str]] = Field(default_factory=dict)
