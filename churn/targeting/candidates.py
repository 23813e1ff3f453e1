"""Every contact that could be made: subscriber × action, what it earns and what it costs."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from churn.evaluation.profit import contact_profit
from churn.targeting.actions import Action, Need
from churn.targeting.settings import TargetingSettings
from churn.targeting.value import recovered, value_if_saved

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Candidates:
    """Profitable contacts, all arrays of shape (k,), amounts in whole cents.

    ``row`` and ``action`` index the subscribers and the catalogue, ``passive`` tells the cause
    answered, ``value`` is V (passive: V + A) in currency.
    """

    row: IntArray
    action: IntArray
    passive: BoolArray
    value: FloatArray
    profit: IntArray
    spend: IntArray

    def __len__(self) -> int:
        """Return how many contacts there are."""
        return len(self.row)

    def at(self, which: IntArray | BoolArray) -> Candidates:
        """Return the contacts at these positions, or where the mask holds."""
        return Candidates(*(getattr(self, field.name)[which] for field in fields(self)))


def candidates(
    people: pd.DataFrame, settings: TargetingSettings, as_of: date
) -> tuple[Candidates, pd.Series[str]]:
    """Return the contacts worth more than the least profit, and why others have none.

    Parameters
    ----------
    people
        Scores and context joined, one row per subscriber.

    Returns
    -------
    tuple
        The candidates, and per subscriber ``""`` or the reason nothing can be done for it:
        ``cool_down``, ``no_action`` (no head or no action applies), ``opted_out``,
        ``not_profitable``.
    """
    worth = value_if_saved(people["average_bill"].to_numpy(np.float64), settings.value)
    back = recovered(people["amount_overdue"].to_numpy(np.float64), settings.value)
    refused = {a.channel: _refused(people["opt_outs"], a.channel) for a in settings.actions}
    resting = _resting(people["last_contact_on"], settings.cool_down_days, as_of)
    applies = np.zeros(len(people), dtype=np.bool_)
    allowed = np.zeros(len(people), dtype=np.bool_)
    by_action: list[Candidates] = []
    for number, action in enumerate(settings.actions):
        chance, passive, value = _answered(action, people, worth, back)
        makes_sense = ~np.isnan(chance) & _needs_met(action, people)
        may_be_done = makes_sense & ~refused[action.channel]
        applies |= makes_sense
        allowed |= may_be_done
        rows = np.flatnonzero(may_be_done & ~resting)
        by_action.append(_of_action(action, number, rows, chance[rows], passive[rows], value[rows]))
    every = _joined(by_action)
    least = round(settings.least_profit * 100)
    paying = every.at(every.profit > least)
    pays = np.zeros(len(people), dtype=np.bool_)
    pays[paying.row] = True
    reason = np.select(
        [resting, ~applies, ~allowed, ~pays],
        ["cool_down", "no_action", "opted_out", "not_profitable"],
        "",
    )
    return paying, pd.Series(reason, index=people.index, dtype="str")


def _answered(
    action: Action, people: pd.DataFrame, worth: FloatArray, back: FloatArray
) -> tuple[FloatArray, BoolArray, FloatArray]:
    """Return the chance the action lowers, whether passive churn is the larger part, and V.

    An action against any cause saves from both: their chances add up, and arrears come back in
    the passive share of cases. A head that is off (NaN) is answered by nothing.
    """
    active = people["p_active"].to_numpy(np.float64)
    passive = people["p_passive"].to_numpy(np.float64)
    if action.answers == "active":
        return active, np.zeros(len(people), dtype=np.bool_), worth
    if action.answers == "passive":
        return passive, np.ones(len(people), dtype=np.bool_), worth + back
    off = np.isnan(active) & np.isnan(passive)
    first, second = np.nan_to_num(active, nan=0.0), np.nan_to_num(passive, nan=0.0)
    both = first + second
    share = np.divide(second, both, out=np.zeros_like(both), where=both > 0)
    return np.where(off, np.nan, both), second > first, worth + back * share


def _of_action(
    action: Action,
    number: int,
    rows: IntArray,
    chance: FloatArray,
    passive: BoolArray,
    value: FloatArray,
) -> Candidates:
    """Price one action for ``rows``: profit is expected benefit less expected spend."""
    profit = contact_profit(
        chance,
        gamma=action.effect,
        value=value,
        offer_cost=action.offer_cost,
        contact_cost=action.contact_cost,
        take_rate=action.take_rate,
    )
    takers = chance * action.effect + (1 - chance) * action.take_rate
    spend = action.contact_cost + takers * action.offer_cost
    return Candidates(
        row=rows.astype(np.int64),
        action=np.full(len(rows), number, dtype=np.int64),
        passive=passive,
        value=value,
        profit=np.rint(profit * 100).astype(np.int64),
        spend=np.rint(spend * 100).astype(np.int64),
    )


def _joined(parts: list[Candidates]) -> Candidates:
    names = [field.name for field in fields(Candidates)]
    return Candidates(*(np.concatenate([getattr(part, n) for part in parts]) for n in names))


def _needs_met(action: Action, people: pd.DataFrame) -> BoolArray:
    met: dict[Need, pd.Series[bool]] = {
        "key_account": people["key_classes"] > 0,
        "recent_fault": people["recent_fault"],
        "arrears": people["amount_overdue"].astype("float64") > 0,
    }
    all_met = np.ones(len(people), dtype=np.bool_)
    for need in action.needs:
        all_met &= _flags(met[need])
    return all_met


def _refused(opt_outs: pd.Series[str], channel: str) -> BoolArray:
    marked = ";" + opt_outs.astype("str").fillna("") + ";"
    return _flags(marked.str.contains(f";{channel};", regex=False))


def _resting(last: pd.Series[pd.Timestamp], days: int, as_of: date) -> BoolArray:
    """Tell who was contacted, or drawn as a control, within the cool-down."""
    since = pd.Timestamp(as_of - timedelta(days=days))
    return _flags(pd.to_datetime(last) >= since)


def _flags(rows: pd.Series[bool]) -> BoolArray:
    return np.asarray(rows, dtype=np.bool_)
