"""The bench of a search for capacities: splits that any capacity is grown in, and its log loss.

A trial is one capacity, grown in all splits side by side; after every few trees the log-odds of
the rows asked about are pooled and calibrated, and their log loss says when the trial has learned
what it can.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from churn.draws import generator
from churn.evaluation.ranking import BoolArray, FloatArray, IntArray
from churn.late import Late
from churn.learning import catboost_trees
from churn.learning.archive import from_npz, to_npz
from churn.learning.boosting import dataset, parameters, quiet, read
from churn.learning.calibration import Calibrator
from churn.learning.encoding import Matrix
from churn.learning.settings import BoostingSettings, Capacity, SearchSettings

lgb = Late("lightgbm")

STEP = 25
"""Trees between two looks at the log loss."""
PATIENCE = 3
"""Looks without gain after which a trial has learned what it can."""
ALONE = 4
"""The same for a split's own rows, where it is grown without a look at the others."""
WIDTH = 0.01
"""Log-odds no further apart than this count as one where a loss is looked at."""
ALL = ""
"""The choice that rests on every split."""


@dataclass(frozen=True)
class Question:
    """Rows that a split is asked about, and whose choice its answers inform.

    Attributes
    ----------
    rows
        Positions in the rows of the search.
    informs
        Names of choices beside :data:`ALL`.
    """

    rows: IntArray
    informs: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Split:
    """A fit that has not seen the rows it is asked about."""

    fitted: IntArray
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Material:
    """The rows of a search: shape (n,) each, and their splits.

    Attributes
    ----------
    fitting, weight
        What a row counts for in fitting and in the log loss.
    customers
        The customer of each row, by number.
    """

    matrix: Matrix
    churned: BoolArray
    fitting: FloatArray
    weight: FloatArray
    customers: IntArray
    splits: tuple[Split, ...]

    @property
    def fingerprint(self) -> str:
        """Tell these rows and splits from any others."""
        digest = hashlib.sha256()
        arrays = (self.matrix, self.churned, self.fitting, self.weight, self.customers)
        asked = [question.rows for split in self.splits for question in split.questions]
        for array in (*arrays, *(split.fitted for split in self.splits), *asked):
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()


@dataclass(frozen=True)
class Best:
    """Where a trial had the least loss for a choice, and the pooled log-odds it gave there."""

    rounds: int
    loss: float
    logit: FloatArray


@dataclass(frozen=True)
class Grown:
    """One trial: its capacity, the best of it by choice, and the seconds it took by a clock."""

    capacity: Capacity
    best: Mapping[str, Best]
    seconds: float = 0.0

    def at(self, choice: str) -> Capacity:
        """Return its capacity with the trees that were best for a choice."""
        return self.capacity.model_copy(update={"rounds": self.best[choice].rounds})

    def to_bytes(self) -> bytes:
        """Write for the journal."""
        arrays: dict[str, np.ndarray] = {"seconds": np.array([self.seconds])}
        for at, best in enumerate(self.best.values()):
            arrays[f"at_{at}"] = np.array([best.rounds, best.loss])
            arrays[f"logit_{at}"] = best.logit
        return to_npz(arrays)

    @classmethod
    def from_bytes(cls, content: bytes, capacity: Capacity, names: Sequence[str]) -> Grown:
        """Read what :meth:`to_bytes` wrote."""
        arrays = from_npz(content)
        return cls(
            capacity,
            {
                name: Best(
                    int(arrays[f"at_{at}"][0]), float(arrays[f"at_{at}"][1]), arrays[f"logit_{at}"]
                )
                for at, name in enumerate(names)
            },
            float(arrays["seconds"][0]),
        )


