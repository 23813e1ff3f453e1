"""The lists of past nights on the watch's page: profit expected, and earned by now."""

from __future__ import annotations

import math
from collections.abc import Sequence

from churn.language import Text, Words
from churn.monitoring.record import ListProfit
from churn.report.page.charts import Dots, axis_of, dot_figure, spaced
from churn.report.page.markup import Content, Element, element
from churn.report.page.numbers import count, money, tick
from churn.report.page.tables import TableColumn, columns, measured, numbers, table
from churn.report.words import NOTHING

_FEW = 6
"""Months that have room beside each other on an axis."""
LISTS = Text("Lists: profit expected and earned", "名单：预期与实现收益")
_ABOUT = Text(
    "Earned is measured against the controls, whom lot left alone, with no effect assumed: by how "
    "much less was lost of the contacted, minus what offers and contacts cost as planned. Compared "
    "are contacts of actions that have controls and answer departures. Whoever left counts as "
    "lost, whatever the cause; administrative ends do not count. Intervals are 95 %, over "
    "customers.",
    "实现收益以随机对照组衡量，不假定任何效果：被联系者比对照组少损失的价值，减去按计划的优惠与联系成本。"
    "仅比较设有对照且针对离网的措施；无论何种原因离网均计为损失，管理性离网不计。"
    "区间为按客户计算的 95 % 区间。",
)


def lists_of(lists: Sequence[ListProfit]) -> Content:
    """Return the lists over all nights: what is measured as a chart, and every month's figures."""
    if not lists:
        return element("p", Text("No list was handed over before.", "此前尚未交付名单。"))
    return (columns(_chart(lists)), _table(lists), element("p", _ABOUT))


def _chart(lists: Sequence[ListProfit]) -> Element | None:
    if not any(each.realised for each in lists):
        return None
    series = [
        Dots.whiskered(Text("earned", "实现"), [each.realised for each in lists]),
        Dots.bare(
            Text("expected of the same contacts", "同一批联系的预期"),
            [each.expected_of_compared if each.realised else math.nan for each in lists],
            1,
            hollow=True,
        ),
    ]
    return dot_figure(
        Text("Do the lists pay?", "名单是否有收益？"),
        Text(
            "Months whose outcomes are final and that left enough controls alone.",
            "仅含结果已成熟且对照户数足够的月份。",
        ),
        spaced([f"{each.month:%y-%m}" for each in lists], _FEW),
        series,
        Text("month of the list", "名单月份"),
        axis_of(series, Text("profit, currency", "收益（金额）"), tick),
    )


def _table(lists: Sequence[ListProfit]) -> Element:
    return table(
        Text("Lists handed over, by month", "已交付名单（按月）"),
        TableColumn(Text("Month", "月份"), (f"{each.month:%Y-%m}" for each in lists)),
        numbers(Text("Lists", "名单数"), (each.lists for each in lists), count),
        numbers(Text("Contacts", "联系户数"), (each.contacts for each in lists), count),
        numbers(Text("Expected", "预期收益"), (each.expected for each in lists), money),
        TableColumn(
            Text("Compared with controls", "与对照比较"), map(_compared, lists), number=True
        ),
        TableColumn(
            Text("Expected of those", "其预期收益"),
            (money(each.expected_of_compared) if each.realised else NOTHING for each in lists),
            number=True,
        ),
        TableColumn(Text("Earned", "实现收益"), map(_earned, lists), number=True),
        stacked=True,
        look="nights",
    )


def _compared(each: ListProfit) -> Words:
    if not each.mature:
        return NOTHING
    contacts, controls = count(each.compared), count(each.controls)
    return Text(f"{contacts} with {controls}", f"{contacts} 对 {controls}")


def _earned(each: ListProfit) -> Content:
    """Return the figure with its interval, or why there is none."""
    if not each.mature:
        return Text(f"not final before {each.mature_on}", f"{each.mature_on} 前未成熟")
    if each.realised is not None:
        return measured(each.realised, money)
    if math.isnan(each.expected):
        return Text(
            "not measurable: not all of its decision is stored", "无法衡量：其决策未完整保存"
        )
    return Text("not measurable: too few controls", "无法衡量：对照户数不足")
