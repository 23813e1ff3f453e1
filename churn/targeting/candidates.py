"""Every contact that could be made: subscriber × action, what it earns and what it costs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from churn.causes import HEADS
from churn.evaluation.profit import contact_profit
from churn.targeting.actions import Action, Need
from churn.targeting.rules import barred
from churn.targeting.settings import TargetingSettings, ValueSettings
from churn.targeting.value import margin_shares, recovered, value_if_saved

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
_ACTIVE, _PASSIVE, _DOWNGRADE = map(HEADS.index, ("active", "passive", "downgrade"))


@dataclass(frozen=True)
class Candidates:
    """Profitable contacts, all arrays of shape (k,), amounts in whole cents.

    ``row`` and ``action`` index the subscribers and the catalogue, ``head`` what is answered among
    :data:`churn.causes.HEADS`, ``value`` is V (passive: V + A; a downgrade: its share of V) in
    currency.
    """

    row: IntArray
    action: IntArray
    head: IntArray
    value: FloatArray
    profit: IntArray
    spend: IntArray

    def __len__(self) -> int:
        """Return how many contacts there are."""
        return len(self.row)

    def at(self, which: IntArray | BoolArray) -> Candidates:
        """Return the contacts at these positions, or where the mask holds."""
        return Candidates(*(getattr(self, field.name)[which] for field in fields(self)))


@dataclass(frozen=True)
class Priced:
    """Every contact priced, and what became of each subscriber.

    Parameters
    ----------
    offers
        The contacts to choose from: those that may be made and earn more than the least profit,
        surely enough, or that a limit or learning asks for; never one whose effect is below 0.
    reason
        Per subscriber ``""`` or why nothing can be done for it: ``applied_to_port``,
        ``cool_down``, ``no_action`` (no head or no action applies), ``opted_out``, ``rule``,
        ``held_out`` (of the programme, and nothing else pays),
        ``harmed`` (an action that may be done raises its risk, and no other pays),
        ``unsure`` (what pays does not do so surely enough),
        ``not_profitable``.
    best_action, best_profit
        Per subscriber the most profitable action that makes sense, allowed or not (-1: none), and
        what it would earn, in cents.
    """

    offers: Candidates
    reason: pd.Series[str]
    best_action: IntArray
    best_profit: IntArray


def candidates(
    people: pd.DataFrame,
    settings: TargetingSettings,
    as_of: date,
    effects: Mapping[str, FloatArray] | None = None,
    *,
    sure: Mapping[str, FloatArray] | None = None,
    unpaid: Collection[str] = (),
    months: FloatArray | None = None,
    held: BoolArray | None = None,
) -> Priced:
    """Price every action for everyone it makes sense for.

    Parameters
    ----------
    people
        Scores and context joined, one row per subscriber; ``may_<action>`` for each action that
        has a condition.
    effects
        Per action the relative fall of the chance under it, shape (n,) or (); settings' if absent.
    sure
        Per measured action what its effect exceeds with the certainty asked for: a contact must
        pay for itself by that, too.
    unpaid
        Actions whose contacts are offers even where they do not pay: they teach.
    months
        That each is expected to stay, at today's worth, shape (n,); none: those of the settings.
    held
        Whom the programme leaves alone, shape (n,): only what is never withheld reaches them.
    """
    size = len(people)
    bill, margin = people["average_bill"], margin_shares(people["product"], settings.value)
    worth = value_if_saved(bill.to_numpy(np.float64), settings.value, months, margin)
    back = recovered(people["amount_overdue"].to_numpy(np.float64), settings.value)
    refused = {a.channel: _refused(people["opt_outs"], a.channel) for a in settings.actions}
    applied = _flags(people["applied_to_port"])
    resting = _resting(people["last_contact_on"], settings.cool_down_days, as_of)
    asked = [limit for limit in settings.limits if limit.at_least]
    least = round(settings.least_profit * 100)
    applies, reachable, allowed, harmed, pays, spared, unsure = np.zeros((7, size), dtype=np.bool_)
    out = np.zeros(size, dtype=np.bool_) if held is None else held
    best_action = np.full(size, -1, dtype=np.int64)
    best_profit = np.full(size, np.iinfo(np.int64).min, dtype=np.int64)
    by_action: list[Candidates] = []
    for number, action in enumerate(settings.actions):
        chance, head, value = _answered(action, people, worth, back, settings.value)
        makes_sense = ~np.isnan(chance) & _needs_met(action, people)
        if action.when is not None:
            makes_sense &= people[may(action)].to_numpy(np.bool_)
        open_channel = makes_sense & ~refused[action.channel]
        may_be_done = open_channel & ~barred(
            action, people, settings.rules, settings.offers_per_year, as_of
        )
        applies |= makes_sense
        reachable |= open_channel
        allowed |= may_be_done
        if action.withheld_by_control:
            spared |= may_be_done & out
            may_be_done &= ~out
        gamma = np.broadcast_to((effects or {}).get(action.name, action.effect), size)
        # no floor, and no learning, is worth waking somebody
        harmed |= may_be_done & (gamma < 0)
        may_be_done &= gamma >= 0
        rows = np.flatnonzero(makes_sense)
        priced = _of_action(
            action, number, rows, gamma[rows], chance[rows], head[rows], value[rows]
        )
        better = priced.profit > best_profit[rows]
        best_action[rows[better]] = number
        best_profit[rows[better]] = priced.profit[better]
        paying = priced.profit > least
        wanted = action.name in unpaid or any(limit.draws(action) for limit in asked)
        if sure is not None and action.name in sure and not wanted:
            careful = np.broadcast_to(sure[action.name], size)[rows]
            carefully = _of_action(
                action, number, rows, careful, chance[rows], head[rows], value[rows]
            )
            doubtful = paying & (carefully.profit <= min(least, 0))
            unsure[rows[doubtful & may_be_done[rows]]] = True
            paying &= ~doubtful
        pays[rows[paying & may_be_done[rows]]] = True
        by_action.append(priced.at((may_be_done & ~resting & ~applied)[rows] & (paying | wanted)))
    reason = np.select(
        [
            applied,
            resting,
            ~applies,
            ~reachable,
            ~allowed,
            spared & ~pays,
            harmed & ~pays,
            unsure & ~pays,
            ~pays,
        ],
        [
            "applied_to_port",
            "cool_down",
            "no_action",
            "opted_out",
            "rule",
            "held_out",
            "harmed",
            "unsure",
            "not_profitable",
        ],
        "",
    )
    return Priced(
        _joined(by_action),
        pd.Series(reason, index=people.index, dtype="str"),
        best_action,
        np.where(best_action < 0, 0, best_profit),
    )


def may(action: Action) -> str:
    """Return the column that tells whether an action's condition holds."""
    return f"may_{action.name}"


