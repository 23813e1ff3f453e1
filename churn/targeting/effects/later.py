"""What contacts changed some months on: whether churn was avoided or put off, and what remained.

An offer may hold a customer for the outcome window and lose it after, or go to those who would
have stayed. So the arms are compared again so many days after the draw, and in money: the margin
of each assigned customer, less what its contacts and offers cost. These figures decide nothing;
their intervals are those of a single look.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from churn.causes import CAUSES
from churn.evaluation.intervals import Interval
from churn.frozen import Frozen
from churn.targeting.actions import Action
from churn.targeting.effects.arms import DRAW
from churn.targeting.effects.means import mean_difference
from churn.targeting.effects.measuring import counts, estimates, randomised

HORIZONS = (90, 180)
"""Days after the draw."""


class Later(Frozen):
    """What one action had changed so many days after the draw.

    Attributes
    ----------
    difference, gamma
        As :class:`~churn.targeting.effects.measuring.Effect` has them, within these days.
    margin
        Treated less control, in currency per assigned customer, net of contacts and offers; NaN
        where bills are not observed that far.
    """

    action: str
    days: int
    treated: int
    control: int
    difference: Interval
    gamma: Interval
    margin: Interval


def later(rows: pd.DataFrame, actions: Sequence[Action], least_arm: int) -> tuple[Later, ...]:
    """Return what each action had changed at each of :data:`HORIZONS`, as far as it is observed.

    Parameters
    ----------
    rows
        Draws with :data:`~churn.targeting.effects.arms.EARLIER` and, per number of days, the
        columns of :func:`~churn.targeting.effects.arms.followed` (null: not observed that far).
    least_arm
        Subscribers in either arm below which nothing is told.
    """
    found = []
    for action in actions:
        of_action = rows[rows["action"] == action.name]
        if of_action.empty or of_action["treated"].min() == 1:
            continue
        if not action.meets_churn:
            continue  # what is told months on is who has left
        whole, _ = randomised(of_action)
        for days in HORIZONS:
            part = whole[whole[f"left_active_{days}"].notna()]
            part = part.assign(
                **{f"left_{cause}": part[f"left_{cause}_{days}"] for cause in CAUSES}
            )
            arms = counts(part, action)
            treated, control = int(arms.treated.sum()), int(arms.control.sum())
            if min(treated, control) < least_arm:
                continue
            difference, gamma = estimates(arms)
            found.append(
                Later(
                    action=action.name,
                    days=days,
                    treated=treated,
                    control=control,
                    difference=difference,
                    gamma=gamma,
                    margin=_margin(part, days),
                )
            )
    return tuple(found)


def _margin(rows: pd.DataFrame, days: int) -> Interval:
    billed = rows[rows[f"margin_{days}"].notna()]
    draw = billed.groupby(list(DRAW), sort=True).ngroup()
    return mean_difference(
        billed[f"margin_{days}"], billed["treated"], draw, billed["average_bill"]
    )
