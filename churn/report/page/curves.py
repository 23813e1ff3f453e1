"""The curves of one head: are its chances right, and how well does it rank."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from churn.causes import HeadName
from churn.evaluation.calibration import Bin
from churn.evaluation.gains import gains
from churn.evaluation.ranking import Scored, Weighed
from churn.language import Text
from churn.learning.heads import HeadReport
from churn.panel import met
from churn.report.page.axes import Axis
from churn.report.page.charts import Dots, Line, axis_of, dot_figure, line_chart
from churn.report.page.markup import Content, Element
from churn.report.page.metric_words import LIFTS, learner_name
from churn.report.page.numbers import bounds, count, percent, tick, tick_percent
from churn.report.page.numbers import figure as written
from churn.report.page.tables import TableColumn, columns, figure, more, numbers, table

_SHARES = tuple(step / 100 for step in range(101))
_CHANCE_STYLE = 4


def styles(report: HeadReport) -> dict[str, int]:
    """Return the look of each learner, the champion's first."""
    others = [name for name in report.metrics if name != report.champion]
    names = [report.champion, *others] if report.champion in report.metrics else others
    return {str(name): min(place, _CHANCE_STYLE - 1) for place, name in enumerate(names)}


def figures(report: HeadReport, scores: pd.DataFrame | None) -> Element:
    """Return the head's charts side by side: reliability, gain, lift."""
    return columns(_calibration(report), _gains(report, scores), _lift(report))


def _calibration(report: HeadReport) -> Content:
    """Draw promised against observed shares of churners, from the calmest group to the riskiest."""
    bins = report.reliability
    if not bins:
        return None
    ratio = report.metrics[report.champion or ""]["observed_expected"]
    caption = Text(
        f"The test customers in {len(bins)} groups of equal size, calmest first. In all, "
        f"{written(ratio.value)} left for each one expected {bounds(ratio, written)}. The groups' "
        "intervals take customers for independent.",
        f"测试客户按风险由低到高分为 {len(bins)} 组。总体实际/预期为 {written(ratio.value)} "
        f"{bounds(ratio, written)}。各组区间视客户为相互独立。",
    )
    series = [
        Dots.bare(Text("promised", "预期"), (group.expected for group in bins), 1, hollow=True),
        Dots(
            Text("observed, with 95 % interval", "实际（95 % 区间）"),
            tuple((group.observed, *group.interval) for group in bins),
        ),
    ]
    chart = dot_figure(
        Text("Do the chances come true?", "概率是否兑现？"),
        caption,
        [str(place) for place in range(1, len(bins) + 1)],
        series,
        Text("groups, calmest to riskiest", "分组（风险由低到高）"),
        axis_of(series, Text("share that left", "流失占比"), tick_percent),
    )
    return (chart, _bins_table(bins))


def _bins_table(bins: Sequence[Bin]) -> Element:
    title = Text("The groups in figures", "各组数据")
    chances = (f"{percent(group.lower)} – {percent(group.upper)}" for group in bins)
    intervals = (" – ".join(map(percent, group.interval)) for group in bins)
    groups = table(
        title,
        TableColumn(Text("Group", "组"), range(1, len(bins) + 1)),
        TableColumn(Text("Chances", "概率范围"), chances, number=True),
        numbers(Text("Rows", "行数"), (group.mass for group in bins), count),
        numbers(Text("Promised", "预期"), (group.expected for group in bins), percent),
        numbers(Text("Observed", "实际"), (group.observed for group in bins), percent),
        TableColumn(Text("95 % interval", "95 % 区间"), intervals, number=True),
    )
    return more(title, groups)


def _lift(report: HeadReport) -> Element | None:
    """Draw how much richer in churners the riskiest shares are than the whole."""
    if not report.metrics:
        return None
    series = [
        Dots.whiskered(learner_name(name), (report.metrics[name][lift] for lift in LIFTS), style)
        for name, style in styles(report).items()
    ]
    best = report.metrics[report.champion or ""]["lift_10"]
    return dot_figure(
        Text("How much riskier are the riskiest?", "高风险人群的提升度"),
        Text(
            f"Among the riskiest tenth {written(best.value)} times as many left as among all "
            f"{bounds(best, written)}; 1 is no better than drawing lots.",
            f"风险最高的十分之一中，流失占比为总体的 {written(best.value)} 倍 "
            f"{bounds(best, written)}；1 表示与随机无异。",
        ),
        [Text(f"riskiest {share} %", f"前 {share} %") for share in (1, 5, 10)],
        series,
        Text("share of subscribers", "用户占比"),
        axis_of(series, Text("times the average risk", "相对平均风险的倍数"), tick),
    )


def _gains(report: HeadReport, scores: pd.DataFrame | None) -> Element | None:
    """Draw what share of all churners is reached by contacting the riskiest first."""
    curves = _curves(report, scores)
    if not curves:
        return None
    ends = (0.0, 0.25, 0.5, 0.75, 1.0)
    x = Axis(0, 1, ends, Text("subscribers, riskiest first", "用户（风险由高到低）"), tick_percent)
    y = Axis(0, 1, ends, Text("churners reached", "覆盖的流失用户"), tick_percent)
    title = Text("Whom does the ranking reach?", "排序能覆盖多少流失用户？")
    fifth = dict(curves[0].points)[0.2]
    caption = Text(
        f"The riskiest fifth holds {percent(fifth)} of all churners of the test months.",
        f"风险最高的五分之一包含测试期 {percent(fifth)} 的流失用户。",
    )
    lots = Line(Text("drawing lots", "随机"), ((0, 0), (1, 1)), _CHANCE_STYLE)
    return figure(title, line_chart([*curves, lots], x, y, title + " " + caption), caption)


def _curves(report: HeadReport, scores: pd.DataFrame | None) -> Sequence[Line]:
    if scores is None:
        return []
    curves = (
        Line(learner_name(name), gains(rows, _SHARES), style)
        for name, style in styles(report).items()
        if (rows := test_rows(scores, report.cause, name)) is not None
    )
    return [curve for curve in curves if curve.points]


def test_rows(scores: pd.DataFrame, cause: HeadName, learner: str) -> Weighed | None:
    """Return the test rows in the learner's order, as it was measured; None without them."""
    column = f"p_{cause}_{learner}"
    if column not in scores:
        return None
    scores = scores[scores[column].notna()]
    return Scored.of(met(scores, cause), scores[column].to_numpy()).weighed(
        scores["weight"].to_numpy()
    )
