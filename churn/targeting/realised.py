"""What contacts turned out to be worth, once it is known who left.

Nobody can see whom a contact would have saved. Of a list that nobody was contacted by, the benefit
stays an expectation, taken where it was due: a subscriber who left untouched, for the cause the
action answers, would have been saved with the action's effect. All others cost what a stayer costs
and bring nothing: those who stayed, those who left for the other cause, and those who had left
before the window opened, whom the night could not know and paid for too.

Of a list that was handed over with controls it is measured: by how much less was lost of the
contacted than of those who were left alone by lot, with no effect assumed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from churn.causes import CAUSES, HEADS
from churn.evaluation.intervals import Interval, Resampling, percentiles
from churn.evaluation.profit import contact_profit
from churn.evaluation.ranking import BoolArray, FloatArray
from churn.targeting.actions import Action


def answered(selected: pd.DataFrame, actions: Sequence[Action]) -> BoolArray:
    """Tell who left for a cause that the planned action answers: shape (n,).

    Parameters
    ----------
    selected
        ``action`` and ``outcome`` of each selected subscriber.
    """
    left = selected["outcome"].isin(CAUSES)
    return np.asarray(left & _met(selected, actions, selected["outcome"]))


def realised_profit(selected: pd.DataFrame, actions: Sequence[Action]) -> FloatArray:
    """Return what each contact earns in expectation, given the outcome without it: shape (n,).

    Currency per contact: effect x (V - d) - f where the action answers the departure, else
    -(take rate x d) - f.

    Parameters
    ----------
    selected
        ``action``, ``value_if_saved`` and ``outcome`` (active, passive, gone or none) of each.
    """
    by_name = {action.name: action for action in actions}
    chosen = [by_name[name] for name in selected["action"]]
    return contact_profit(
        answered(selected, actions).astype(np.float64),
        gamma=[action.effect for action in chosen],
        value=selected["value_if_saved"].to_numpy(np.float64),
        offer_cost=[action.offer_cost for action in chosen],
        contact_cost=[action.contact_cost for action in chosen],
        take_rate=[action.take_rate for action in chosen],
    )


def profit_by_arms(
    drawn: pd.DataFrame, actions: Sequence[Action], *, replicates: int, seed: int
) -> Interval:
    """Return what the contacts of a list earned, by the difference between its arms.

    Whoever was saved brings V - d; whoever would have stayed anyway takes the offer at the take
    rate; each contact costs f, whether it reached anybody or not. The controls tell what becomes of
    the contacted without contact, each weighing ``(1 - share) / share``, so that draws with several
    shares may stand beside each other. Customers are resampled, both arms together.

    Parameters
    ----------
    drawn
        ``customer_id, arm`` (treated, control), ``control_share`` (above 0 and below 1),
        ``action, value_if_saved`` and ``left``: whether it left, whatever the cause. Each arm has a
        row at least.

    Returns
    -------
    Interval
        Currency, of all treated rows together.
    """
    by_name = {action.name: action for action in actions}
    chosen = [by_name[name] for name in drawn["action"]]
    offer, contact, take = (
        np.array([getattr(action, name) for action in chosen], dtype=np.float64)
        for name in ("offer_cost", "contact_cost", "take_rate")
    )
    left = drawn["left"].to_numpy(np.float64)
    lost = left * (drawn["value_if_saved"].to_numpy(np.float64) - offer)
    treated = (drawn["arm"] == "treated").to_numpy(np.float64)
    share = drawn["control_share"].to_numpy(np.float64)
    stands_for = (1 - treated) * (1 - share) / share
    columns = np.stack(
        [
            treated,
            treated * (-lost - contact),
            stands_for,
            stands_for * (lost - (1 - left) * take * offer),
        ]
    )
    drawing = Resampling.over(drawn["customer_id"], replicates=replicates, seed=seed)
    contacts = float(treated.sum())
    told = [contacts * _per_contact(columns @ counts[drawing.codes]) for counts in drawing.draws()]
    return percentiles(contacts * _per_contact(columns.sum(axis=1)), np.array(told))


def _per_contact(sums: FloatArray) -> float:
    """Return what a contact earned; NaN where a resample holds one arm alone."""
    treated, paid, alone, spared = sums
    return float(paid / treated + spared / alone) if treated > 0 and alone > 0 else float("nan")


def answered_chance(selected: pd.DataFrame, actions: Sequence[Action]) -> FloatArray:
    """Return the chance of a departure that the planned action answers: shape (n,).

    Parameters
    ----------
    selected
        ``action`` and per cause ``p_<cause>`` (NaN where its head is off) of each.
    """
    told = [head for head in HEADS if f"p_{head}" in selected]
    met = [selected[f"p_{head}"].where(_met(selected, actions, head)).fillna(0.0) for head in told]
    together: FloatArray = sum(met).to_numpy(np.float64)
    return together


def _met(
    selected: pd.DataFrame, actions: Sequence[Action], cause: str | pd.Series[str]
) -> pd.Series[bool]:
    """Tell whose planned action answers the cause, its own or that of all."""
    answers = selected["action"].map({action.name: action.answers for action in actions})
    named = pd.Series(cause, selected.index)
    return ((answers == "any") & named.isin(CAUSES)) | (answers == named)
