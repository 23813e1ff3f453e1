"""How large and how bold a booster is, by what fits that had not seen rows say of them.

Optuna proposes capacities, and each is tried on the bench (:mod:`churn.learning.bench`). What is
taken is an average of a few trials: it begins with the capacity of the settings unless another is
better by more than noise, and takes in whatever lowers the log loss most (Caruana et al., "Ensemble
Selection from Libraries of Models", 2004).
So it is steady where churners are few, where all trials are alike, and bold where the data bear it.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, get_args

from churn.evaluation.intervals import Figure
from churn.frozen import Frozen
from churn.learning.bench import ALL, ALONE, PATIENCE, STEP, Bench, Grown, Material
from churn.learning.boosting import BINS, Member
from churn.learning.catboost_trees import BORDERS
from churn.learning.settings import BoostingSettings, Capacity, SearchSettings, TreeShape


class Trial(Frozen):
    """One capacity with the trees that were best for it, and its log loss there."""

    capacity: Capacity
    log_loss: Figure


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
    fits
        How often what is found will be fitted to all rows afterwards, within the same seconds.
    """

    left: Callable[[], float] | None = None
    journal: MutableMapping[str, bytes] = field(default_factory=dict)
    fits: float = 0.0

    def over(self) -> bool:
        """Tell whether the budget is spent."""
        return self.left is not None and self.left() <= 0

    def without(self, seconds: float) -> Pursuit:
        """Return the same with some seconds set aside."""
        left = self.left
        return self if left is None else replace(self, left=lambda: left() - seconds)


def search(
    material: Material,
    settings: BoostingSettings,
    *,
    names: tuple[str, ...] = (ALL,),
    seed: int,
    threads: int,
    pursuit: Pursuit | None = None,
) -> Searched:
    """Find a booster's capacity.

    Parameters
    ----------
    names
        Of the choices: beside :data:`ALL` those that rest on the questions that inform them alone.
        Where there are any, proposals do not depend on outcomes, so that a choice knows nothing of
        the rows it is spared.
    """
    pursuit = pursuit or Pursuit()
    start = Capacity(**{name: getattr(settings, name) for name in Capacity.model_fields})
    if not settings.search.trials or not material.splits:
        return Searched(dict.fromkeys(names, (Member(capacity=start, share=1.0),)))
    bench = Bench(material, settings, names, seed, threads)
    grown = _trials(bench, start, pursuit)
    seeds = _seeds(bench, grown, pursuit)
    return Searched(
        {name: _average(bench, grown, name, seeds) for name in names},
        tuple(Trial(capacity=one.at(ALL), log_loss=one.best[ALL].loss) for one in grown),
    )


DESIGN = (
    Capacity(leaves=3, min_leaf_rows=100, learning_rate=0.1, feature_share=0.3, shrinkage=20),
    Capacity(leaves=15, min_leaf_rows=20, learning_rate=0.05, feature_share=0.5, shrinkage=2),
    Capacity(leaves=31, min_leaf_rows=5, learning_rate=0.05, feature_share=0.6, shrinkage=1),
    Capacity(leaves=63, min_leaf_rows=3, learning_rate=0.08, feature_share=0.8, shrinkage=0.1),
    Capacity(shape="symmetric", leaves=16, feature_share=1, shrinkage=3),
    Capacity(shape="symmetric", leaves=64, feature_share=0.5, shrinkage=3),
    Capacity(shape="levelwise", leaves=64, min_leaf_rows=1, feature_share=1, shrinkage=3),
)
"""What is tried after the capacity of the settings, where its trees may have as many leaves: from
the timid to the bold, by shape."""
FIRST = 5
"""How many of these are tried however large the data are."""
COST = {"leafwise": 1, "symmetric": 2, "levelwise": 4}
"""What a trial takes, in trials of leaf-wise trees."""
SURELY = 2.0
"""Standard errors by which another capacity than the settings' must be better to begin with."""
ABLE = 16
"""Trials, those of least loss, that an average is made of."""
USELESS = 15
"""Trials in a row that lower the average's loss by no more than :data:`GAIN`: the search ends."""
GAIN = 0.001
"""Share of a loss that is worth looking for."""
SEEDS = 4
"""Seeds that members are fitted with at most, where a budget leaves time for it."""


def _design(search: SearchSettings) -> list[Capacity]:
    """Return what of the design the settings allow."""
    return [capacity for capacity in DESIGN if capacity.leaves <= search.leaves]


