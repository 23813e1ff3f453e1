"""Asking origins about a head: the log-odds of every row by a fit that had not seen it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import pandas as pd

from churn.causes import HeadName
from churn.evaluation.ranking import BoolArray, FloatArray
from churn.learning.bench import ALL, Material, Question, Split
from churn.learning.boosting import members_of
from churn.learning.capacity import Pursuit, Searched, search
from churn.learning.choosing import Asked, choose_methods
from churn.learning.encoding import Matrix
from churn.learning.evidence import supported
from churn.learning.heads import OriginFacts
from churn.learning.learners import learners
from churn.learning.origins import Origin, Plan
from churn.learning.parts import TrainingPanel
from churn.learning.scorers import fitted
from churn.learning.settings import LearningSettings, Method, TreeSettings

FEWEST = 10
"""Churners without which a fit tells nothing of anyone: such an origin is not asked."""


class HeadAsked:
    """What origins have said of one head so far.

    Attributes
    ----------
    told
        Shape (n,): rows that an origin was asked about.
    unseen
        Shape (n,): those of customers of whom that origin had fitted no row.
    facts
        The origins that were asked.
    """

    def __init__(self, data: TrainingPanel, cause: HeadName, settings: LearningSettings) -> None:
        """Begin with nothing asked."""
        self.cause = cause
        self.told: BoolArray = np.zeros(len(data.frame), dtype=np.bool_)
        self.unseen: BoolArray = self.told.copy()
        self.facts: list[OriginFacts] = []
        self._data = data.of(cause)
        self._settings = settings
        self._customers = pd.factorize(data.frame["customer_id"])[0].astype(np.int64)
        self._methods: Mapping[str, tuple[Method, ...]] = {
            name: learner.rebalancing.methods for name, learner in learners(settings).items()
        }
        self._logits: dict[str, dict[Method, FloatArray]] = {name: {} for name in self._methods}
        self.searched = Searched({ALL: ()})
        self.trees: Mapping[str, TreeSettings] = {ALL: settings.tree}

    def search(self, plan: Plan, matrix: Matrix, pursuit: Pursuit | None) -> None:
        """Find the booster's capacity and the tree's bounds on the rows that may choose them.

        Parameters
        ----------
        matrix
            The features of the plan's rows :attr:`~churn.learning.origins.Plan.choosing`.
        """
        data = self._data
        names = (ALL, *(plan.names if plan.crossed else ()))
        pursuit = pursuit or Pursuit()
        untouched = self._material(plan, matrix, data.training_weight)
        plain = data.plain_weight
        self.trees = supported(
            untouched,
            self._settings,
            names,
            pursuit.over,
            plain=None if plain is None else plain[plan.choosing],
        )
        # the booster learns from all rows first, and is corrected by those no contact touched
        self.searched = search(
            untouched if plain is None else self._material(plan, matrix, plain),
            self._settings.boosting,
            names=names,
            seed=self._settings.seed,
            threads=self._settings.threads,
            pursuit=pursuit,
        )

    def _material(self, plan: Plan, matrix: Matrix, fitting: FloatArray) -> Material:
        data, rows = self._data, plan.choosing
        churned, place = data.churned(self.cause), np.cumsum(rows) - 1
        fits, counts = data.trainable & (fitting > 0), data.weight > 0
        few = self._settings.boosting.search.folds_below
        blind = plan.blind(self._customers, churned & counts, fits, few, self._settings.seed)
        splits = tuple(
            Split(
                place[fit.fitted & fits],
                tuple(Question(place[asked & counts], informs) for asked, informs in fit.asked),
            )
            for fit in blind
            if np.count_nonzero(fit.fitted & fits & churned) >= FEWEST
            and all((asked & counts & churned).any() for asked, _ in fit.asked)
        )
        return Material(
            matrix, churned[rows], fitting[rows], data.weight[rows], self._customers[rows], splits
        )

    def to_fit(
        self, origin: Origin, fits: BoolArray, known: Matrix, asked: Matrix
    ) -> list[Callable[[int], None]]:
        """Return the fits that an origin would have made, those that take the longest first.

        Each is told how many threads to take, and keeps what it says of the rows asked about.

        Parameters
        ----------
        fits
            Rows that the origin is fitted on.
        known, asked
            The features of those, and of the rows that it is asked about.
        """
        data = self._data
        on_record = data.known(self.cause)
        if not on_record[fits].all():
            known, fits = known[on_record[fits]], fits & on_record
        rows = data.fitting_rows(known, fits, self.cause)
        events = int(np.count_nonzero(rows.churned & (rows.weight > 0)))
        if events < FEWEST:
            return []
        self.told |= origin.asked & on_record
        seen = np.unique(self._customers[fits])
        self.unseen |= origin.asked & on_record & ~np.isin(self._customers, seen)
        counted = origin.asked & (data.weight > 0)
        self.facts.append(
            OriginFacts(
                origin=origin.name,
                serves=tuple(
                    part
                    for part, does in (("calibration", origin.calibrates), ("test", origin.tests))
                    if does
                ),
                fitted_rows=int(np.count_nonzero(rows.weight > 0)),
                fitted_churners=events,
                rows=int(np.count_nonzero(counted)),
                churners=int(np.count_nonzero(counted & data.churned(self.cause))),
            )
        )
        found = self.searched.members
        own = found.get(origin.name, found[ALL])
        settings = self._settings.with_tree(self.trees.get(origin.name, self.trees[ALL]))

        def fit(name: str, method: Method, threads: int) -> None:
            members = own if settings.laboratory else members_of(own, method)
            learner = learners(settings.model_copy(update={"threads": threads}), members)[name]
            model, repair = fitted(learner, method, rows, settings.seed)
            self._logits[name][method][origin.asked] = model.raw_logit(asked) + repair

        names = reversed([*self._methods])
        work = [(name, method) for name in names for method in self._methods[name]]
        for name, method in work:
            self._logits[name].setdefault(method, np.full(len(fits), np.nan))
        return [partial(fit, name, method) for name, method in work]

    def choose_methods(self, calibrating: BoolArray) -> None:
        """Ask all further origins under the method that is best on the rows told of so far."""
        if (calibrating & self.told).any():
            chosen = choose_methods(self.rows(calibrating), self._settings)
            self._methods = {name: (method,) for name, method in chosen.items()}

    def rows(self, where: BoolArray) -> Asked:
        """Return those of the rows that were told of, with their log-odds."""
        where = where & self.told
        return Asked(
            self._data.churned(self.cause)[where],
            self._data.weight[where],
            self._customers[where],
            {
                name: {method: logit[where] for method, logit in by_method.items()}
                for name, by_method in self._logits.items()
            },
        )
