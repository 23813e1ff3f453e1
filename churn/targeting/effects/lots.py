"""One action instead of another, by the lots that a night drew among those it might have given.

By inverse propensity, and only over draws whose chances are on record: a row stands for as many as
its chance is below 1. Compared are those who were planned one action and might have been given the
other: who could not is in neither part (Hajek, in Godambe and Sprott, *Foundations of Statistical
Inference*, 1971, for means whose weights are their own total).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import numpy as np
import pandas as pd

from churn.evaluation.intervals import Z95, Interval
from churn.frozen import Frozen
from churn.targeting.actions import Action
from churn.targeting.effects.arms import ID
from churn.targeting.effects.outcomes import answered


class Instead(Frozen):
    """What giving one action instead of the planned one changed, by lot.

    Attributes
    ----------
    planned, given
        Names of the actions.
    kept, changed
        Treated subscribers who had the planned one, and the other.
    difference
        Shares that left for a cause that either answers, the other less the planned one, with its
        95 % interval.
    """

    planned: str
    given: str
    kept: int
    changed: int
    difference: Interval


def instead(
    rows: pd.DataFrame, lots: pd.DataFrame, actions: Sequence[Action], least_arm: int
) -> tuple[Instead, ...]:
    """Compare each pair of actions that a lot decided between.

    Parameters
    ----------
    rows
        Of :func:`churn.targeting.effects.arms.assignments`.
    lots
        Chances on record: ``subscriber_id, campaign_id, action, planned_action, action_share,
        other_actions`` (joined by ";").
    least_arm
        Subscribers in either part below which nothing is told.
    """
    keys = [ID, "campaign_id", "action"]
    treated = rows[rows["treated"] == 1]
    drawn = treated.merge(lots.dropna(subset=["action_share"]), on=keys, how="inner")
    if drawn.empty:
        return ()
    found = []
    for first, other in permutations(actions, 2):
        others = ";" + drawn["other_actions"].fillna("") + ";"
        might = others.str.contains(f";{other.name};", regex=False)
        pair = drawn[
            (drawn["planned_action"] == first.name)
            & might
            & drawn["action"].isin([first.name, other.name])
        ]
        changed = (pair["action"] == other.name).to_numpy()
        if min(changed.sum(), (~changed).sum()) < least_arm:
            continue
        left = np.maximum(answered(pair, first), answered(pair, other)).astype(np.float64)
        weight = 1 / pair["action_share"].to_numpy(np.float64)
        who, _ = pd.factorize(pair[ID], sort=True)
        found.append(
            Instead(
                planned=first.name,
                given=other.name,
                kept=int((~changed).sum()),
                changed=int(changed.sum()),
                difference=_difference(left, changed, weight, who),
            )
        )
    return tuple(found)


def _difference(
    left: np.ndarray, changed: np.ndarray, weight: np.ndarray, who: np.ndarray
) -> Interval:
    value, influence = 0.0, np.zeros(len(left))
    for part, sign in ((changed, 1.0), (~changed, -1.0)):
        share = np.where(part, weight, 0.0) / weight[part].sum()
        mean = float(share @ left)
        value += sign * mean
        influence += sign * share * (left - mean)
    by_subscriber = np.bincount(who, influence)
    far = Z95 * float(np.sqrt(by_subscriber @ by_subscriber))
    return Interval(value=value, lower=value - far, upper=value + far)
