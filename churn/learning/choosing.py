"""Choosing per head: each learner's rebalancing, the combination, and who scores.

All by log-odds of rows that no fit had seen, and all of it by calibrations of other customers than
those judged: folds inside the rows that calibrate.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from churn import draws
from churn.evaluation.intervals import (
    Interval,
    Resampling,
    paired_difference,
    paired_differences,
    percentiles,
)
from churn.evaluation.metrics import average_precision
from churn.evaluation.profit import mpc
from churn.evaluation.ranking import BoolArray, FloatArray, IntArray, Metric, Scored
from churn.evaluation.settings import ProfitSettings
from churn.learning.calibration import Calibrator, chance_of
from churn.learning.combination import MEMBERS, Combination
from churn.learning.learners import BOOSTING, COMBINATION, NETWORK, TREE
from churn.learning.scorers import Candidate
from churn.learning.settings import LearningSettings, Method

SIMPLEST = (TREE, BOOSTING, NETWORK, COMBINATION)
"""The learners, the simplest first."""
RANKING: Mapping[str, Metric] = {
    "average_precision": average_precision,
    "mpc": lambda rows: mpc(rows, ProfitSettings()),
}
"""What the laboratory tells of a method beside its log loss."""
Logits = Mapping[str, FloatArray]


@dataclass(frozen=True)
class Asked:
    """A head's rows with the log-odds of fits that had not seen them: shape (n,) each.

    Attributes
    ----------
    customers
        The customer of each row, by number.
    logits
        By learner and rebalancing method, repaired; NaN where none was asked.
    """

    churned: BoolArray
    weight: FloatArray
    customers: IntArray
    logits: Mapping[str, Mapping[Method, FloatArray]]

    def at(self, where: BoolArray) -> Asked:
        """Return some of the rows."""
        logits = {
            name: {method: logit[where] for method, logit in by_method.items()}
            for name, by_method in self.logits.items()
        }
        return Asked(self.churned[where], self.weight[where], self.customers[where], logits)

    @property
    def churners(self) -> int:
        """Rows that left, among those that weigh."""
        return int(np.count_nonzero(self.churned & (self.weight > 0)))


@dataclass(frozen=True)
class Choice:
    """What was chosen for one head, and the calibrations that go with it.

    Attributes
    ----------
    gain
        What the combination gains over the calibrated booster; None where it is left out.
    losses, minus_least
        By learner: its log loss, and that minus the least one.
    """

    methods: Mapping[str, Method]
    candidates: tuple[Candidate, ...]
    calibrators: Mapping[str, Calibrator]
    combination: Combination | None
    gain: Interval | None
    losses: Mapping[str, float]
    minus_least: Mapping[str, Interval]
    champion: str

    def chances(self, asked: Asked) -> dict[str, FloatArray]:
        """Return every learner's chance: shape (n,) each."""
        logits = self._logits(asked)
        chances = {name: self.calibrators[name].chance(logit) for name, logit in logits.items()}
        if self.combination is not None:
            chances[COMBINATION] = self.combination.chance(logits)
        return chances

    def recalibrated(self, asked: Asked) -> Choice:
        """Fit calibrators and weights anew on more rows; nothing is chosen again."""
        logits = self._logits(asked)
        combination = self.combination and Combination.fit(logits, asked.churned, asked.weight)
        return replace(self, calibrators=_calibrated(logits, asked), combination=combination)

    def _logits(self, asked: Asked) -> dict[str, FloatArray]:
        return {name: asked.logits[name][method] for name, method in self.methods.items()}


def choose_methods(asked: Asked, settings: LearningSettings) -> dict[str, Method]:
    """Return each learner's rebalancing method."""
    folds = _Folds.of(asked, settings)
    return {name: _method(by, folds) for name, by in _crossed_methods(asked, folds).items()}


def choose(asked: Asked, settings: LearningSettings, *, churners: int) -> Choice:
    """Choose, combine and calibrate on rows that no fit had seen.

    Parameters
    ----------
    churners
        How many the combination that scores rests on: those of all origins.
    """
    folds = _Folds.of(asked, settings)
    crossed = _crossed_methods(asked, folds)
    methods = {name: _method(by, folds) for name, by in crossed.items()}
    candidates = tuple(
        _candidate(
            name,
            method,
            by_method,
            asked,
            folds,
            chosen=method == methods[name],
            metrics=RANKING if settings.laboratory else {},
        )
        for name, by_method in crossed.items()
        for method in by_method
    )
    logits = {name: asked.logits[name][method] for name, method in methods.items()}
    judged = {name: crossed[name][method] for name, method in methods.items()}
    combination, gain = None, None
    if COMBINATION in settings.learners:
        members = {part: logits[part] for part in MEMBERS}
        combination = Combination.fit(members, asked.churned, asked.weight)
        judged[COMBINATION] = folds.crossed(
            members, lambda *rows: Combination.fit(*rows).calibrated
        )
        gain = paired_difference(
            average_precision,
            Scored.of(asked.churned, judged[COMBINATION]),
            Scored.of(asked.churned, judged[BOOSTING]),
            folds.resampling,
            asked.weight,
        )
    losses = {name: folds.loss(calibrated) for name, calibrated in judged.items()}
    least = min(losses, key=lambda name: (losses[name], SIMPLEST.index(name)))
    minus_least = {
        name: folds.difference(calibrated, judged[least])
        for name, calibrated in judged.items()
        if name != least
    }
    return Choice(
        methods=methods,
        candidates=candidates,
        calibrators=_calibrated(logits, asked),
        combination=combination,
        gain=gain,
        losses=losses,
        minus_least=minus_least,
        champion=choose_champion(
            least,
            minus_least,
            combined=churners >= settings.combination.min_churners,
        ),
    )


