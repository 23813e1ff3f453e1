"""How much a fit tries, and under a clock: the most that there is time left for."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

from churn.learning import LearningSettings, Trained


class Effort(NamedTuple):
    """How much is tried.

    Attributes
    ----------
    methods
        Whether all rebalancing methods are compared, or the first is taken.
    rounds
        Share of the booster's rounds and of the network's steps.
    times
        How long it may take, in multiples of :data:`LEAST`.
    """

    name: str
    methods: bool
    rounds: float
    times: float

    def settings(self, full: LearningSettings) -> LearningSettings:
        """Cut the settings down to this effort."""
        rounds = max(1, round(full.boosting.rounds * self.rounds))
        boosting = full.boosting.model_copy(update={"rounds": rounds})
        steps = max(1, round(full.network.steps * self.rounds))
        network = full.network.model_copy(update={"steps": steps})
        changes: dict[str, Any] = {}
        for name, learner in (("tree", full.tree), ("boosting", boosting), ("network", network)):
            methods = learner.rebalancing.methods[: None if self.methods else 1]
            less = learner.rebalancing.model_copy(update={"methods": methods})
            changes[name] = learner.model_copy(update={"rebalancing": less})
        return full.model_copy(update=changes)


LEAST = Effort("quick", methods=False, rounds=0.2, times=1)
PLAIN = Effort("plain", methods=False, rounds=1, times=4)
FULL = Effort("full", methods=True, rounds=1, times=10)


def within(
    budget: float | None, attempt: Callable[[Effort], Trained], *, started: float
) -> tuple[Trained, Effort]:
    """Do everything; with a budget first the least, then what there is time left for.

    Parameters
    ----------
    budget
        Seconds since ``started``; the least is done even if it takes longer. Only a result
        without a budget is reproducible.
    """
    if budget is None:
        return attempt(FULL), FULL
    before = time.monotonic()
    trained = attempt(LEAST)
    now = time.monotonic()
    for effort in (FULL, PLAIN):
        if (now - before) * effort.times <= budget - (now - started):
            return attempt(effort), effort
    return trained, LEAST
