"""The curves of one head: are its chances right, and how well does it rank."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from churn.evaluation.gains import gains
from churn.evaluation.ranking import Scored
from churn.language import Language, Text
from churn.learning.heads import HeadReport
from churn.report.page.axes import Axis
from churn.report.page.charts import Dots, Line, dot_chart, line_chart
from churn.report.page.markup import Markup, join
from churn.report.page.metric_words import LIFTS, learner_name
from churn.report.page.numbers import bounds, count, percent, tick, tick_percent
from churn.report.page.numbers import figure as written
from churn.report.page.tables import Head, figure, more, table

_SHARES = tuple(step / 100 for step in range(101))
_CHANCE_STYLE = 4


def styles(found: HeadReport) -> dict[str, int]:
    """Return the look of each learner, the champion's first."""
    others = [name for name in found.metrics if name != found.champion]
    names = [found.champion, *others] if found.champion in found.metrics else others
    return {str(name): min(place, _CHANCE_STYLE - 1) for place, name in enumerate(names)}


def calibration_figure(found: HeadReport, language: Language) -> Markup | None:
    """Draw promised against observed shares of churners, from the calmest group to the riskiest."""
    bins = found.reliability
    if not bins:
        return None
    y = Axis.over(
        [end for one in bins for end in (one.expected, *one.interval)],
        Text("share that left", "流失占比").of(language),
        tick_percent,
    )
    groups = [str(place) for place in range(1, len(bins) + 1)]
    series = [
        Dots(
            Text("promised", "预期").of(language),
            tuple((one.expected, one.expected, one.expected) for one in bins),
            1,
            hollow=True,
        ),
        Dots(
            Text("observed, with 95 % interval", "实际（95 % 区间）").of(language),
            tuple((one.observed, *one.interval) for one in bins),
        ),
    ]
    title = Text("Do the chances come true?", "概率是否兑现？").of(language)
    ratio = found.metrics[found.champion or ""]["observed_expected"]
    said = Text(
        f"The test customers in {len(bins)} groups of equal size, calmest first. In all, "
        f"{written(ratio.value)} left for each one expected {bounds(ratio, written)}. The groups' "
        "intervals take customers for independent.",
        f"测试客户按风险由低到高分为 {len(bins)} 组。总体实际/预期为 {written(ratio.value)} "
        f"{bounds(ratio, written)}。各组区间视客户为相互独立。",
    ).of(language)
    x = Text("groups, calmest to riskiest", "分组（风险由低到高）").of(language)
    image = dot_chart(groups, series, x, y, f"{title} {said}")
    return join(figure(title, image, said), _bins_table(found, language))


def _bins_table(found: HeadReport, language: Language) -> Markup:
    heads = [
        Head(Text("Group", "组").of(language)),
        Head(Text("Chances", "概率范围").of(language), number=True),
        Head(Text("Rows", "行数").of(language), number=True),
        Head(Text("Promised", "预期").of(language), number=True),
        Head(Text("Observed", "实际").of(language), number=True),
        Head(Text("95 % interval", "95 % 区间").of(language), number=True),
    ]
    rows = [
        (
            place,
            f"{percent(one.lower)} – {percent(one.upper)}",
            count(one.mass),
            percent(one.expected),
            percent(one.observed),
            " – ".join(percent(end) for end in one.interval),
        )
        for place, one in enumerate(found.reliability, start=1)
    ]
    title = Text("The groups in figures", "各组数据").of(language)
    return more(title, table(title, heads, rows))


def lift_figure(found: HeadReport, language: Language) -> Markup | None:
    """Draw how much richer in churners the riskiest shares are than the whole."""
    if not found.metrics:
        return None
    series = [
        Dots(
            learner_name(name).of(language),
            tuple(
                (one.value, one.lower, one.upper)
                for one in (found.metrics[name][lift] for lift in LIFTS)
            ),
            style,
        )
        for name, style in styles(found).items()
    ]
    y = Axis.over(
        [end for dots in series for mark in dots.marks for end in mark],
        Text("times the average risk", "相对平均风险的倍数").of(language),
        tick,
    )
    title = Text("How much riskier are the riskiest?", "高风险人群的提升度").of(language)
    best = found.metrics[found.champion or ""]["lift_10"]
    said = Text(
        f"Among the riskiest tenth {written(best.value)} times as many left as among all "
        f"{bounds(best, written)}; 1 is no better than drawing lots.",
        f"风险最高的十分之一中，流失占比为总体的 {written(best.value)} 倍 "
        f"{bounds(best, written)}；1 表示与随机无异。",
    ).of(language)
    names = [Text(f"riskiest {share} %", f"前 {share} %").of(language) for share in (1, 5, 10)]
    x = Text("share of subscribers", "用户占比").of(language)
    return figure(title, dot_chart(names, series, x, y, f"{title} {said}"), said)


def gains_figure(
    found: HeadReport, scores: pd.DataFrame | None, language: Language
) -> Markup | None:
    """Draw what share of all churners is reached by contacting the riskiest first."""
    curves = _curves(found, scores, language)
    if not curves:
        return None
    ends = (0.0, 0.25, 0.5, 0.75, 1.0)
    x = Axis(
        0,
        1,
        ends,
        Text("subscribers, riskiest first", "用户（风险由高到低）").of(language),
        tick_percent,
    )
    y = Axis(0, 1, ends, Text("churners reached", "覆盖的流失用户").of(language), tick_percent)
    title = Text("Whom does the ranking reach?", "排序能覆盖多少流失用户？").of(language)
    fifth = dict(curves[0].points)[0.2]
    said = Text(
        f"The riskiest fifth holds {percent(fifth)} of all churners of the test months.",
        f"风险最高的五分之一包含测试期 {percent(fifth)} 的流失用户。",
    ).of(language)
    lots = Line(Text("drawing lots", "随机").of(language), ((0, 0), (1, 1)), _CHANCE_STYLE)
    image = line_chart([*curves, lots], x, y, f"{title} {said}")
    return figure(title, image, said)


def _curves(found: HeadReport, scores: pd.DataFrame | None, language: Language) -> Sequence[Line]:
    if scores is None:
        return []
    lines = []
    churned, weight = (scores["outcome"] == found.cause).to_numpy(), scores["weight"].to_numpy()
    for name, style in styles(found).items():
        column = f"p_{found.cause}_{name}"
        if column in scores:
            rows = Scored.of(churned, scores[column].to_numpy()).weighed(weight)
            points = gains(rows, _SHARES)
            if points:
                lines.append(Line(learner_name(name).of(language), points, style))
    return lines
