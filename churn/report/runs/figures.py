"""What a run shows in figures: metrics with their intervals, curves over whole percents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from churn.causes import HeadName
from churn.evaluation.calibration import Bin, reliability
from churn.evaluation.gains import gains
from churn.evaluation.intervals import Interval
from churn.evaluation.ranking import Weighed
from churn.learning import Bundle
from churn.learning.heads import HeadReport

PERCENTS = (*range(1, 10), *range(10, 101, 5))
"""Where curves are read: the list is at the riskiest end."""


def with_bounds(metrics: Mapping[str, Interval], prefix: str = "") -> dict[str, float]:
    """Return each figure as ``name``, ``name_lower`` and ``name_upper``."""
    figures = {}
    for name, interval in metrics.items():
        figures[f"{prefix}{name}"] = interval.value
        figures[f"{prefix}{name}_lower"] = interval.lower
        figures[f"{prefix}{name}_upper"] = interval.upper
    return figures


def learner_metrics(report: HeadReport, learner: str) -> dict[str, float]:
    """Return the test figures of one learner, and its difference from the booster."""
    metrics = dict(report.metrics[learner])
    if learner in report.minus_booster:
        metrics["minus_booster"] = report.minus_booster[learner]
    return {**with_bounds(metrics), "base_rate": report.base_rate["test"]}


def head_metrics(report: HeadReport) -> dict[str, float]:
    """Return the champion's figures under the head's name: what trainings are compared by."""
    if report.champion is None or report.champion not in report.metrics:
        return {}
    metrics = dict(report.metrics[report.champion])
    if report.combination_gain is not None:
        metrics["combination_gain"] = report.combination_gain
    prefix = f"{report.cause}/"
    return {**with_bounds(metrics, prefix), f"{prefix}base_rate": report.base_rate["test"]}


def curves(rows: Weighed) -> dict[str, tuple[tuple[int, float], ...]]:
    """Return gain and lift by percent contacted, precision by percent reached, and reliability.

    Gain is the share of all churners among the riskiest; lift is that over the share contacted;
    precision is the share of churners in the shortest list that reaches a percentage of them.
    """
    reached = gains(rows, [percent / 100 for percent in PERCENTS])
    gain = tuple((round(share * 100), value) for share, value in reached)
    bins = reliability(rows)
    return {
        "curve/gain": gain,
        "curve/lift": tuple((percent, value * 100 / percent) for percent, value in gain),
        "curve/precision_by_recall": _precision(rows),
        "reliability/promised": _points(group.expected for group in bins),
        "reliability/observed": _points(group.observed for group in bins),
        "reliability/gap": _points(group.observed - group.expected for group in bins),
    }


def _points(values: Iterable[float]) -> tuple[tuple[int, float], ...]:
    return tuple(enumerate(values, start=1))


def _precision(rows: Weighed) -> tuple[tuple[int, float], ...]:
    if rows.events <= 0:
        return ()
    hits, mass = rows.cuts
    recall = hits / rows.events
    at = np.searchsorted(recall, np.array(PERCENTS) / 100 - 1e-12).clip(max=len(recall) - 1)
    return tuple(
        (percent, float(hits[cut] / mass[cut]) if mass[cut] > 0 else float("nan"))
        for percent, cut in zip(PERCENTS, at, strict=True)
    )


def as_learner(report: HeadReport, learner: str, rows: Weighed | None) -> HeadReport:
    """Return the report as if the learner were the champion: for its own charts."""
    bins: tuple[Bin, ...] = reliability(rows) if rows is not None else ()
    return report.model_copy(update={"champion": learner, "reliability": bins})


def importance(bundle: Bundle, cause: HeadName) -> dict[str, float]:
    """Return each feature's share in how far the booster moves chances, the largest first."""
    encoder = bundle.encoder
    brought: dict[str, float] = dict.fromkeys((source.name for source in encoder.sources), 0.0)
    moves = bundle.heads[cause].booster.importance()
    for column, value in zip(encoder.columns, moves, strict=True):
        brought[column.source] += float(value)
    total = sum(brought.values()) or 1.0
    return {
        name: value / total
        for name, value in sorted(brought.items(), key=lambda item: (-item[1], item[0]))
    }


def by_family(bundle: Bundle, shares: Mapping[str, float]) -> dict[str, float]:
    """Return the shares summed by feature family, named for the tracker."""
    brought: dict[str, float] = {}
    for name, share in shares.items():
        family = f"importance/{bundle.specs[name].family}"
        brought[family] = brought.get(family, 0.0) + share
    return dict(sorted(brought.items()))
