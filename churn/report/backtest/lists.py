"""What the planned lists would have earned, beside what they promised."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from churn.evaluation.backtest import BacktestResult, ListFigures
from churn.language import Text
from churn.report.backtest.nights import NIGHT, night_labels
from churn.report.page.charts import Dots, axis_of, dot_figure
from churn.report.page.markup import Content, element
from churn.report.page.numbers import count, figure, money, tick, with_bounds
from churn.report.page.tables import TableColumn, folded_table, measured, note
from churn.report.words import NOTHING


def lists_section(result: BacktestResult) -> Content:
    """Return the lists' profit night by night."""
    words = Text(
        "Profit of contacting everyone selected, the control arm included. Earned is an "
        "expectation, since nobody sees whom a call would have kept: who left for the cause that "
        "the action answers counts with the action's assumed effect, everybody else costs and "
        "brings nothing, those already gone when the window opened among them.",
        "收益按联系全部入选者（含对照）计。实现收益仍为期望值：因措施所针对原因流失者按假定效果计收益，"
        "其余（包括窗口开始前已离网者）只计成本。",
    )
    return (element("p", words), _chart(result), _table(result))


def _chart(result: BacktestResult) -> Content:
    lists = [night.planned for night in result.nights]
    had, every = sum(plan.refused is None for plan in lists), len(lists)
    if not had:
        return None
    earned = Text("earned, with 95 % interval", "实现（95 % 区间）")
    promised = Text("expected that night", "当晚预期")
    series = [
        Dots.whiskered(earned, (plan.realised for plan in lists)),
        Dots.bare(promised, (plan.expected for plan in lists), 1, hollow=True),
    ]
    realised = with_bounds(result.pooled_list.realised, money)
    expected = money(result.pooled_list.expected)
    return dot_figure(
        Text("Did the lists pay?", "名单是否有收益？"),
        Text(
            f"{had} of {every} nights had a list; together {realised} earned where {expected} was "
            "expected.",
            f"{every} 夜中有 {had} 夜生成名单，合计实现 {realised}，预期 {expected}。",
        ),
        night_labels(result.nights),
        series,
        NIGHT,
        axis_of(series, Text("profit, currency", "收益（金额）"), tick),
    )


def _table(result: BacktestResult) -> Content:
    nights = [night.night for night in result.nights]
    plans = [*(night.planned for night in result.nights), result.pooled_list]

    def column(label: Text, written: Callable[[ListFigures], Content]) -> TableColumn:
        cells = (NOTHING if plan.refused else written(plan) for plan in plans)
        return TableColumn(label, cells, number=True)

    remark = Text(
        "Judged: selected whose outcome no campaign's contact had touched; they stand for all. "
        "Left out: administrative ends.",
        "可评判：结果未受活动联系影响的入选者，代表全部入选者。不计：管理性离网。",
    )
    columns = [
        TableColumn(Text("Night", "夜晚"), [*map(str, nights), Text("All nights", "合计")]),
        TableColumn(Text("Contacts", "联系"), map(_contacts, plans, [*nights, None]), number=True),
        column(Text("Controls", "对照"), lambda plan: count(plan.controls)),
        column(Text("Judged", "可评判"), lambda plan: count(plan.judged)),
        column(Text("Left, answered", "针对性流失"), lambda plan: count(plan.churned)),
        column(Text("Gone before", "窗口前离网"), lambda plan: count(plan.gone)),
        column(Text("Left out", "不计"), lambda plan: count(plan.administrative)),
        column(Text("Expected", "预期收益"), lambda plan: money(plan.expected)),
        column(Text("Earned", "实现收益"), lambda plan: measured(plan.realised, money)),
        column(
            Text("Observed / expected", "实际 / 预期"),
            lambda plan: measured(plan.observed_expected, figure),
        ),
    ]
    return folded_table(Text("The lists in figures", "名单数据"), columns, note(remark))


def _contacts(plan: ListFigures, night: date | None) -> Content:
    if plan.refused is not None or plan.model_of in (None, night):
        return plan.refused or count(plan.listed)
    models = Text(f"models of {plan.model_of}", f"模型 {plan.model_of}")
    return (count(plan.listed), note(models))
