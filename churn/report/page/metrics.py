"""The learners side by side: every metric with its interval, and what no skill would give."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from churn.evaluation.intervals import Interval
from churn.language import Text
from churn.learning.heads import HeadReport
from churn.report.page.curves import styles
from churn.report.page.markup import Content, Element, element
from churn.report.page.metric_words import base_rate, learner_name, metric_words, reading_order
from churn.report.page.numbers import percent, points, with_bounds
from churn.report.page.tables import TableColumn, measured, more, note, table

MEASURE = Text("Measure", "指标")
_FIRST = (
    "average_precision",
    "roc_auc",
    "precision_at_list",
    "recall_at_list",
    "lift_10",
    "observed_expected",
)


def metrics_tables(report: HeadReport) -> Content:
    """Return the measures most read, then the others on demand."""
    if not report.metrics:
        return None
    names = sorted(next(iter(report.metrics.values())), key=reading_order)
    first = [name for name in names if name in _FIRST]
    others = [name for name in names if name not in _FIRST]
    caption = Text(
        f"Test figures of each learner; base rate {percent(base_rate(report))}, list of "
        f"{report.list_size:,} over the test months",
        f"各模型测试指标；基准流失率 {percent(base_rate(report))}，测试期名单共 "
        f"{report.list_size:,} 户",
    )
    rest = Text("All other measures", "其他指标")
    return (
        _table(report, first, caption),
        more(rest, _table(report, others, rest)) if others else None,
        _difference(report),
    )


def metric_cell(metric: str) -> Content:
    """Return what a metric is called, and how to read it."""
    words = metric_words(metric)
    return (words.label, note(words.reading))


def metric_figures(figures: Mapping[str, Interval]) -> Callable[[str], Content]:
    """Return how one learner's figure of a metric is written, by the metric's name."""
    return lambda metric: measured(figures.get(metric), metric_words(metric).shown)


def _table(report: HeadReport, metrics: Sequence[str], caption: Text) -> Element:
    champion = Text(" (champion)", "（最终模型）")
    words = [metric_words(metric) for metric in metrics]
    return table(
        caption,
        TableColumn(MEASURE, map(metric_cell, metrics)),
        *(
            TableColumn(
                learner_name(name) + (champion if name == report.champion else ""),
                map(metric_figures(report.metrics[name]), metrics),
                number=True,
            )
            for name in styles(report)
        ),
        TableColumn(
            Text("Without skill", "无预测能力时"),
            (word.shown(word.chance(report) if word.chance else math.nan) for word in words),
            number=True,
        ),
        stacked=True,
    )


def _difference(report: HeadReport) -> Element | None:
    if not report.minus_booster:
        return None
    gaps = [
        learner_name(name) + f" {with_bounds(gap, points)}"
        for name, gap in report.minus_booster.items()
    ]
    return element(
        "p",
        Text(
            "Average precision minus boosting's, on the same customers, in percentage points: "
            f"{'; '.join(gap.en for gap in gaps)}.",
            f"同一批客户上与提升树的平均精度之差（百分点）：{'；'.join(gap.zh for gap in gaps)}。",
        ),
    )
