"""The nights side by side: how well the models ranked, and how steady that was."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from churn.evaluation.backtest import BacktestResult, HeadFigures, NightFigures, PooledHead
from churn.evaluation.intervals import Interval
from churn.language import Language, Text
from churn.report.page.axes import Axis
from churn.report.page.charts import Dots, dot_chart
from churn.report.page.markup import Content, Markup, element, join
from churn.report.page.metric_words import learner_name, metric_words, reading_order
from churn.report.page.numbers import Shown, bounds, count, figure, percent, tick, tick_percent
from churn.report.page.tables import Head, more, note, table
from churn.report.page.tables import figure as chart
from churn.report.page.tonight import CAUSE_WORDS
from churn.report.words import NOTHING

CHAMPION = "champion"
_FEW = 6
_LOTS = 0.5  # the area under the curve that drawing lots gives
_CHAMPION = Text("Champion", "最终模型")


def night_labels(nights: Sequence[NightFigures]) -> list[str]:
    """Name nights below a chart: all of a few, else as many as there is room for."""
    step = math.ceil(len(nights) / _FEW)
    return [f"{one.night:%y-%m}" if place % step == 0 else "" for place, one in enumerate(nights)]


def span(nights: Sequence[NightFigures]) -> str:
    """Name the first and the last of some nights."""
    return " … ".join(dict.fromkeys(str(nights[end].night) for end in (0, -1)))


def nights_on(nights: Sequence[NightFigures], cause: str) -> list[NightFigures]:
    """Return the nights on which a head was on: only these are in its pooled figures."""
    return [night for night in nights if night.heads[cause].off is None]


def nights_section(result: BacktestResult, language: Language) -> Markup:
    """Return both heads, one below the other."""
    return join(
        [
            join(
                element("h3", CAUSE_WORDS[cause].of(language)),
                _head(result, cause, head, language),
            )
            for cause, head in result.pooled.items()
        ]
    )


def _head(result: BacktestResult, cause: str, head: PooledHead, language: Language) -> Markup:
    if head.figures.off is not None:
        off = head.figures.off.of(language)
        said = Text(f"This model is off: {off}.", f"该模型未启用：{off}。").of(language)
        return element("p", said, class_="warning")
    charts = [
        _precision(result.nights, cause, language),
        _curve(
            result.nights, cause, "roc_auc", Text("Does the ranking hold?", "排序能力是否稳定？"),
            "ROC AUC", tick, language,
        ),
        _curve(
            result.nights, cause, "observed_expected",
            Text("Do the chances come true?", "概率是否兑现？"),
            Text("observed / expected", "实际 / 预期").of(language), tick, language,
        ),
    ]  # fmt: skip
    return join(
        _off(result.nights, cause, language),
        element("div", [element("div", one) for one in charts], class_="columns"),
        _table(result.nights, cause, language),
        _pooled(result.nights, head, cause, language),
        _unseen(result, head, language),
        _stability(result.nights, cause, language),
    )


def _off(nights: Sequence[NightFigures], cause: str, language: Language) -> Markup | None:
    """Say on which nights the head was off: charts and pooled figures are of the others."""
    told = [(night.night, night.heads[cause].off) for night in nights]
    without = [(day, off) for day, off in told if off is not None]
    if not without:
        return None
    day, why = without[-1]
    said = Text(
        f"Off on {len(without)} of {len(nights)} nights, the latest {day}: {why.en}. "
        "All figures of this model are of the other nights.",
        f"{len(nights)} 夜中有 {len(without)} 夜未启用，最近为 {day}：{why.zh}。"
        "该模型的各项指标仅含其余各夜。",
    )
    return element("p", said.of(language), class_="warning")


def _found(nights: Sequence[NightFigures], cause: str, metric: str) -> list[Interval | None]:
    return [night.heads[cause].metrics.get(CHAMPION, {}).get(metric) for night in nights]


def _mark(one: Interval | None) -> tuple[float, float, float]:
    return (one.value, one.lower, one.upper) if one else (math.nan, math.nan, math.nan)


def _precision(nights: Sequence[NightFigures], cause: str, language: Language) -> Markup:
    found = _found(nights, cause, "average_precision")
    rates = [night.heads[cause].base_rate for night in nights]
    marks = tuple(_mark(one) for one in found)
    series = [
        Dots(Text("average precision", "平均精度").of(language), marks),
        Dots(
            Text("base rate", "基准流失率").of(language),
            tuple((rate, rate, rate) for rate in rates),
            1,
            hollow=True,
        ),
    ]
    ends = [end for mark in marks for end in mark]
    y = Axis.over([*ends, *rates], Text("share", "占比").of(language), tick_percent)
    title = Text("Is it better than chance?", "是否优于随机？").of(language)
    on = nights_on(nights, cause)
    ahead = sum(
        one is not None and one.lower > rate for one, rate in zip(found, rates, strict=True)
    )
    said = Text(
        f"On {ahead} of {len(on)} nights the interval of average precision lies above the base "
        "rate, which is what drawing lots gives.",
        f"{len(on)} 夜中有 {ahead} 夜的平均精度区间高于基准流失率（随机水平）。",
    ).of(language)
    x = Text("night", "夜晚").of(language)
    return chart(title, dot_chart(night_labels(nights), series, x, y, f"{title} {said}"), said)


def _curve(
    nights: Sequence[NightFigures],
    cause: str,
    metric: str,
    title: Text,
    axis: str,
    shown: Shown,
    language: Language,
) -> Markup:
    found = _found(nights, cause, metric)
    marks = tuple(_mark(one) for one in found)
    values = np.array([one.value for one in found if one is not None])
    values = values[np.isfinite(values)]
    ends = [end for mark in marks for end in mark if math.isfinite(end)]
    y = Axis.over(ends, axis, shown)
    if metric == "roc_auc" and min(ends, default=0) >= _LOTS:
        y = Axis(_LOTS, 1, (0.5, 0.6, 0.7, 0.8, 0.9, 1), axis, shown)
    said = NOTHING
    if len(values):
        low, high, spread = values.min(), values.max(), values.std()
        said = Text(
            f"Between {figure(low)} and {figure(high)}; standard deviation over the nights "
            f"{figure(spread)}.",
            f"介于 {figure(low)} 与 {figure(high)} 之间；各夜标准差 {figure(spread)}。",
        ).of(language)
    x = Text("night", "夜晚").of(language)
    name = title.of(language)
    series = [Dots(axis, marks)]
    return chart(name, dot_chart(night_labels(nights), series, x, y, f"{name} {said}"), said)


def _table(nights: Sequence[NightFigures], cause: str, language: Language) -> Markup:
    heads = [
        Head(Text("Night", "夜晚").of(language)),
        Head(Text("Trained on (snapshots)", "训练快照（个数）").of(language)),
        Head(Text("Left", "流失数").of(language), number=True),
        Head(Text("Base rate", "基准流失率").of(language), number=True),
        *(
            Head(metric_words(name).label.of(language), number=True)
            for name in ("average_precision", "roc_auc", "lift_10", "brier", "observed_expected")
        ),
        Head(Text("Gate", "准入").of(language)),
    ]
    rows = [_row(night, cause, language) for night in nights]
    caption = Text("The champion, night by night", "最终模型逐夜指标").of(language)
    return more(caption, table(caption, heads, rows, stacked=True, look="nights"))


def _row(night: NightFigures, cause: str, language: Language) -> list[Content]:
    head, learned = night.heads[cause], night.learned
    span = f"{learned.first:%Y-%m} … {learned.last:%Y-%m} ({learned.snapshots})"
    older = None
    if learned.as_of != night.night:
        older = note(Text(f"as of {learned.as_of}", f"截至 {learned.as_of}").of(language))
    start: list[Content] = [str(night.night), join(span, older)]
    if head.off is not None:
        off = Text(f"off: {head.off.en}", f"未启用：{head.off.zh}")
        return [*start, *[NOTHING] * 7, off.of(language)]
    passed = cause in learned.passed
    words = (Text("passed", "通过"), "yes") if passed else (Text("failed", "未通过"), "no")
    return [
        *start,
        count(head.events),
        percent(head.base_rate),
        *_cells(head, CHAMPION, ("average_precision", "roc_auc", "lift_10", "brier",
                                 "observed_expected")),
        element("span", words[0].of(language), class_=words[1]),
    ]  # fmt: skip


def _cells(head: HeadFigures, learner: str, metrics: Sequence[str]) -> list[Content]:
    found = head.metrics.get(learner, {})
    cells: list[Content] = []
    for name in metrics:
        shown = metric_words(name).shown
        one = found.get(name)
        cells.append(join(shown(one.value), note(bounds(one, shown))) if one else NOTHING)
    return cells


def _pooled(
    nights: Sequence[NightFigures], head: PooledHead, cause: str, language: Language
) -> Markup:
    """Return the nights pooled on which the head was on, learner by learner."""
    figures, on = head.figures, len(nights_on(nights, cause))
    names = sorted(figures.metrics.get(CHAMPION, {}), key=reading_order)
    learners = [name for name in figures.metrics if name != CHAMPION]
    heads = [
        Head(Text("Measure", "指标").of(language)),
        Head(_CHAMPION.of(language), number=True),
        *(Head(learner_name(name).of(language), number=True) for name in learners),
    ]
    rows = [
        [
            join(
                metric_words(name).label.of(language),
                note(metric_words(name).reading.of(language)),
            ),
            *(_cells(figures, learner, [name])[0] for learner in (CHAMPION, *learners)),
        ]
        for name in names
    ]
    caption = Text(
        f"{on} of {len(nights)} nights pooled: {figures.events:,} left of {figures.rows:,} rows, "
        f"base rate {percent(figures.base_rate)}; list of {figures.list_size:,} over the nights",
        f"{len(nights)} 夜中 {on} 夜合并：{figures.rows:,} 行中流失 {figures.events:,}，基准流失率 "
        f"{percent(figures.base_rate)}；名单共 {figures.list_size:,} 户",
    ).of(language)
    name = CAUSE_WORDS[cause]
    summary = Text(f"{name.en}: every learner, nights pooled", f"{name.zh}：各模型合并指标")
    return more(summary.of(language), table(caption, heads, rows, stacked=True, look="nights"))


def _unseen(result: BacktestResult, head: PooledHead, language: Language) -> Markup | None:
    one = head.unseen
    if one is None or CHAMPION not in one.metrics:
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
    auc, average = one.metrics[CHAMPION]["roc_auc"], one.metrics[CHAMPION]["average_precision"]
    said = Text(
        f"On customers that no training had seen ({who.en}; {one.rows:,} rows, {one.events:,} "
        f"left): ROC AUC {figure(auc.value)} {bounds(auc, figure)}, average precision "
        f"{percent(average.value)} {bounds(average, percent)} at a base rate of "
        f"{percent(one.base_rate)}.",
        f"训练从未见过的客户（{who.zh}；{one.rows:,} 行，流失 {one.events:,}）：ROC AUC "
        f"{figure(auc.value)} {bounds(auc, figure)}，平均精度 {percent(average.value)} "
        f"{bounds(average, percent)}，基准流失率 {percent(one.base_rate)}。",
    )
    return element("p", said.of(language))


def _stability(nights: Sequence[NightFigures], cause: str, language: Language) -> Markup | None:
    rows = [
        (
            str(night.night),
            figure(night.stability[cause].population),
            figure(night.stability[cause].ranks),
            percent(night.stability[cause].kept),
        )
        for night in nights
        if cause in night.stability
    ]
    if not rows:
        return None
    caption = Text("Against the replayed night before", "与前一回放夜相比").of(language)
    heads = [
        Head(Text("Night", "夜晚").of(language)),
        Head(Text("Stability index of the scores", "评分稳定性指数 PSI").of(language), number=True),
        Head(Text("Rank correlation", "排序相关").of(language), number=True),
        Head(Text("Riskiest that stay so", "高风险保持率").of(language), number=True),
    ]
    said = Text(
        "An index below 0.1 is commonly read as steady, above 0.25 as another population. The "
        "riskiest are as many as a night's list (evaluation.list_size).",
        "指数低于 0.1 通常视为稳定，高于 0.25 视为人群已变。高风险人数取一夜名单长度"
        "（evaluation.list_size）。",
    ).of(language)
    summary = Text("How steady are the scores?", "评分是否稳定？").of(language)
    return more(
        summary, element("p", said), table(caption, heads, rows, stacked=True, look="nights")
    )
