"""Two scores on the same rows: differences with paired intervals, overall and by segment."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from churn.evaluation import metrics
from churn.evaluation.delong import Areas, compare_areas
from churn.evaluation.intervals import Interval, Resampling, paired_differences
from churn.evaluation.ranking import Metric, Scored
from churn.evaluation.settings import EvaluationSettings
from churn.frozen import Frozen

#: Measured in every segment: how it is ranked, and how well the chances fit.
IN_SEGMENTS: Mapping[str, Metric] = {
    "average_precision": metrics.average_precision,
    "log_loss": metrics.log_loss,
}


class Segment(Frozen):
    """The rows that have one value of a class.

    Attributes
    ----------
    rows, churners
        Rows that weigh something and, of these, those whose outcome is the head's.
    differences
        By metric of :data:`IN_SEGMENTS`: the first score's minus the second's, paired.
    areas
        By DeLong. Both are None where the segment holds too few churners to tell.
    """

    column: str
    value: str
    rows: int
    churners: int
    differences: dict[str, Interval] | None = None
    areas: Areas | None = None


class Comparison(Frozen):
    """What two scores of the same rows differ in.

    Attributes
    ----------
    differences
        By metric: the first score's minus the second's, by a bootstrap over customers.
    areas
        Their ROC areas, by DeLong.
    segments
        The same by segment, column after column, the largest first.
    """

    differences: dict[str, Interval]
    areas: Areas
    segments: tuple[Segment, ...] = ()


def compare(
    rows: pd.DataFrame,
    chosen: Mapping[str, Metric],
    settings: EvaluationSettings,
    *,
    within: Mapping[str, Metric] = IN_SEGMENTS,
) -> Comparison:
    """Compare two scores.

    Parameters
    ----------
    rows
        ``churned``, ``weight``, ``customer_id``, the chances ``first`` and ``second``, and those of
        the settings' segments that are there.
    chosen
        The metrics compared overall, by a bootstrap.
    within
        Those compared in every segment.
    """
    overall = _differences(rows, chosen, settings)
    segments = [
        _segment(column, value, part, within, settings)
        for column in settings.segments
        if column in rows and len(rows[column].unique()) > 1
        for value, part in _by_size(rows, column)
    ]
    return Comparison(differences=overall, areas=_areas(rows), segments=tuple(segments))


def _by_size(rows: pd.DataFrame, column: str) -> list[tuple[str, pd.DataFrame]]:
    parts = [(str(value), part) for value, part in rows.groupby(column, observed=True)]
    return sorted(parts, key=lambda named: (-len(named[1]), named[0]))


def _segment(
    column: str,
    value: str,
    part: pd.DataFrame,
    within: Mapping[str, Metric],
    settings: EvaluationSettings,
) -> Segment:
    counted = part["weight"].to_numpy() > 0
    churned = part["churned"].to_numpy() & counted
    counts = {"rows": int(counted.sum()), "churners": int(churned.sum())}
    named = {"column": column, "value": value}
    if min(counts["churners"], counts["rows"] - counts["churners"]) < settings.min_test_churners:
        return Segment(**named, **counts)
    return Segment(
        **named,
        **counts,
        differences=_differences(part, within, settings),
        areas=_areas(part),
    )


def _differences(
    rows: pd.DataFrame, chosen: Mapping[str, Metric], settings: EvaluationSettings
) -> dict[str, Interval]:
    churned = rows["churned"].to_numpy()
    return paired_differences(
        chosen,
        Scored.of(churned, rows["first"].to_numpy()),
        Scored.of(churned, rows["second"].to_numpy()),
        Resampling.over(
            rows["customer_id"].to_numpy(), replicates=settings.replicates, seed=settings.seed
        ),
        rows["weight"].to_numpy(),
    )


def _areas(rows: pd.DataFrame) -> Areas:
    names = ("churned", "first", "second", "customer_id", "weight")
    return compare_areas(*(np.asarray(rows[name]) for name in names))
