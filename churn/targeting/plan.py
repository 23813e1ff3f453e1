"""Tonight's list: who is contacted with what, who is the control arm, and why the rest is not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from churn.language import Text
from churn.targeting.allocate import Contacts, Limits, allocate
from churn.targeting.candidates import Candidates, candidates
from churn.targeting.control import draws, in_control
from churn.targeting.people import join
from churn.targeting.settings import TargetingSettings
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
CONTROL_COLUMNS = (*TARGET_COLUMNS[1:-2], "campaign_id", "control_share")
_CHANCE_DIGITS = 6


@dataclass(frozen=True)
class TargetList:
    """What ``plan`` decided.

    Parameters
    ----------
    frame
        The contacts to make, best first, with exactly ``TARGET_COLUMNS``; name and phone are
        null until the export fills them.
    controls
        The selected who are left alone (``CONTROL_COLUMNS``), to be kept with the workspace and
        never handed over.
    totals
        Counts and sums that reconcile, see :func:`churn.targeting.totals.totals`.
    message
        One sentence on the list, also when it is empty.
    """

    frame: pd.DataFrame
    controls: pd.DataFrame
    campaign_id: str
    totals: dict[str, object]
    message: Text


def plan(
    scores: pd.DataFrame,
    context: pd.DataFrame,
    settings: TargetingSettings,
    as_of: date,
    *,
    spent: float = 0.0,
) -> TargetList:
    """Choose whom to contact with what.

    Parameters
    ----------
    scores
        One row per scored subscriber: ``subscriber_id, p_active, p_passive`` (NaN where a head is
        off) and, if there are any, ``reason_1 … reason_3, rule, tree_disagrees``.
    context
        What :func:`churn.targeting.context.context` returns, for at least these subscribers.
    spent
        What the month has cost before this night, in currency.

    Raises
    ------
    ValueError
        If a subscriber is scored twice or has no context.
    """
    people = join(scores, context, settings.tiers, as_of)
    campaign = settings.campaign_id(as_of)
    budget = int(settings.budget.tonight(as_of, spent) * 100)
    offers, reason = candidates(people, settings, as_of)
    offers, customer = _beside_each_other(offers, people, campaign)
    chosen = allocate(*_choice(offers, customer, settings, budget))
    selected = _selected(offers, chosen, people, settings)
    alone = in_control(selected["customer_id"], campaign, settings.control_share)
    alone &= selected["withheld_by_control"].to_numpy(np.bool_)
    listed = selected[~alone].reset_index(drop=True)
    controls = selected[alone].reset_index(drop=True)
    controls = controls.assign(campaign_id=campaign, control_share=settings.control_share)
    reason = _why_not(reason, people, offers.row[chosen])
    return TargetList(
        frame=listed.assign(rank=np.arange(1, len(listed) + 1))[list(TARGET_COLUMNS)],
        controls=controls[list(CONTROL_COLUMNS)],
        campaign_id=campaign,
        totals=totals(reason, listed, controls, budget),
        message=message(len(listed), len(controls), len(people)),
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


def _choice(
    offers: Candidates, customer: IntArray, settings: TargetingSettings, budget: int
) -> tuple[Contacts, Limits]:
    """Return the offers and the night's limits as the allocation reads them, channels numbered."""
    channels = sorted({action.channel for action in settings.actions})
    codes = np.array([channels.index(a.channel) for a in settings.actions], dtype=np.int64)
    capacity = settings.budget.channel_capacity
    contacts = Contacts(
        customer=customer,
        channel=codes[offers.action],
        worth=offers.profit - round(settings.least_profit * 100),
        spend=offers.spend,
    )
    return contacts, Limits(
        budget=budget,
        contacts=settings.budget.max_contacts,
        capacity={code: capacity[c] for code, c in enumerate(channels) if c in capacity},
    )


def _selected(
    offers: Candidates, chosen: IntArray, people: pd.DataFrame, settings: TargetingSettings
) -> pd.DataFrame:
    """Return the chosen contacts, best first; of equals in the order of the offers."""
    best_first = chosen[np.argsort(-offers.profit[chosen], kind="stable")]
    picked = offers.at(best_first)
    actions = [settings.actions[number] for number in picked.action]
    rows = people.iloc[picked.row].reset_index(drop=True)
    return rows.assign(
        cause=pd.Series(np.where(picked.passive, "passive", "active"), dtype="str"),
        action=pd.Series([action.name for action in actions], dtype="str"),
        channel=pd.Series([action.channel for action in actions], dtype="str"),
        withheld_by_control=pd.Series([a.withheld_by_control for a in actions], dtype="bool"),
        p_active=rows["p_active"].astype("float64").round(_CHANCE_DIGITS),
        p_passive=rows["p_passive"].astype("float64").round(_CHANCE_DIGITS),
        value_if_saved=np.round(picked.value, 2),
        expected_profit=picked.profit / 100,
        profit_cents=picked.profit,
        spend_cents=picked.spend,
        name=None,
        phone=None,
    )


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
