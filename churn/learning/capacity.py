"""How large and how bold a booster is, by what fits that had not seen rows say of them.

A trial is one capacity, grown in all splits side by side; after every few trees the log-odds of
the rows asked about are pooled and calibrated, and their log loss says when the trial has learned
what it can. Optuna proposes capacities. What is taken is an average of a few trials: it begins
with the capacity of the settings unless another is better by more than noise, and takes in whatever
lowers the log loss most (Caruana et al., "Ensemble Selection from Libraries of Models", 2004).
So it is steady where churners are few, where all trials are alike, and bold where the data bear it.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise

import lightgbm as lgb
import numpy as np

from churn.draws import generator
from churn.evaluation.intervals import Figure
from churn.evaluation.ranking import BoolArray, FloatArray, IntArray
from churn.frozen import Frozen
from churn.learning.archive import from_npz, to_npz
from churn.learning.boosting import BINS, Member, dataset, parameters, quiet
from churn.learning.calibration import Calibrator
from churn.learning.encoding import Matrix
from churn.learning.settings import BoostingSettings, Capacity

STEP = 25
"""Trees between two looks at the log loss."""
PATIENCE = 3
"""Looks without gain after which a trial has learned what it can."""
WIDTH = 0.01
"""Log-odds no further apart than this count as one where a loss is looked at."""
ALL = ""
"""The choice that rests on every split."""


class Trial(Frozen):
    """One capacity with the trees that were best for it, and its log loss there."""

    capacity: Capacity
    log_loss: Figure


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
class Searched:
    """What was found.

    Attributes
    ----------
    members
        By choice: what the booster is an average of.
    trials
        In the order in which they were made.
    """

    members: Mapping[str, tuple[Member, ...]]
    trials: tuple[Trial, ...] = ()


@dataclass(frozen=True)
class Pursuit:
    """What a search may use beside its rows.

    Attributes
    ----------
    left
        Seconds that the search may still take; None where there is no budget. Only without one
        are the same bytes found every time.
    journal
        Finished trials by key: a search that is begun anew finds here what it need not do again.
    """

    left: Callable[[], float] | None = None
    journal: MutableMapping[str, bytes] = field(default_factory=dict)

    def over(self) -> bool:
        """Tell whether the budget is spent."""
        return self.left is not None and self.left() <= 0


def search(
    material: Material,
    settings: BoostingSettings,
    *,
    choices: Sequence[str] = (),
    seed: int,
    threads: int,
    pursuit: Pursuit | None = None,
) -> Searched:
    """Find a booster's capacity.

    Parameters
    ----------
    choices
        Names of choices of their own, each resting on the questions that inform it alone. Where
        there are any, proposals do not depend on outcomes, so that a choice knows nothing of the
        rows it is spared.
    """
    pursuit = pursuit or Pursuit()
    start = Capacity(**{name: getattr(settings, name) for name in Capacity.model_fields})
    names = (ALL, *choices)
    if not settings.search.trials or not material.splits:
        return Searched(dict.fromkeys(names, (Member(capacity=start, share=1.0),)))
    bench = _Bench(material, settings, names, seed, threads)
    grown = _trials(bench, start, pursuit)
    return Searched(
        {name: _average(bench, grown, name) for name in names},
        tuple(Trial(capacity=one.at(ALL), log_loss=one.best[ALL].loss) for one in grown),
    )


@dataclass(frozen=True)
class _Best:
    """Where a trial had the least loss for a choice, and the pooled log-odds it gave there."""

    rounds: int
    loss: float
    logit: FloatArray


@dataclass(frozen=True)
class _Grown:
    """One trial: its capacity, and the best of it by choice."""

    capacity: Capacity
    best: Mapping[str, _Best]

    def at(self, choice: str) -> Capacity:
        """Return its capacity with the trees that were best for a choice."""
        return self.capacity.model_copy(update={"rounds": self.best[choice].rounds})

    def to_bytes(self) -> bytes:
        """Write for the journal."""
        arrays: dict[str, np.ndarray] = {}
        for at, best in enumerate(self.best.values()):
            arrays[f"at_{at}"] = np.array([best.rounds, best.loss])
            arrays[f"logit_{at}"] = best.logit
        return to_npz(arrays)

    @classmethod
    def from_bytes(cls, content: bytes, capacity: Capacity, names: Sequence[str]) -> _Grown:
        """Read what :meth:`to_bytes` wrote."""
        arrays = from_npz(content)
        return cls(
            capacity,
            {
                name: _Best(
                    int(arrays[f"at_{at}"][0]), float(arrays[f"at_{at}"][1]), arrays[f"logit_{at}"]
                )
                for at, name in enumerate(names)
            },
        )


class _Bench:
    """The splits of a search, ready for any capacity, and the pooled rows they are asked about."""

    def __init__(
        self,
        material: Material,
        settings: BoostingSettings,
        names: Sequence[str],
        seed: int,
        threads: int,
    ) -> None:
        self.settings, self.names, self.seed, self.threads = settings, names, seed, threads
        self.fingerprint = material.fingerprint
        fits = [_drawn(split.fitted, material.churned, settings, seed) for split in material.splits]
        self.cells: int = sum(map(len, fits)) * material.matrix.shape[1]
        self._fits = [
            dataset(
                material.matrix[rows], material.churned[rows], material.fitting[rows], settings
            ).construct()
            for rows in fits
        ]
        asked = [
            np.concatenate([question.rows for question in split.questions])
            for split in material.splits
        ]
        self._asked = [material.matrix[rows] for rows in asked]
        ends = np.cumsum([0, *map(len, asked)])
        self._places = [slice(start, end) for start, end in pairwise(ends.tolist())]
        pooled = np.concatenate(asked)
        informed = [
            question.informs
            for split in material.splits
            for question in split.questions
            for _ in question.rows
        ]
        self._rows = {
            name: np.array([name == ALL or name in informs for informs in informed])
            for name in names
        }
        self._churned, self._weight = material.churned[pooled], material.weight[pooled]
        self._customers = material.customers[pooled]

    def losses(self, name: str, logit: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the losses of a choice's rows once calibrated, and their weights."""
        rows = self._rows[name]
        churned, weight = self._churned[rows], self._weight[rows]
        calibrated = Calibrator.fit(logit, churned, weight).calibrated(logit)
        return np.logaddexp(0, calibrated) - churned * calibrated, weight

    def loss(self, name: str, logit: FloatArray) -> float:
        """Return the log loss of a choice's rows once calibrated."""
        rows = self._rows[name]
        churned, weight = self._churned[rows], self._weight[rows]
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
        by_customer = np.bincount(self._customers[self._rows[name]], apart)
        return float(np.sqrt(by_customer @ by_customer) / weight.sum())

    def grow(self, capacity: Capacity, stopped: Callable[[], bool]) -> _Grown:
        """Grow one capacity in all splits side by side until it has learned what it can."""
        settings = parameters(capacity, self.settings, self.seed, threads=1)
        boosters = [lgb.Booster(settings, rows) for rows in self._fits]
        logit = np.zeros(self._places[-1].stop)
        best: dict[str, _Best] = {}

        def further(at: int) -> None:
            for _ in range(STEP):
                boosters[at].update()
            logit[self._places[at]] += boosters[at].predict(
                self._asked[at],
                raw_score=True,
                start_iteration=rounds - STEP,
                num_iteration=STEP,
                num_threads=1,
                verbosity=-1,
            )

        with ThreadPoolExecutor(self.threads, initializer=quiet) as pool:
            for rounds in range(STEP, max(STEP, self.settings.search.rounds) + 1, STEP):
                list(pool.map(further, range(len(boosters))))
                for name, rows in self._rows.items():
                    told = logit[rows]
                    loss = self.loss(name, told)
                    if name not in best or loss < best[name].loss:
                        best[name] = _Best(rounds, loss, told)
                if rounds >= best[ALL].rounds + PATIENCE * STEP or stopped():
                    break
        return _Grown(capacity, best)


