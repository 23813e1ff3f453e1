"""What the planned lists would have earned, beside what they promised."""

from __future__ import annotations

import math
from datetime import date

from churn.evaluation.backtest import BacktestResult, ListFigures
from churn.language import Language, Text
from churn.report.backtest.nights import night_labels
from churn.report.page.axes import Axis
from churn.report.page.charts import Dots, dot_chart
from churn.report.page.markup import Content, Markup, element, join
from churn.report.page.numbers import bounds, count, figure, money, tick
from churn.report.page.tables import Head, more, note, table
from churn.report.page.tables import figure as chart
from churn.report.words import NOTHING


def lists_section(result: BacktestResult, language: Language) -> Markup:
    """Return the lists' profit night by night."""
    said = Text(
        "Profit of contacting everyone selected, the control arm included. Earned is an "
        "expectation, since nobody sees whom a call would have kept: who left for the cause that "
        "the action answers counts with the action's assumed effect, everybody else costs and "
        "brings nothing, those already gone when the window opened among them.",
        "收益按联系全部入选者（含对照）计。实现收益仍为期望值：因措施所针对原因流失者按假定效果计收益，"
        "其余（包括窗口开始前已离网者）只计成本。",
    ).of(language)
    return join(element("p", said), _chart(result, language), _table(result, language))


def _chart(result: BacktestResult, language: Language) -> Markup | None:
    lists = [night.planned for night in result.nights]
    if all(one.refused for one in lists):
        return None
    earned = tuple((one.realised.value, one.realised.lower, one.realised.upper) for one in lists)
    promised = tuple((one.expected,) * 3 for one in lists)
    series = [
        Dots(Text("earned, with 95 % interval", "实现（95 % 区间）").of(language), earned),
        Dots(Text("expected that night", "当晚预期").of(language), promised, 1, hollow=True),
    ]
    ends = [end for mark in (*earned, *promised) for end in mark if math.isfinite(end)]
    y = Axis.over(ends, Text("profit, currency", "收益（金额）").of(language), tick)
    title = Text("Did the lists pay?", "名单是否有收益？").of(language)
    whole, every = result.pooled_list, len(lists)
    had = sum(one.refused is None for one in lists)
    said = Text(
        f"{had} of {every} nights had a list; together {money(whole.realised.value)} "
        f"{bounds(whole.realised, money)} earned where {money(whole.expected)} was expected.",
        f"{every} 夜中有 {had} 夜生成名单，合计实现 {money(whole.realised.value)} "
        f"{bounds(whole.realised, money)}，预期 {money(whole.expected)}。",
    ).of(language)
    x = Text("night", "夜晚").of(language)
    image = dot_chart(night_labels(result.nights), series, x, y, f"{title} {said}")
    return chart(title, image, said)


def _table(result: BacktestResult, language: Language) -> Markup:
    heads = [
        Head(Text("Night", "夜晚").of(language)),
        Head(Text("Contacts", "联系").of(language), number=True),
        Head(Text("Controls", "对照").of(language), number=True),
        Head(Text("Judged", "可评判").of(language), number=True),
        Head(Text("Left, answered", "针对性流失").of(language), number=True),
        Head(Text("Gone before", "窗口前离网").of(language), number=True),
        Head(Text("Left out", "不计").of(language), number=True),
        Head(Text("Expected", "预期收益").of(language), number=True),
        Head(Text("Earned", "实现收益").of(language), number=True),
        Head(Text("Observed / expected", "实际 / 预期").of(language), number=True),
    ]
    rows = [
        (str(night.night), *_row(night.planned, night.night, language)) for night in result.nights
    ]
    whole = Text("All nights", "合计").of(language)
    rows.append((whole, *_row(result.pooled_list, None, language)))
    caption = Text("The lists in figures", "名单数据").of(language)
    told = Text(
        "Judged: selected whose outcome no campaign's contact had touched; they stand for all. "
        "Left out: administrative ends.",
        "可评判：结果未受活动联系影响的入选者，代表全部入选者。不计：管理性离网。",
    ).of(language)
    return more(caption, table(caption, heads, rows, stacked=True, look="nights"), note(told))


def _row(one: ListFigures, night: date | None, language: Language) -> list[Content]:
    if one.refused is not None:
        return [one.refused.of(language), *[NOTHING] * 8]
    return [
        join(
            count(one.listed),
            note(Text(f"models of {one.model_of}", f"模型 {one.model_of}").of(language))
            if one.model_of not in (None, night)
            else None,
        ),
        count(one.controls),
        count(one.judged),
        count(one.churned),
        count(one.gone),
        count(one.administrative),
        money(one.expected),
        join(money(one.realised.value), note(bounds(one.realised, money))),
        join(figure(one.observed_expected.value), note(bounds(one.observed_expected, figure))),
    ]
