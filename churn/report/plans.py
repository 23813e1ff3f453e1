"""Scenarios of a night side by side: on a terminal, and as a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from churn.causes import CAUSES, RISKS
from churn.language import Language, Text, Words
from churn.learning.wording import currency_word
from churn.report.page.frame import write_document
from churn.report.page.markup import element
from churn.report.page.numbers import count, money
from churn.report.page.tables import TableColumn, lines, table
from churn.report.prices import price_lines
from churn.report.terminal.grid import grid
from churn.report.words import words_of
from churn.targeting import NOT_SELECTED, TargetingSettings


@dataclass(frozen=True)
class Planned:
    """What the night's list would be under one scenario.

    Attributes
    ----------
    totals
        Of its list, see :class:`~churn.targeting.TargetList`.
    shared
        Contacts that it shares with the first scenario, the night's own.
    """

    name: Words
    settings: TargetingSettings
    totals: Mapping[str, Any]
    shared: int


TOUCHES_NOTHING = Text(
    "A question, not a decision: the night's own list stays as it is.",
    "仅为试算，不改变当晚名单。",
)


def measures(plans: Sequence[Planned]) -> list[tuple[Words, list[str]]]:
    """Return what is told of each scenario: a name and a cell for every one."""
    currency = currency_word(plans[0].settings.value.currency)
    rows: list[tuple[Words, list[str]]] = [
        (
            Text(f"for the month, {currency.en}", f"当月预算（{currency.zh}）"),
            [money(plan.settings.budget.month) for plan in plans],
        ),
        (
            Text(f"for tonight, {currency.en}", f"当晚预算（{currency.zh}）"),
            [money(plan.totals["budget_tonight"]) for plan in plans],
        ),
        (Text("to contact", "联系"), [count(plan.totals["listed"]) for plan in plans]),
        (
            Text("of these on tonight's own list", "其中与当晚名单相同"),
            [count(plan.shared) for plan in plans],
        ),
        (Text("left alone as control", "对照组"), [count(p.totals["control"]) for p in plans]),
        (
            Text(f"planned spend, {currency.en}", f"计划支出（{currency.zh}）"),
            [money(plan.totals["planned_spend"]) for plan in plans],
        ),
        (
            Text(f"expected profit, {currency.en}", f"预期利润（{currency.zh}）"),
            [money(plan.totals["expected_profit"]) for plan in plans],
        ),
        (
            Text(f"profit more than tonight's, {currency.en}", f"较当晚增加（{currency.zh}）"),
            [money(_profit(plan) - _profit(plans[0])) for plan in plans],
        ),
        (
            Text(f"per contact, {currency.en}", f"每次联系（{currency.zh}）"),
            [money(_profit(p) / p.totals["listed"]) if p.totals["listed"] else "–" for p in plans],
        ),
    ]
    rows += [
        (risk.word, _counts(plans, "listed_by_cause", head))
        for head, risk in RISKS.items()
        if head in CAUSES or any(head in plan.totals["listed_by_cause"] for plan in plans)
    ]
    actions: dict[str, Text] = {}
    for plan in plans:
        actions |= words_of(plan.settings.actions)["action"]
    rows += [
        (word, _counts(plans, "listed_by_action", code))
        for code, word in actions.items()
        if any(code in plan.totals["listed_by_action"] for plan in plans)
    ]
    rows += [
        (Text("not listed: ", "未入选：") + word, _counts(plans, "not_selected", code))
        for code, word in NOT_SELECTED.items()
        if any(plan.totals["not_selected"].get(code) for plan in plans)
    ]
    return rows


def plan_lines(plans: Sequence[Planned], night: date, language: Language) -> list[str]:
    """Return the scenarios as lines, the night's own first."""
    header: list[Words] = [str(night), *(plan.name for plan in plans)]
    rows = [header, *([name, *cells] for name, cells in measures(plans))]
    told = grid(rows, language)
    for plan in plans:
        prices = price_lines(plan.totals["prices"], plan.settings)
        for line in prices[:3]:
            name = plan.name.of(language) if isinstance(plan.name, Text) else plan.name
            told.append(f"{name}: {line.of(language)}")
    return [*told, TOUCHES_NOTHING.of(language)]


def write_plans(plans: Sequence[Planned], night: date, language: Language) -> bytes:
    """Return the scenarios as a page; the same ones give the same bytes."""
    rows = measures(plans)
    title = Text(f"Scenarios of the night of {night}", f"{night} 夜的多方案试算")
    columns = [
        TableColumn(plan.name, [cells[at] for _, cells in rows], number=True)
        for at, plan in enumerate(plans)
    ]
    prices = [
        (element("h2", plan.name), lines(price_lines(plan.totals["prices"], plan.settings)))
        for plan in plans
        if plan.totals["prices"]
    ]
    caption = Text("What each would list and earn", "各方案的名单与收益")
    what = TableColumn(Text("Measure", "指标"), [name for name, _ in rows])
    content = (table(caption, what, *columns, stacked=True), prices, element("p", TOUCHES_NOTHING))
    return write_document(title, content, language)


def _profit(plan: Planned) -> float:
    return float(plan.totals["expected_profit"])


def _counts(plans: Sequence[Planned], total: str, code: str) -> list[str]:
    return [count(plan.totals[total].get(code, 0)) for plan in plans]