def _drawn(fitted: IntArray, churned: BoolArray, settings: BoostingSettings, seed: int) -> IntArray:
    """Leave out some of the rows that stay, and of all where even so there are too many."""
    source = generator(seed)
    left, stayed = fitted[churned[fitted]], fitted[~churned[fitted]]
    most = settings.search.max_per_churner * len(left)
    if most < len(stayed):
        stayed = source.choice(stayed, most, replace=False)
    rows = np.concatenate([left, stayed])
    if len(rows) > settings.search.max_rows:
        rows = source.choice(rows, settings.search.max_rows, replace=False)
    return np.sort(rows)


DESIGN = (
    Capacity(leaves=3, min_leaf_rows=100, learning_rate=0.1, feature_share=0.3, shrinkage=20),
    Capacity(leaves=15, min_leaf_rows=20, learning_rate=0.05, feature_share=0.5, shrinkage=2),
    Capacity(leaves=31, min_leaf_rows=5, learning_rate=0.05, feature_share=0.6, shrinkage=1),
    Capacity(leaves=63, min_leaf_rows=3, learning_rate=0.08, feature_share=0.8, shrinkage=0.1),
)
"""What is tried after the capacity of the settings: from the timid to the bold."""
USELESS = 15
"""Trials in a row that lower no loss, after which a budget is given back."""


