"""What contacts changed by cause, channel, time and kind of customer.

Parts are for understanding, and decide nothing: of twenty intervals one misses the truth by luck
alone, and whoever looks for the best part finds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, get_args

import numpy as np
import pandas as pd

from churn.causes import CAUSES
from churn.evaluation.intervals import Interval
from churn.frozen import Frozen
from churn.targeting.actions import Action
from churn.targeting.effects.measuring import counts_of, estimates, randomised
from churn.targeting.effects.outcomes import answered, met

By = Literal["cause", "channel", "time", "segment"]
PARTS: tuple[By, ...] = get_args(By)
SEGMENTS = ("customer_type", "key_account", "has_mobile")
"""What segments are told by: known before the draw."""


class Part(Frozen):
    """What an action, or all actions of a channel, changed in one part.

    Attributes
    ----------
    action
        None where several actions are told together.
    column, value
        What makes the part: ``cause``, ``channel``, ``quarter`` or one of :data:`SEGMENTS`.
    """

    action: str | None
    column: str
    value: str
    treated: int
    control: int
    difference: Interval
    gamma: Interval


def parts(
    rows: pd.DataFrame, actions: Sequence[Action], by: By, least_arm: int
) -> tuple[Part, ...]:
    """Return the parts with at least so many subscribers in either arm.

    Parameters
    ----------
    rows
        Of :func:`churn.targeting.effects.arms.assignments`.
    """
    by_action = {
        action: randomised(of_action)[0]
        for action in actions
        if len(of_action := rows[rows["action"] == action.name])
    }
    found = []
    for action, column, value, part, left in _split(by_action, by):
        arms = counts_of(part, left)
        treated, control = int(arms.treated.sum()), int(arms.control.sum())
        if min(treated, control) < least_arm:
            continue
        difference, gamma = estimates(arms)
        found.append(
            Part(
                action=action,
                column=column,
                value=value,
                treated=treated,
                control=control,
                difference=difference,
                gamma=gamma,
            )
        )
    return tuple(found)


_Split = tuple[str | None, str, str, pd.DataFrame, np.ndarray]


def _split(by_action: dict[Action, pd.DataFrame], by: By) -> Iterator[_Split]:
    if by == "channel":
        yield from _channels(by_action)
        return
    for action, rows in by_action.items():
        left = answered(rows, action)
        if by == "cause":
            for cause in dict.fromkeys((*CAUSES, *action.heads)):
                yield action.name, "cause", cause, rows, met(rows, cause)
        elif by == "time":
            quarter = pd.PeriodIndex(pd.to_datetime(rows["drawn_from"]), freq="Q").astype(str)
            yield from _values(action.name, "quarter", quarter.to_numpy(), rows, left)
        else:
            for column in SEGMENTS:
                known = rows[column].notna().to_numpy()
                values = rows[column].astype("str").to_numpy()
                yield from _values(action.name, column, values[known], rows[known], left[known])


def _channels(by_action: dict[Action, pd.DataFrame]) -> Iterator[_Split]:
    for channel in sorted({action.channel for action in by_action}):
        of_it = {a: rows for a, rows in by_action.items() if a.channel == channel}
        left = [answered(rows, action) for action, rows in of_it.items()]
        yield None, "channel", channel, pd.concat(list(of_it.values())), np.concatenate(left)


def _values(
    action: str, column: str, values: np.ndarray, rows: pd.DataFrame, left: np.ndarray
) -> Iterator[_Split]:
    for value in sorted(set(values)):
        here = values == value
        yield action, column, str(value), rows[here], left[here]