class Pool:
    """The rows that all splits are asked about, one behind the other, and their losses by choice.

    Parameters
    ----------
    names
        Of the choices; :data:`ALL` rests on every row.
    """

    def __init__(self, material: Material, names: tuple[str, ...]) -> None:
        self.names = names
        asked = [
            np.concatenate([question.rows for question in split.questions])
            for split in material.splits
        ]
        self.asked: list[Matrix] = [material.matrix[rows] for rows in asked]
        ends = np.cumsum([0, *map(len, asked)])
        self.places = [slice(start, end) for start, end in pairwise(ends.tolist())]
        pooled = np.concatenate(asked)
        informed = [
            question.informs
            for split in material.splits
            for question in split.questions
            for _ in question.rows
        ]
        self.rows = {
            name: np.array([name == ALL or name in informs for informs in informed])
            for name in names
        }
        self.churned, self.weight = material.churned[pooled], material.weight[pooled]
        self._customers = material.customers[pooled]

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.churned)

    def losses(self, name: str, logit: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the losses of a choice's rows once calibrated, and their weights."""
        rows = self.rows[name]
        churned, weight = self.churned[rows], self.weight[rows]
        calibrated = Calibrator.fit(logit, churned, weight).calibrated(logit)
        return np.logaddexp(0, calibrated) - churned * calibrated, weight

    def loss(self, name: str, logit: FloatArray) -> float:
        """Return the log loss of a choice's rows once calibrated."""
        rows = self.rows[name]
        churned, weight = self.churned[rows], self.weight[rows]
        # alike log-odds in one bin: this is asked at every look, and the digits lost are noise
        bins = np.rint((logit - logit.min()) / WIDTH).astype(np.int64)
        sides = [np.bincount(bins, weight * side) for side in (churned, ~churned)]
        mass = sides[0] + sides[1]
        middle = np.bincount(bins, weight * logit) / np.where(mass > 0, mass, 1)
        told, left = np.concatenate([middle, middle]), np.arange(2 * len(mass)) < len(mass)
        masses = np.concatenate(sides).astype(np.float64)
        calibrated = Calibrator.fit(told, left, masses).calibrated(told)
        return float(masses @ (np.logaddexp(0, calibrated) - left * calibrated) / mass.sum())

    def noise(self, name: str, first: FloatArray, second: FloatArray) -> float:
        """Return the standard error of the difference of two log losses, over customers."""
        losses, weight = self.losses(name, first)
        apart = weight * (losses - self.losses(name, second)[0])
        apart -= weight * apart.sum() / weight.sum()
        by_customer = np.bincount(self._customers[self.rows[name]], apart)
        return float(np.sqrt(by_customer @ by_customer) / weight.sum())


class Bench:
    """The splits of a search, ready for any capacity."""

    def __init__(
        self,
        material: Material,
        settings: BoostingSettings,
        names: tuple[str, ...],
        seed: int,
        threads: int,
    ) -> None:
        self.settings, self.seed, self.threads = settings, seed, threads
        self.pool = Pool(material, names)
        self.fingerprint = material.fingerprint
        self._material = material
        self._rows = [
            drawn(split.fitted, material.churned, settings.search, seed)
            for split in material.splits
        ]
        self.cells: int = sum(map(len, self._rows)) * material.matrix.shape[1]
        self.share: float = sum(map(len, self._rows)) / len(material.churned)
        self._fits = [
            dataset(
                material.matrix[rows], material.churned[rows], material.fitting[rows], settings
            ).construct()
            for rows in self._rows
        ]

    def grow(self, capacity: Capacity, stopped: Callable[[], bool]) -> Grown:
        """Grow one capacity in all splits side by side until it has learned what it can."""
        with ThreadPoolExecutor(self.threads, initializer=quiet) as workers:
            if capacity.shape == "leafwise":
                return self._leafwise(capacity, stopped, workers)
            return self._alone(capacity, stopped, workers)

    def _leafwise(
        self, capacity: Capacity, stopped: Callable[[], bool], workers: Executor
    ) -> Grown:
        """Grow a few trees in every split, then look at them all."""
        settings = parameters(capacity, self.settings, self.seed, threads=1)
        boosters = [lgb.Booster(settings, rows) for rows in self._fits]

        def further(at: int) -> None:
            for _ in range(STEP):
                boosters[at].update()

        def ahead() -> Iterator[int]:
            for rounds in range(STEP, self.settings.search.rounds + 1, STEP):
                list(workers.map(further, range(len(boosters))))
                yield rounds
                if stopped():
                    return

        return Grown(capacity, self._best(boosters, ahead(), workers))

    def _alone(self, capacity: Capacity, stopped: Callable[[], bool], workers: Executor) -> Grown:
        """Grow every split as far as its own rows bear, then look at them all."""
        most = self.settings.search.rounds
        whole = capacity.model_copy(update={"rounds": most})
        given = self._material

        def grown(at: int) -> tuple[Any, dict[str, int]]:
            rows, place = self._rows[at], self.pool.places[at]
            looked_at = {name: asked[place] for name, asked in self.pool.rows.items()}
            watch = catboost_trees.Watch(
                self.pool.asked[at],
                self.pool.churned[place],
                self.pool.weight[place],
                {name: asked for name, asked in looked_at.items() if asked.any()},
                wait=ALONE * STEP,
                least=STEP,
                stopped=stopped,
            )
            text = catboost_trees.grow(
                given.matrix[rows],
                given.churned[rows],
                given.fitting[rows],
                whole,
                self.settings,
                seed=self.seed,
                watch=watch,
            )
            return read(text), watch.ends

        boosters, ends = zip(*workers.map(grown, range(len(self._rows))), strict=True)
        fewest = {
            name: max(STEP, min(end[name] for end in ends if name in end))
            for name in self.pool.names
        }
        looks = range(STEP, max(fewest.values()) + 1, STEP)
        return Grown(capacity, self._best(boosters, looks, workers, fewest))

    def _best(
        self,
        boosters: Sequence[Any],
        looks: Iterable[int],
        workers: Executor,
        ends: Mapping[str, int] | None = None,
    ) -> dict[str, Best]:
        """Return the best of every choice at the looks, each up to where it gains nothing any more.

        Parameters
        ----------
        ends
            By choice, the trees there are for it: in splits that it does not ask there may be less.
        """
        logit, pool = np.zeros(len(self.pool)), self.pool
        best: dict[str, Best] = {}
        looking = list(pool.names)

        def ask(at: int) -> None:
            logit[pool.places[at]] += boosters[at].predict(
                pool.asked[at],
                raw_score=True,
                start_iteration=rounds - STEP,
                num_iteration=STEP,
                num_threads=1,
                verbosity=-1,
            )

        for rounds in looks:
            list(workers.map(ask, range(len(boosters))))
            for name in looking:
                told = logit[pool.rows[name]]
                loss = pool.loss(name, told)
                if name not in best or loss < best[name].loss:
                    best[name] = Best(rounds, loss, told)
            looking = [
                name
                for name in looking
                if rounds < best[name].rounds + PATIENCE * STEP
                and (ends is None or rounds + STEP <= ends[name])
            ]
            if not looking:
                break
        return best


def drawn(fitted: IntArray, churned: BoolArray, settings: SearchSettings, seed: int) -> IntArray:
    """Leave out some of the rows that stay, and of all where even so there are too many."""
    source = generator(seed)
    left, stayed = fitted[churned[fitted]], fitted[~churned[fitted]]
    most = settings.max_per_churner * len(left)
    if most < len(stayed):
        stayed = source.choice(stayed, most, replace=False)
    rows = np.concatenate([left, stayed])
    if len(rows) > settings.max_rows:
        rows = source.choice(rows, settings.max_rows, replace=False)
    return np.sort(rows)