def _trials(bench: _Bench, start: Capacity, pursuit: Pursuit) -> list[_Grown]:
    """Try capacities: the first by design, the others as Optuna proposes."""
    # takes a second to import, and nights that only score need none
    with warnings.catch_warnings():
        # tqdm, where a notebook's kernel has no widgets to draw progress with
        warnings.filterwarnings("ignore", message="IProgress not found")
        import optuna  # noqa: PLC0415
        from optuna.distributions import FloatDistribution, IntDistribution  # noqa: PLC0415

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    ends: dict[str, IntDistribution | FloatDistribution] = {
        "leaves": IntDistribution(2, max(2, bench.settings.search.leaves), log=True),
        "min_leaf_rows": IntDistribution(3, 300, log=True),
        "learning_rate": FloatDistribution(0.03, 0.1, log=True),
        "feature_share": FloatDistribution(0.15, 1),
        "shrinkage": FloatDistribution(0.1, 100, log=True),
    }
    sampler: optuna.samplers.BaseSampler = (
        optuna.samplers.TPESampler(seed=bench.seed, n_startup_trials=len(DESIGN) + 1)
        if bench.names == (ALL,)
        else optuna.samplers.RandomSampler(seed=bench.seed)
    )
    study = optuna.create_study(sampler=sampler)
    grown: list[_Grown] = []
    slowest, begun = 0.0, pursuit.left and pursuit.left()
    while _goes_on(bench, grown, pursuit, slowest):
        asked = None
        if len(grown) <= len(DESIGN):
            capacity = (start, *DESIGN)[len(grown)]
        else:
            asked = study.ask(dict(ends))
            capacity = Capacity(**asked.params)
        grown.append(_journalled(bench, capacity, pursuit))
        loss = grown[-1].best[ALL].loss
        if asked is not None:
            study.tell(asked, loss)
        elif all(end.low <= getattr(capacity, name) <= end.high for name, end in ends.items()):
            params = {name: getattr(capacity, name) for name in ends}
            study.add_trial(
                optuna.trial.create_trial(params=params, distributions=dict(ends), value=loss)
            )
        if pursuit.left and begun is not None:
            now = pursuit.left()
            slowest, begun = max(slowest, begun - now), now
    return grown


def _goes_on(bench: _Bench, grown: Sequence[_Grown], pursuit: Pursuit, slowest: float) -> bool:
    """Tell whether another trial is worth its time."""
    if not grown:
        return True
    search = bench.settings.search
    if pursuit.left is None:
        affordable = search.cells // bench.cells
        return len(grown) < min(search.trials, max(len(DESIGN) + 1, affordable))
    losses = [one.best[ALL].loss for one in grown]
    helps = losses.index(min(losses)) + USELESS >= len(grown)
    return helps and bool(pursuit.left() > slowest)


def _journalled(bench: _Bench, capacity: Capacity, pursuit: Pursuit) -> _Grown:
    """Grow a capacity, unless the journal has it."""
    facts = [
        bench.fingerprint, bench.names, bench.seed, BINS, STEP, PATIENCE,
        bench.settings.model_dump_json(), capacity.model_dump_json(),
    ]  # fmt: skip
    key = hashlib.sha256(json.dumps(facts).encode()).hexdigest()
    if key in pursuit.journal:
        return _Grown.from_bytes(pursuit.journal[key], capacity, bench.names)
    grown = bench.grow(capacity, pursuit.over)
    if not pursuit.over():
        pursuit.journal[key] = grown.to_bytes()
    return grown


def _average(bench: _Bench, grown: Sequence[_Grown], name: str) -> tuple[Member, ...]:
    """Begin with the first trial unless another is better beyond noise; take in what helps most."""
    logits = [one.best[name].logit for one in grown]
    losses = [one.best[name].loss for one in grown]
    first, best = 0, int(np.argmin(losses))
    if losses[first] - losses[best] > bench.noise(name, logits[first], logits[best]):
        first = best
    chosen, least, total = [first], losses[first], logits[first].copy()
    while len(chosen) < bench.settings.search.members:
        tried = [bench.loss(name, (total + logit) / (len(chosen) + 1)) for logit in logits]
        at = int(np.argmin(tried))
        if tried[at] >= least:
            break
        chosen.append(at)
        least = tried[at]
        total += logits[at]
    return tuple(
        Member(capacity=grown[at].at(name), share=chosen.count(at) / len(chosen))
        for at in dict.fromkeys(chosen)
    )
