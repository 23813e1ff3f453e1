"""Tonight's list: who is contacted with what, who is the control arm, and why the rest is not."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from churn.causes import HEADS
from churn.errors import SettingsError
from churn.language import Text
from churn.targeting.allocation import Allocation, Conflict, Contacts, allocate
from churn.targeting.candidates import Candidates, candidates
from churn.targeting.control import draws, in_control
from churn.targeting.effects.measuring import Effect, reckoned, surely
from churn.targeting.holdout import held_out
from churn.targeting.learning import (
    bought,
    control_shares,
    learned,
    lots,
    other_actions,
    planned_power,
    unsettled,
)
from churn.targeting.left_out import left_out, price_list
from churn.targeting.people import join
from churn.targeting.realised import answered_chance
from churn.targeting.settings import TargetingSettings
from churn.targeting.survival import MonthsToCome
from churn.targeting.tonight import NightLimits, night_limits
from churn.targeting.totals import message, totals

IntArray = npt.NDArray[np.int64]

TARGET_COLUMNS = (
    "rank",
    "subscriber_id",
    "customer_id",
    "cause",
    "action",
    "channel",
    "p_active",
    "p_passive",
    "value_if_saved",
    "expected_profit",
    "reason_1",
    "reason_2",
    "reason_3",
    "rule",
    "tree_disagrees",
    "tier",
    "region",
    "account_manager",
    "name",
    "phone",
)
MORE_CHANCES = ("p_downgrade",)
"""Columns that follow where they are told."""
CONTROL_COLUMNS = (*TARGET_COLUMNS[1:-2], "campaign_id", "control_share")
SELECTED_COLUMNS = (
    "subscriber_id",
    "customer_id",
    "campaign_id",
    "arm",
    "action",
    "channel",
    "control_share",
    "planned_action",
    "action_share",
    "other_actions",
    "cost",
)
_CHANCE_DIGITS = 6


@dataclass(frozen=True)
class TargetList:
    """What ``plan`` decided.

    Parameters
    ----------
    frame
        The contacts to make, best first, with ``TARGET_COLUMNS`` and what of ``MORE_CHANCES`` is
        told; name and phone are
        null until the export fills them.
    controls
        The selected who are left alone (``CONTROL_COLUMNS``), to be kept with the workspace and
        never handed over.
    totals
        Counts and sums that reconcile, see :func:`churn.targeting.totals.totals`.
    message
        One sentence on the list, also when it is empty.
    left_out
        Every scored subscriber that is not selected, with what it would have earned and what kept
        it out, see :func:`churn.targeting.left_out.left_out`.
    selected
        Everyone selected, as the record of the draw (``SELECTED_COLUMNS``, by subscriber): the arm,
        the share of controls it was drawn with (null where nobody may be withheld), the action that
        was best for it, the chance with which it was given the one it has, what else it might have
        been given, and what the contact is planned to cost, in currency.
    """

    frame: pd.DataFrame
    controls: pd.DataFrame
    campaign_id: str
    totals: dict[str, object]
    message: Text
    left_out: pd.DataFrame
    selected: pd.DataFrame

    def decisions(self) -> pd.DataFrame:
        """Return what was decided of every scored subscriber: ``subscriber_id, tonight, action``.

        ``tonight`` is ``contact``, ``leave_alone`` (controls, who is held out, and who was
        contacted or drawn not long ago: they are not told apart) or a key of
        :data:`~churn.targeting.NOT_SELECTED`;
        ``action`` is that of a contact, null for all others.
        """
        reasons = self.left_out["reason"].replace(["cool_down", "held_out"], "leave_alone")
        parts = [
            self.frame[["subscriber_id", "action"]].assign(tonight="contact"),
            self.controls[["subscriber_id"]].assign(action=None, tonight="leave_alone"),
            self.left_out[["subscriber_id"]].assign(action=None, tonight=reasons),
        ]
        columns = ["subscriber_id", "tonight", "action"]
        return pd.concat([part[columns].astype("str") for part in parts], ignore_index=True)


def plan(
    scores: pd.DataFrame,
    context: pd.DataFrame,
    settings: TargetingSettings,
    as_of: date,
    *,
    spent: float = 0.0,
    used: Mapping[str, Mapping[str, float]] | None = None,
    effects: Sequence[Effect] = (),
    lives: MonthsToCome | None = None,
) -> TargetList:
    """Choose whom to contact with what.

    Parameters
    ----------
    scores
        One row per scored subscriber: ``subscriber_id, p_active, p_passive`` (NaN where a head is
        off), ``p_downgrade`` where downgrades are told, and, if there are any, ``reason_1 …
        reason_3, rule, tree_disagrees``.
    context
        What :func:`churn.targeting.context.context` returns, for at least these subscribers, with
        ``may_<action>`` for each action that has a condition, and ``by_<limit>`` for each limit
        that is one per value of a column.
    spent
        What the month has cost before this night, in currency.
    used
        Per limit and cell what earlier contacts have used.
    effects
        What contacts changed, by action; without one an action's effect is that of the settings.
    lives
        How long subscribers stay, as history shows it; none: as the settings have it.

    Raises
    ------
    SettingsError
        If the limits contradict each other: a floor cannot be reached.
    ValueError
        If a subscriber is scored twice or has no context.
    """
    people = join(scores, context, settings.tiers, as_of)
    campaign = settings.campaign_id(as_of)
    budget = int(settings.budget.tonight(as_of, spent) * 100)
    learning = unsettled(settings.actions, effects)
    gamma = reckoned(effects, people)
    priced = candidates(
        people,
        settings,
        as_of,
        gamma,
        sure=surely(effects, gamma),
        unpaid=_teaching(settings, learning),
        months=lives.months(people, settings.value.discount_rate) if lives else None,
        held=held_out(people["customer_id"], as_of, settings.holdout_share),
    )
    offers, customer = _beside_each_other(priced.offers, people, campaign)
    night = night_limits(
        offers,
        people,
        settings.actions,
        settings.limits,
        budget=budget,
        most_contacts=settings.budget.max_contacts,
        capacity=settings.budget.channel_capacity,
        used=used or {},
    )
    least = round(settings.least_profit * 100)
    # what earns enough counts with what it earns; less only as far as a limit asks for it
    worth = np.where((least > 0) & (offers.profit > least), offers.profit, offers.profit - least)
    contacts = Contacts(customer, worth, night.limits)
    done = _allocated(contacts, night)
    drawn = _drawn(offers, contacts, done.chosen, people, settings, learning, budget, campaign)
    done = replace(done, chosen=np.sort(drawn["given"].to_numpy()))
    shares = control_shares(settings, learning)
    selected = _selected(offers, drawn, people, settings)
    selected["control_share"] = selected["action"].map(shares).astype("float64")
    alone = in_control(selected["customer_id"], campaign, selected["control_share"])
    listed = selected[~alone].reset_index(drop=True)
    controls = selected[alone].reset_index(drop=True).assign(campaign_id=campaign)
    record = _record(selected, alone, campaign)
    more = [name for name in MORE_CHANCES if name in people]
    reason = _why_not(priced.reason, people, offers.row[done.chosen])
    told = totals(reason, listed, controls, budget)
    told["learning"] = {
        **learned(selected, settings),
        "power": planned_power(
            _with_chances(selected, settings), effects, settings.actions, shares, learning
        ),
    }
    told["survival"] = json.loads(lives.model_dump_json()) if lives else None
    told["effects"] = [json.loads(effect.model_dump_json()) for effect in effects]
    told["prices"] = price_list(night, done, contacts)
    told["bound_gap"] = round(done.gap, 8)
    return TargetList(
        frame=listed.assign(rank=np.arange(1, len(listed) + 1))[[*TARGET_COLUMNS, *more]],
        controls=controls[[*CONTROL_COLUMNS, *more]],
        campaign_id=campaign,
        totals=told,
        message=message(
            len(listed), len(controls), len(people), int((reason == "cool_down").sum())
        ),
        selected=record,
        left_out=left_out(people, reason, priced, offers, night, done, settings.actions),
    )


def _beside_each_other(
    offers: Candidates, people: pd.DataFrame, campaign: str
) -> tuple[Candidates, IntArray]:
    """Sort the offers so that a customer's lie together; ties go by portable hash.

    Returns the sorted offers and each one's place among the customers.
    """
    holder = people["customer_id"].to_numpy()[offers.row]
    codes, customers = pd.factorize(holder, sort=True)
    place = np.empty(len(customers), dtype=np.int64)
    place[np.argsort(draws(customers, f"ties|{campaign}"), kind="stable")] = np.arange(
        len(customers)
    )
    order = np.lexsort((offers.action, offers.row, -offers.profit, place[codes]))
    return offers.at(order), place[codes][order]


def _teaching(settings: TargetingSettings, learning: Collection[str]) -> frozenset[str]:
    """Return the actions whose contacts teach even where they do not pay."""
    if settings.learning.other_action_share:
        return frozenset(a.name for a in settings.actions if a.withheld_by_control)
    return frozenset(learning) if settings.learning.budget_share else frozenset()


def _drawn(
    offers: Candidates,
    contacts: Contacts,
    chosen: IntArray,
    people: pd.DataFrame,
    settings: TargetingSettings,
    learning: Collection[str],
    budget: int,
    campaign: str,
) -> pd.DataFrame:
    """Return the offers chosen and given, a row per selected customer.

    ``planned`` and ``given`` are places among the offers, ``chance`` that of being given it,
    ``bought`` whether it was selected to learn although it does not pay.
    """
    withheld = np.array([action.withheld_by_control for action in settings.actions])
    by_lot = withheld[offers.action]
    extra = np.empty(0, dtype=np.int64)
    if settings.learning.budget_share:
        teaches = np.array([action.name in learning for action in settings.actions])
        least = round(settings.least_profit * 100)
        open_to = teaches[offers.action] & (offers.profit <= least)
        money = settings.learning.budget_share * budget
        extra = bought(contacts, chosen, offers.profit, open_to, money)
    planned = np.sort(np.concatenate([chosen, extra]))
    customers = people["customer_id"].to_numpy()[offers.row[planned]]
    share = settings.learning.other_action_share
    given, chance, might = other_actions(
        contacts, planned, offers.row, by_lot, share, lots(customers, campaign)
    )
    names = [action.name for action in settings.actions]
    return pd.DataFrame(
        {
            "planned": planned,
            "given": given,
            "chance": chance,
            "others": [";".join(names[offers.action[at]] for at in each) for each in might],
            "bought": np.isin(planned, extra),
        }
    )


def _allocated(contacts: Contacts, night: NightLimits) -> Allocation:
    """Choose, or say in words of the settings which limits contradict each other."""
    try:
        return allocate(contacts)
    except Conflict as conflict:
        place = [limit.name for limit in night.limits].index(conflict.floor)
        cell = night.cells[place][conflict.cell]
        asked = f"limit {conflict.floor}{f' ({cell})' if cell else ''}"
        against = [name for name in conflict.against if name != conflict.floor]
        why = (
            f"{' and '.join(against)} leave" if len(against) > 1 else f"{', '.join(against)} leaves"
        )
        reason = (
            f"{why} room for {conflict.reached:,}"
            if against
            else f"{conflict.reached:,} customers may have one tonight"
        )
        raise SettingsError(
            f"{asked} asks for at least {conflict.asked:,} contacts, but {reason}",
            where=" and ".join(f"targeting.limits: {name}" for name in (conflict.floor, *against)),
            do="ask for fewer, or raise what stands against it",
        ) from conflict


def _selected(
    offers: Candidates, drawn: pd.DataFrame, people: pd.DataFrame, settings: TargetingSettings
) -> pd.DataFrame:
    """Return the contacts given, best first; of equals in the order of the offers."""
    drawn = drawn.sort_values("given", kind="stable")
    profit = offers.profit[drawn["given"].to_numpy()]
    drawn = drawn.iloc[np.argsort(-profit, kind="stable")]
    picked, planned = (offers.at(drawn[name].to_numpy()) for name in ("given", "planned"))
    actions = [settings.actions[number] for number in picked.action]
    rows = people.iloc[picked.row].reset_index(drop=True)
    return rows.assign(
        cause=pd.Series(np.array(HEADS, dtype=object)[picked.head], dtype="str"),
        action=pd.Series([action.name for action in actions], dtype="str"),
        channel=pd.Series([action.channel for action in actions], dtype="str"),
        withheld_by_control=pd.Series([a.withheld_by_control for a in actions], dtype="bool"),
        p_active=rows["p_active"].astype("float64").round(_CHANCE_DIGITS),
        p_passive=rows["p_passive"].astype("float64").round(_CHANCE_DIGITS),
        **{
            name: rows[name].astype("float64").round(_CHANCE_DIGITS)
            for name in MORE_CHANCES
            if name in rows
        },
        value_if_saved=np.round(picked.value, 2),
        expected_profit=picked.profit / 100,
        profit_cents=picked.profit,
        spend_cents=picked.spend,
        planned_action=[settings.actions[number].name for number in planned.action],
        planned_cents=planned.profit,
        action_share=drawn["chance"].to_numpy(),
        other_actions=drawn["others"].to_numpy(dtype=object),
        bought=drawn["bought"].to_numpy(),
        name=None,
        phone=None,
    )


def _with_chances(selected: pd.DataFrame, settings: TargetingSettings) -> pd.DataFrame:
    """Add ``chance``: that of the cause which the action answers."""
    return selected.assign(chance=answered_chance(selected, settings.actions))


def _record(selected: pd.DataFrame, alone: np.ndarray, campaign: str) -> pd.DataFrame:
    """Return who was selected and drawn into which arm, by subscriber."""
    share = selected["control_share"].where(selected["withheld_by_control"])
    drawn = selected.assign(
        campaign_id=campaign,
        arm=np.where(alone, "control", "treated"),
        control_share=share,
        cost=np.where(alone, 0, selected["spend_cents"]) / 100,
    )
    return drawn[list(SELECTED_COLUMNS)].sort_values("subscriber_id", ignore_index=True)


def _why_not(reason: pd.Series[str], people: pd.DataFrame, rows: IntArray) -> pd.Series[str]:
    """Complete the reasons: the selected have none, other profitable lines lost out."""
    customers = people["customer_id"]
    is_selected = np.zeros(len(people), dtype=np.bool_)
    is_selected[rows] = True
    other_line = customers.isin(customers[is_selected]) & ~is_selected
    open_ = reason == ""
    return (
        reason.mask(open_ & other_line, "other_line")
        .mask(open_ & ~other_line & ~is_selected, "beyond_limits")
        .mask(is_selected, "")
    )
