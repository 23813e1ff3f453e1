"""What a fit may try under a clock: the search for capacity has what the network leaves."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from churn.learning import LearningSettings
from churn.learning.capacity import Pursuit
from churn.learning.encoding import Encoder
from churn.learning.network import train_network
from churn.panel import FOLDS
from churn.ready_made import ReadyMade
from pipelines.trials import Trials

PROBE = 100
"""Steps of the network by which its time is foretold."""
SHARE = 0.3
"""Share of what is left that the network may take."""
SPARE = 0.1
"""Share of the budget that is kept for what nobody foresaw."""
JUDGING = 2
"""Times what reading and auditing took that is kept for calibrating, judging and writing."""
WITHOUT = ("tree", "boosting")


@dataclass(frozen=True)
class Budget:
    """Seconds since a start.

    Parameters
    ----------
    clock
        Gives seconds; only what passes on it counts.
    """

    seconds: float
    started: float
    clock: Callable[[], float] = time.monotonic

    def left(self) -> float:
        """Return the seconds that are left."""
        return self.seconds - (self.clock() - self.started)

    def plan(
        self, made: ReadyMade, settings: LearningSettings, trials: Trials
    ) -> tuple[LearningSettings, Pursuit]:
        """Leave out what there is no time for, and hand the search the time that remains.

        The network's time is measured by some of its steps on these rows: its rebalancing is
        compared if there is time for all, it is fitted if there is time for one, else left out.
        """
        judging = JUDGING * (self.seconds - self.left())
        fits = len(made.walk.calibration) + len(made.walk.test) or FOLDS
        network = settings.network
        methods = network.rebalancing.methods
        one = self._seconds_per_fit(made, settings) if self.left() > 0 else np.inf
        for compared in range(len(methods), 0, -1):
            needed = one * (compared * fits + 1)
            if needed <= SHARE * self.left():
                less = network.rebalancing.model_copy(update={"methods": methods[:compared]})
                fitted = network.model_copy(update={"rebalancing": less})
                chosen = settings.model_copy(update={"network": fitted})
                break
        else:
            needed = 0.0
            chosen = settings.model_copy(update={"learners": WITHOUT})
        reserved = needed + judging + SPARE * self.seconds
        # a rebalanced fit is of the largest member alone, and most are on fewer rows
        variants = 1 + len(settings.boosting.rebalancing.methods[1:]) / 2
        return chosen, Pursuit(lambda: self.left() - reserved, trials, variants * fits + 1)

    def _seconds_per_fit(self, made: ReadyMade, settings: LearningSettings) -> float:
        names = [feature.name for feature in made.recipe.specs]
        matrix = Encoder.fit(made.frame, names, settings.min_level_share).transform(made.frame)
        probe = settings.network.model_copy(update={"steps": PROBE})
        begun = self.clock()
        train_network(
            matrix,
            (made.frame["outcome"] != "none").to_numpy(),
            np.ones(len(matrix)),
            probe,
            seed=settings.seed,
            threads=settings.threads,
        )
        times = settings.network.epochs(len(matrix)) / probe.epochs(len(matrix))
        return (self.clock() - begun) * times