def _trials(bench: Bench, start: Capacity, pursuit: Pursuit) -> list[Grown]:
    """Try capacities: the first by design, the others as Optuna proposes."""
    # takes a second to import, and nights that only score need none
    with warnings.catch_warnings():
        # tqdm, where a notebook's kernel has no widgets to draw progress with
        warnings.filterwarnings("ignore", message="IProgress not found")
        import optuna  # noqa: PLC0415 - see above
        from optuna import distributions as between  # noqa: PLC0415 - see above

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    ends: dict[str, between.BaseDistribution] = {
        "shape": between.CategoricalDistribution(get_args(TreeShape)),
        "leaves": between.IntDistribution(2, bench.settings.search.leaves, log=True),
        "min_leaf_rows": between.IntDistribution(1, 300, log=True),
        "learning_rate": between.FloatDistribution(0.03, 0.1, log=True),
        "feature_share": between.FloatDistribution(0.15, 1),
        "shrinkage": between.FloatDistribution(0.1, 100, log=True),
    }
    first = (start, *_design(bench.settings.search))
    sampler: optuna.samplers.BaseSampler = (
        optuna.samplers.TPESampler(seed=bench.seed, n_startup_trials=len(first))
        if bench.pool.names == (ALL,)
        else optuna.samplers.RandomSampler(seed=bench.seed)
    )
    study = optuna.create_study(sampler=sampler)
    grown: list[Grown] = []
    freely, losses = pursuit, list[float]()
    while _goes_on(bench, grown, pursuit, losses):
        asked = None
        if len(grown) < len(first):
            capacity = first[len(grown)]
        else:
            asked = study.ask(dict(ends))
            capacity = Capacity(**asked.params)
        grown.append(_journalled(bench, capacity, pursuit))
        loss = grown[-1].best[ALL].loss
        if asked is not None:
            study.tell(asked, loss)
        elif all(_within(end, getattr(capacity, name)) for name, end in ends.items()):
            params = {name: getattr(capacity, name) for name in ends}
            study.add_trial(
                optuna.trial.create_trial(params=params, distributions=dict(ends), value=loss)
            )
        if freely.left is not None:
            chosen, loss = _chosen(bench, grown, ALL)
            losses.append(loss)
            pursuit = freely.without(_to_come(bench, grown, chosen, freely))
    return grown


def _to_come(
    bench: Bench, grown: Sequence[Grown], chosen: Sequence[int], pursuit: Pursuit
) -> float:
    """Return the seconds that fitting an average will take, by what its trials took."""
    return pursuit.fits * sum(grown[at].seconds for at in set(chosen)) / bench.share


def _seeds(bench: Bench, grown: Sequence[Grown], pursuit: Pursuit) -> int:
    """Return how many seeds there is time for: they calm what rows and columns drawn bring in."""
    if pursuit.left is None:
        return 1
    once = _to_come(bench, grown, _chosen(bench, grown, ALL)[0], pursuit)
    return max(1, min(SEEDS, int(pursuit.left() / once))) if once > 0 else 1


def _within(end: Any, value: float | str) -> bool:
    """Tell whether a proposal could have been this value."""
    return value in end.choices if hasattr(end, "choices") else end.low <= value <= end.high


def _goes_on(
    bench: Bench, grown: Sequence[Grown], pursuit: Pursuit, losses: Sequence[float]
) -> bool:
    """Tell whether another trial is worth its time; ``losses``: the average's, trial by trial."""
    if not grown:
        return True
    if pursuit.left is None:
        search, number = bench.settings.search, len(grown)
        coming = [capacity.shape for capacity in _design(search)[number - 1 : number]]
        trials = sum(COST[shape] for shape in (*(one.capacity.shape for one in grown), *coming))
        affordable = number <= FIRST or trials * bench.cells <= search.cells
        return number < search.trials and affordable
    helps = len(losses) <= USELESS or losses[-1] < losses[-1 - USELESS] * (1 - GAIN)
    return helps and pursuit.left() > max(one.seconds for one in grown)


def _journalled(bench: Bench, capacity: Capacity, pursuit: Pursuit) -> Grown:
    """Grow a capacity, unless the journal has it."""
    facts = [
        bench.fingerprint, bench.pool.names, bench.seed, BINS, STEP, PATIENCE, ALONE, BORDERS,
        bench.settings.model_dump_json(), capacity.model_dump_json(),
    ]  # fmt: skip
    key = hashlib.sha256(json.dumps(facts).encode()).hexdigest()
    if key in pursuit.journal:
        return Grown.from_bytes(pursuit.journal[key], capacity, bench.pool.names)
    left = pursuit.left or (lambda: 0.0)
    begun = left()
    grown = bench.grow(capacity, pursuit.over)
    grown = replace(grown, seconds=begun - left())
    if not pursuit.over():
        pursuit.journal[key] = grown.to_bytes()
    return grown


def _average(bench: Bench, grown: Sequence[Grown], name: str, seeds: int) -> tuple[Member, ...]:
    """Return the trials chosen, each with how often it was."""
    chosen, _ = _chosen(bench, grown, name)
    return tuple(
        Member(capacity=grown[at].at(name), share=chosen.count(at) / len(chosen), seeds=seeds)
        for at in dict.fromkeys(chosen)
    )


def _chosen(bench: Bench, grown: Sequence[Grown], name: str) -> tuple[list[int], float]:
    """Begin with the first trial unless another is better beyond noise; take in what helps most.

    Returns the trials, as often as they were taken in, and the loss of their average.
    """
    losses = {at: one.best[name].loss for at, one in enumerate(grown)}
    best = min(losses, key=losses.__getitem__)
    able = sorted({0, *sorted(losses, key=losses.__getitem__)[:ABLE]})
    logits = {at: grown[at].best[name].logit for at in able}
    noise = bench.pool.noise(name, logits[0], logits[best])
    first = best if losses[0] - losses[best] > SURELY * noise else 0
    chosen, least, total = [first], losses[first], logits[first].copy()
    while len(chosen) < bench.settings.search.members:
        count = len(chosen) + 1
        tried = {at: bench.pool.loss(name, (total + logit) / count) for at, logit in logits.items()}
        at = min(tried, key=tried.__getitem__)
        if tried[at] >= least:
            break
        chosen.append(at)
        least = tried[at]
        total += logits[at]
    return chosen, least
