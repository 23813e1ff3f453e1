"""What contacts turned out to be worth, once it is known who left.

Nobody can see whom a contact would have saved. So the benefit stays an expectation, taken where it
was due: a subscriber who left untouched, for the cause the action answers, would have been saved
with the action's effect. All others cost what a stayer costs and bring nothing: those who stayed,
those who left for the other cause, and those who had left before the window opened, whom the night
could not know and paid for too.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from churn.causes import CAUSES, HEADS
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
