"""The learners side by side: every metric with its interval, and what no skill would give."""

from __future__ import annotations

import math
from collections.abc import Sequence

from churn.language import Language, Text
from churn.learning.heads import HeadReport
from churn.report.page.curves import styles
from churn.report.page.markup import Content, Markup, element, join
from churn.report.page.metric_words import base_rate, learner_name, metric_words, reading_order
from churn.report.page.numbers import bounds, percent, points
from churn.report.page.tables import Head, more, note, table
from churn.report.words import NOTHING

_FIRST = (
    "average_precision",
    "roc_auc",
    "precision_at_list",
    "recall_at_list",
    "lift_10",
    "observed_expected",
)


def metrics_tables(found: HeadReport, language: Language) -> Markup | None:
    """Return the measures most read, then the others on demand."""
    if not found.metrics:
        return None
    names = sorted(next(iter(found.metrics.values())), key=reading_order)
    first = [name for name in names if name in _FIRST]
    others = [name for name in names if name not in _FIRST]
    caption = Text(
        f"Test figures of each learner; base rate {percent(base_rate(found))}, list of "
        f"{found.list_size:,} over the test months",
        f"各模型测试指标；基准流失率 {percent(base_rate(found))}，测试期名单共 "
        f"{found.list_size:,} 户",
    ).of(language)
    rest = Text("All other measures", "其他指标").of(language)
    return join(
        _table(found, first, caption, language),
        more(rest, _table(found, others, rest, language)) if others else None,
        _difference(found, language),
    )


def _table(found: HeadReport, metrics: Sequence[str], caption: str, language: Language) -> Markup:
    learners = list(styles(found))
    champion = Text(" (champion)", "（最终模型）").of(language)
    heads = [
        Head(Text("Measure", "指标").of(language)),
        *(
            Head(
                learner_name(name).of(language) + (champion if name == found.champion else ""),
                number=True,
            )
            for name in learners
        ),
        Head(Text("Without skill", "无预测能力时").of(language), number=True),
    ]
    rows = [_row(found, metric, learners, language) for metric in metrics]
    return table(caption, heads, rows, stacked=True)


def _row(
    found: HeadReport, metric: str, learners: Sequence[str], language: Language
) -> list[Content]:
    words = metric_words(metric)
    cells: list[Content] = [join(words.label.of(language), note(words.reading.of(language)))]
    for name in learners:
        one = found.metrics[name].get(metric)
        cells.append(
            join(words.shown(one.value), note(bounds(one, words.shown))) if one else NOTHING
        )
    without = words.chance(found) if words.chance else math.nan
    return [*cells, words.shown(without)]


def _difference(found: HeadReport, language: Language) -> Markup | None:
    if not found.minus_booster:
        return None
    each = [
        Text(
            f"{learner_name(name).en} {points(gap.value)} {bounds(gap, points)}",
            f"{learner_name(name).zh} {points(gap.value)} {bounds(gap, points)}",
        )
        for name, gap in found.minus_booster.items()
    ]
    said = Text(
        "Average precision minus boosting's, on the same customers, in percentage points: "
        f"{'; '.join(one.en for one in each)}.",
        f"同一批客户上与提升树的平均精度之差（百分点）：{'；'.join(one.zh for one in each)}。",
    )
    return element("p", said.of(language))