def choose_champion(least: str, minus_least: Mapping[str, Interval], *, combined: bool) -> str:
    """Return the learner that scores.

    It is the one with the least log loss. Where others are alike within noise (no further
    than one standard error above it: Breiman et al., 1984), it is the combination if that is
    among them and rests on enough churners, else the simplest of them.

    Parameters
    ----------
    minus_least
        Of the others, their log loss minus the least one, with its interval.
    combined
        Whether the combination rests on enough churners.
    """
    alike = {least, *(name for name, more in minus_least.items() if not more.value > more.error)}
    if combined and COMBINATION in alike:
        return COMBINATION
    return min(alike, key=SIMPLEST.index)


@dataclass(frozen=True)
class _Folds:
    """Folds of customers inside the rows, and the draws that say what is noise."""

    asked: Asked
    resampling: Resampling
    fold: IntArray
    count: int

    @classmethod
    def of(cls, asked: Asked, settings: LearningSettings) -> _Folds:
        count = settings.combination.folds
        resampling = Resampling.over(
            asked.customers, replicates=settings.combination.replicates, seed=settings.seed
        )
        fold = draws.folds(resampling.count, count, settings.seed)[resampling.codes]
        return cls(asked, resampling, fold, count)

    def crossed(
        self,
        logits: Logits,
        fit: Callable[[Logits, BoolArray, FloatArray], Callable[[Logits], FloatArray]],
    ) -> FloatArray:
        """Return calibrated log-odds of each fold by what was fitted on the others."""
        calibrated = np.empty(len(self.fold))
        for number in range(self.count):
            there, here = self.fold != number, self.fold == number
            seen = {name: logit[there] for name, logit in logits.items()}
            line = fit(seen, self.asked.churned[there], self.asked.weight[there])
            calibrated[here] = line({name: logit[here] for name, logit in logits.items()})
        return calibrated

    def loss(self, calibrated: FloatArray) -> float:
        """Return the log loss of calibrated log-odds."""
        return float(self.asked.weight @ self._losses(calibrated) / self.asked.weight.sum())

    def difference(self, first: FloatArray, second: FloatArray) -> Interval:
        """Return the log loss of ``first`` minus that of ``second``, paired by customers."""
        weight, codes = self.asked.weight, self.resampling.codes
        rows = weight * (self._losses(first) - self._losses(second))
        more, mass = np.bincount(codes, rows), np.bincount(codes, weight)
        # in one type, for products of whole numbers with others take many times as long
        sums = np.column_stack([more, mass])
        drawn = np.array([counts.astype(np.float64) @ sums for counts in self.resampling.draws()])
        return percentiles(float(rows.sum() / weight.sum()), drawn[:, 0] / drawn[:, 1])

    def _losses(self, calibrated: FloatArray) -> FloatArray:
        losses = np.logaddexp(0, calibrated) - self.asked.churned * calibrated
        return np.asarray(losses, dtype=np.float64)


def _calibrated(logits: Logits, asked: Asked) -> dict[str, Calibrator]:
    return {
        name: Calibrator.fit(logit, asked.churned, asked.weight) for name, logit in logits.items()
    }


def _crossed_methods(asked: Asked, folds: _Folds) -> dict[str, dict[Method, FloatArray]]:
    def fit(
        logits: Logits, churned: BoolArray, weight: FloatArray
    ) -> Callable[[Logits], FloatArray]:
        calibrator = Calibrator.fit(logits["own"], churned, weight)
        return lambda others: calibrator.calibrated(others["own"])

    return {
        name: {method: folds.crossed({"own": logit}, fit) for method, logit in by_method.items()}
        for name, by_method in asked.logits.items()
    }


def _plain(methods: Collection[Method]) -> Method:
    return "none" if "none" in methods else next(iter(methods))


def _method(calibrated: Mapping[Method, FloatArray], folds: _Folds) -> Method:
    """Return no rebalancing (or the method named first) unless another is better beyond noise."""
    plain = _plain(calibrated)
    better = [
        method
        for method, logit in calibrated.items()
        if method != plain and folds.difference(logit, calibrated[plain]).upper < 0
    ]
    return min(better, key=lambda method: folds.loss(calibrated[method]), default=plain)


def _candidate(
    name: str,
    method: Method,
    calibrated: Mapping[Method, FloatArray],
    asked: Asked,
    folds: _Folds,
    *,
    chosen: bool,
    metrics: Mapping[str, Metric],
) -> Candidate:
    logit, plain = calibrated[method], calibrated[_plain(calibrated)]
    scored = Scored.of(asked.churned, chance_of(logit))
    minus_plain: dict[str, Interval] = {}
    if logit is not plain:
        minus_plain = {"log_loss": folds.difference(logit, plain)} | paired_differences(
            metrics, scored, Scored.of(asked.churned, chance_of(plain)), folds.resampling,
            asked.weight,
        )  # fmt: skip
    return Candidate(
        learner=name,
        method=method,
        log_loss=folds.loss(logit),
        average_precision=average_precision(scored.weighed(asked.weight)),
        chosen=chosen,
        minus_plain=minus_plain,
    )
