"""The nights side by side: how well the models ranked, and how steady that was."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from churn.evaluation.backtest import BacktestResult, HeadFigures, NightFigures, PooledHead
from churn.evaluation.intervals import Interval
from churn.language import Text, Words
from churn.report.page.axes import Axis
from churn.report.page.charts import Dots, axis_of, dot_figure, spaced
from churn.report.page.heads import CAUSE_WORDS, of_cause, off_note
from churn.report.page.markup import Content, Element, element
from churn.report.page.metric_words import learner_name, metric_words, reading_order
from churn.report.page.metrics import MEASURE, metric_cell, metric_figures
from churn.report.page.numbers import count, figure, percent, tick, tick_percent, with_bounds
from churn.report.page.tables import TableColumn, columns, folded_table, more, note, numbers, table
from churn.report.words import NOTHING

CHAMPION = "champion"
NIGHT = Text("night", "夜晚")
_FEW = 6
_LOTS = 0.5  # the area under the curve that drawing lots gives
_IN_TABLE = ("average_precision", "roc_auc", "lift_10", "brier", "observed_expected")


def night_labels(nights: Sequence[NightFigures]) -> list[str]:
    """Name nights below a chart: all of a few, else as many as there is room for."""
    return spaced([f"{night.night:%y-%m}" for night in nights], _FEW)


def span(nights: Sequence[NightFigures]) -> str:
    """Name the first and the last of some nights."""
    return " … ".join(dict.fromkeys(str(nights[end].night) for end in (0, -1)))


def nights_on(nights: Sequence[NightFigures], cause: str) -> list[NightFigures]:
    """Return the nights on which a head was on: only these are in its pooled figures."""
    return [night for night in nights if night.heads[cause].off is None]


def nights_section(result: BacktestResult) -> Content:
    """Return both heads, one below the other."""
    return [
        (element("h3", CAUSE_WORDS[cause]), _head(result, cause, head))
        for cause, head in result.pooled.items()
    ]


def _head(result: BacktestResult, cause: str, head: PooledHead) -> Content:
    if head.figures.off is not None:
        return off_note(head.figures.off)
    ranking = Text("Does the ranking hold?", "排序能力是否稳定？")
    chances = Text("Do the chances come true?", "概率是否兑现？")
    ratio = Text("observed / expected", "实际 / 预期")
    nights = result.nights
    return (
        _off(nights, cause),
        columns(
            _precision(nights, cause),
            _curve(nights, cause, "roc_auc", ranking, "ROC AUC"),
            _curve(nights, cause, "observed_expected", chances, ratio),
        ),
        _table(nights, cause),
        _pooled(nights, head, cause),
        _unseen(result, head),
        _stability(nights, cause),
    )


def _off(nights: Sequence[NightFigures], cause: str) -> Element | None:
    """Say on which nights the head was off: charts and pooled figures are of the others."""
    without = [(night.night, off) for night in nights if (off := night.heads[cause].off)]
    if not without:
        return None
    day, why = without[-1]
    words = Text(
        f"Off on {len(without)} of {len(nights)} nights, the latest {day}: {why.en}. "
        "All figures of this model are of the other nights.",
        f"{len(nights)} 夜中有 {len(without)} 夜未启用，最近为 {day}：{why.zh}。"
        "该模型的各项指标仅含其余各夜。",
    )
    return element("p", words, class_="warning")


def _figures(nights: Sequence[NightFigures], cause: str, metric: str) -> list[Interval | None]:
    return [night.heads[cause].metrics.get(CHAMPION, {}).get(metric) for night in nights]


def _precision(nights: Sequence[NightFigures], cause: str) -> Element:
    figures = _figures(nights, cause, "average_precision")
    rates = [night.heads[cause].base_rate for night in nights]
    series = [
        Dots.whiskered(Text("average precision", "平均精度"), figures),
        Dots.bare(Text("base rate", "基准流失率"), rates, 1, hollow=True),
    ]
    on = len(nights_on(nights, cause))
    ahead = sum(
        interval is not None and interval.lower > rate
        for interval, rate in zip(figures, rates, strict=True)
    )
    return dot_figure(
        Text("Is it better than chance?", "是否优于随机？"),
        Text(
            f"On {ahead} of {on} nights the interval of average precision lies above the base "
            "rate, which is what drawing lots gives.",
            f"{on} 夜中有 {ahead} 夜的平均精度区间高于基准流失率（随机水平）。",
        ),
        night_labels(nights),
        series,
        NIGHT,
        axis_of(series, Text("share", "占比"), tick_percent),
    )


def _curve(
    nights: Sequence[NightFigures], cause: str, metric: str, title: Text, axis: Words
) -> Element:
    figures = _figures(nights, cause, metric)
    dots = Dots.whiskered(axis, figures)
    y = axis_of([dots], axis, tick)
    ends = [end for mark in dots.marks for end in mark if math.isfinite(end)]
    if metric == "roc_auc" and min(ends, default=0) >= _LOTS:
        y = Axis(_LOTS, 1, (0.5, 0.6, 0.7, 0.8, 0.9, 1), axis, tick)
    values = np.array([interval.value for interval in figures if interval is not None])
    values = values[np.isfinite(values)]
    caption: Words = NOTHING
    if len(values):
        low, high, spread = (figure(f(values)) for f in (np.min, np.max, np.std))
        caption = Text(
            f"Between {low} and {high}; standard deviation over the nights {spread}.",
            f"介于 {low} 与 {high} 之间；各夜标准差 {spread}。",
        )
    return dot_figure(title, caption, night_labels(nights), [dots], NIGHT, y)


def _table(nights: Sequence[NightFigures], cause: str) -> Element:
    def column(label: Text, written: Callable[[HeadFigures], Content]) -> TableColumn:
        heads = (night.heads[cause] for night in nights)
        cells = (NOTHING if head.off else written(head) for head in heads)
        return TableColumn(label, cells, number=True)

    columns = [
        TableColumn(Text("Night", "夜晚"), (str(night.night) for night in nights)),
        TableColumn(Text("Trained on (snapshots)", "训练快照（个数）"), map(_trained_on, nights)),
        column(Text("Left", "流失数"), lambda head: count(head.events)),
        column(Text("Base rate", "基准流失率"), lambda head: percent(head.base_rate)),
        *(column(metric_words(name).label, partial(_champions, name)) for name in _IN_TABLE),
        TableColumn(Text("Gate", "准入"), [_gate(night, cause) for night in nights]),
    ]
    return folded_table(Text("The champion, night by night", "最终模型逐夜指标"), columns)


def _champions(metric: str, head: HeadFigures) -> Content:
    return metric_figures(head.metrics.get(CHAMPION, {}))(metric)


def _trained_on(night: NightFigures) -> Content:
    learned = night.learned
    snapshots = f"{learned.first:%Y-%m} … {learned.last:%Y-%m} ({learned.snapshots})"
    older = Text(f"as of {learned.as_of}", f"截至 {learned.as_of}")
    return (snapshots, note(older) if learned.as_of != night.night else None)


def _gate(night: NightFigures, cause: str) -> Content:
    if off := night.heads[cause].off:
        return Text(f"off: {off.en}", f"未启用：{off.zh}")
    if cause in night.learned.passed:
        return element("span", Text("passed", "通过"), class_="yes")
    return element("span", Text("failed", "未通过"), class_="no")


def _pooled(nights: Sequence[NightFigures], head: PooledHead, cause: str) -> Element:
    """Return the nights pooled on which the head was on, learner by learner."""
    figures, on = head.figures, len(nights_on(nights, cause))
    names = sorted(figures.metrics.get(CHAMPION, {}), key=reading_order)
    learners = {name: learner_name(name) for name in figures.metrics if name != CHAMPION}
    columns = [
        TableColumn(label, map(metric_figures(figures.metrics.get(name, {})), names), number=True)
        for name, label in {CHAMPION: Text("Champion", "最终模型"), **learners}.items()
    ]
    caption = Text(
        f"{on} of {len(nights)} nights pooled: {figures.events:,} left of {figures.rows:,} rows, "
        f"base rate {percent(figures.base_rate)}; list of {figures.list_size:,} over the nights",
        f"{len(nights)} 夜中 {on} 夜合并：{figures.rows:,} 行中流失 {figures.events:,}，基准流失率 "
        f"{percent(figures.base_rate)}；名单共 {figures.list_size:,} 户",
    )
    summary = of_cause(cause, Text("every learner, nights pooled", "各模型合并指标"))
    measures = TableColumn(MEASURE, map(metric_cell, names))
    return more(summary, table(caption, measures, *columns, stacked=True, look="nights"))


def _unseen(result: BacktestResult, head: PooledHead) -> Element | None:
    unseen = head.unseen
    if unseen is None or CHAMPION not in unseen.metrics:
        return None
    who = (
        Text(
            f"the {percent(result.unseen_share)} of customers kept out of every training",
            f"未参与任何训练的 {percent(result.unseen_share)} 客户",
        )
        if result.unseen_share
        else Text(
            "newcomers, who differ from the rest by more than that",
            "新客户，其本身与其他客户亦有差异",
        )
    )
    metrics, base = unseen.metrics[CHAMPION], percent(unseen.base_rate)
    auc = with_bounds(metrics["roc_auc"], figure)
    average = with_bounds(metrics["average_precision"], percent)
    words = Text(
        f"On customers that no training had seen ({who.en}; {unseen.rows:,} rows, "
        f"{unseen.events:,} left): ROC AUC {auc}, average precision {average} at a base rate of "
        f"{base}.",
        f"训练从未见过的客户（{who.zh}；{unseen.rows:,} 行，流失 {unseen.events:,}）：ROC AUC "
        f"{auc}，平均精度 {average}，基准流失率 {base}。",
    )
    return element("p", words)


def _stability(nights: Sequence[NightFigures], cause: str) -> Element | None:
    compared = {night.night: night.stability[cause] for night in nights if cause in night.stability}
    if not compared:
        return None
    steady = compared.values()
    figures = table(
        Text("Against the replayed night before", "与前一回放夜相比"),
        TableColumn(Text("Night", "夜晚"), map(str, compared)),
        numbers(
            Text("Stability index of the scores", "评分稳定性指数 PSI"),
            (night.population for night in steady),
            figure,
        ),
        numbers(Text("Rank correlation", "排序相关"), (night.ranks for night in steady), figure),
        numbers(
            Text("Riskiest that stay so", "高风险保持率"), (night.kept for night in steady), percent
        ),
        stacked=True,
        look="nights",
    )
    reading = Text(
        "An index below 0.1 is commonly read as steady, above 0.25 as another population. The "
        "riskiest are as many as a night's list (evaluation.list_size).",
        "指数低于 0.1 通常视为稳定，高于 0.25 视为人群已变。高风险人数取一夜名单长度"
        "（evaluation.list_size）。",
    )
    summary = Text("How steady are the scores?", "评分是否稳定？")
    return more(summary, element("p", reading), figures)