def _answered(
    action: Action,
    people: pd.DataFrame,
    worth: FloatArray,
    back: FloatArray,
    settings: ValueSettings,
) -> tuple[FloatArray, IntArray, FloatArray]:
    """Return the chance the action lowers, what it answers (the larger part), and V.

    An action against any cause saves from both: their chances add up, and arrears come back in
    the passive share of cases. A head that is off (NaN), or of which nothing is told, is answered
    by nothing.
    """
    size = len(people)
    if action.answers == "downgrade":
        down = people.get("p_downgrade", pd.Series(np.nan, people.index)).to_numpy(np.float64)
        return down, np.full(size, _DOWNGRADE), worth * settings.downgrade_share
    active = people["p_active"].to_numpy(np.float64)
    passive = people["p_passive"].to_numpy(np.float64)
    if action.answers == "active":
        return active, np.full(size, _ACTIVE), worth
    if action.answers == "passive":
        return passive, np.full(size, _PASSIVE), worth + back
    off = np.isnan(active) & np.isnan(passive)
    first, second = np.nan_to_num(active, nan=0.0), np.nan_to_num(passive, nan=0.0)
    both = first + second
    share = np.divide(second, both, out=np.zeros_like(both), where=both > 0)
    head = np.where(second > first, _PASSIVE, _ACTIVE)
    return np.where(off, np.nan, both), head, worth + back * share


def _of_action(
    action: Action,
    number: int,
    rows: IntArray,
    gamma: FloatArray,
    chance: FloatArray,
    head: IntArray,
    value: FloatArray,
) -> Candidates:
    """Price one action for ``rows``: profit is expected benefit less expected spend."""
    profit = contact_profit(
        chance,
        gamma=gamma,
        value=value,
        offer_cost=action.offer_cost,
        contact_cost=action.contact_cost,
        take_rate=action.take_rate,
    )
    takers = chance * np.maximum(gamma, 0.0) + (1 - chance) * action.take_rate
    spend = action.contact_cost + takers * action.offer_cost
    return Candidates(
        row=rows.astype(np.int64),
        action=np.full(len(rows), number, dtype=np.int64),
        head=head,
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
