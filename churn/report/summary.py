"""The second sheet of a list: its totals, what is assumed, what the columns mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from churn.language import Language, Text
from churn.learning.wording import number
from churn.report.columns import Column
from churn.report.words import CODES, words_of
from churn.targeting import NOT_SELECTED, TargetingSettings, TargetList


@dataclass(frozen=True)
class Section:
    """A titled block of rows; ``kinds`` tells how the values of each column are shown."""

    title: Text
    rows: tuple[tuple[Any, ...], ...]
    kinds: tuple[str, ...] = ()


def sections(
    done: TargetList,
    settings: TargetingSettings,
    columns: Sequence[Column],
    *,
    language: Language,
    gate: Sequence[str],
    notes: Sequence[str],
) -> list[Section]:
    """Return the blocks of the summary, in reading order; empty ones are left out."""
    blocks = [
        _counts(done, settings, language),
        _why_not(done, language),
        _by_action(done, settings, language),
        _money(done, settings, language),
        Section(Text("The model", "模型"), tuple((line,) for line in gate)),
        Section(Text("To know", "说明"), tuple((line,) for line in notes)),
        assumptions(settings, language),
        action_catalogue(settings, language),
        definitions(columns, language),
    ]
    return [block for block in blocks if block.rows]


def definitions(columns: Sequence[Column], language: Language) -> Section:
    """Return what each column means."""
    return Section(
        Text("Columns", "字段说明"),
        tuple((c.label.of(language), c.name, c.meaning.of(language)) for c in columns),
    )


def _counts(done: TargetList, settings: TargetingSettings, language: Language) -> Section:
    totals = done.totals
    withheld = {action.name for action in settings.actions if action.withheld_by_control}
    listed = _mapping(totals["listed_by_action"])
    control = settings.control_share
    drawn_from = len(done.controls) + sum(n for name, n in listed.items() if name in withheld)
    rows = (
        (Text("Scored subscribers", "评分用户数"), totals["scored"]),
        (Text("Selected", "入选"), totals["selected"]),
        (Text("… on this list, to be contacted", "… 列入名单，需联系"), totals["listed"]),
        (Text("… left alone as the control arm", "… 留作对照组，不联系"), totals["control"]),
        (
            Text(
                f"… of those that may be withheld, {_share(control, 'en')} are drawn",
                f"… 可留作对照的用户，按{_share(control, 'zh')}抽取",
            ),
            drawn_from,
        ),
        (Text("Not selected", "未入选"), sum(_mapping(totals["not_selected"]).values())),
    )
    return Section(
        Text("Counts", "数量"),
        tuple((label.of(language), n) for label, n in rows),
        ("text", "count"),
    )


def _why_not(done: TargetList, language: Language) -> Section:
    counts = _mapping(done.totals["not_selected"])
    return Section(
        Text("Not selected because", "未入选原因"),
        tuple((NOT_SELECTED[name].of(language), n) for name, n in counts.items()),
        ("text", "count"),
    )


def _by_action(done: TargetList, settings: TargetingSettings, language: Language) -> Section:
    labels = words_of(settings.actions)["action"]
    counts = _mapping(done.totals["listed_by_action"])
    return Section(
        Text("On the list by action", "名单按措施分布"),
        tuple((labels[name].of(language), n) for name, n in counts.items()),
        ("text", "count"),
    )


def _money(done: TargetList, settings: TargetingSettings, language: Language) -> Section:
    totals = done.totals
    rows = (
        (Text("Expected profit of the list", "名单预期收益"), totals["expected_profit"]),
        (Text("Planned spend of the list", "名单计划支出"), totals["planned_spend"]),
        (Text("Spend withheld by the control arm", "对照组未支出"), totals["withheld_spend"]),
        (Text("Budget of the night", "当晚预算"), totals["budget_tonight"]),
        (Text("Budget of the month", "月度预算"), settings.budget.month),
    )
    title = Text("Money", "金额")
    currency = settings.value.currency
    return Section(
        Text(f"{title.en} ({currency})", f"{title.zh}（{currency}）"),
        tuple((label.of(language), amount) for label, amount in rows),
        ("text", "money"),
    )


def assumptions(settings: TargetingSettings, language: Language) -> Section:
    """Return what values, effects and profits are taken to be."""
    value = settings.value
    lines = (
        Text(
            f"Value if saved: {_share(value.margin_share, 'en')} of the average of the last "
            f"{value.bills} known bills, over {value.horizon_months} months, a year's money "
            f"discounted by {_share(value.discount_rate, 'en')}, monthly survival "
            f"{_share(value.monthly_survival, 'en')}; "
            f"{value.fallback_value:,.2f} where no bill is known.",
            f"挽留价值：近{value.bills}期账单均值的{_share(value.margin_share, 'zh')}，"
            f"计{value.horizon_months}个月，年贴现率{_share(value.discount_rate, 'zh')}，"
            f"月留存率{_share(value.monthly_survival, 'zh')}；"
            f"无账单者按{value.fallback_value:,.2f}计。",
        ),
        Text(
            f"Passive churn adds {_share(value.recovered_share, 'en')} of the arrears, "
            f"{value.reconnection_cost:,.2f} for the reconnection and "
            f"{value.collection_cost:,.2f} for the collection avoided.",
            f"被动流失另加：欠费的{_share(value.recovered_share, 'zh')}、避免的复机成本"
            f"{value.reconnection_cost:,.2f}与催收成本{value.collection_cost:,.2f}。",
        ),
        Text(
            "Expected profit of a contact: p·γ·(V − d) − (1 − p)·ψ·d − f, with p the chance to "
            "leave, γ its fall under the action, d the offer's cost, ψ the share of stayers who "
            "take it, f the contact's cost.",
            "单次联系预期收益：p·γ·(V − d) − (1 − p)·ψ·d − f；p 流失概率，γ 措施降低比例，"
            "d 优惠成本，ψ 不流失者接受比例，f 联系成本。",
        ),
        Text(
            "The effects of the actions are assumptions until contacts with a control arm have "
            "measured them.",
            "各措施效果为假设值，待对照组实测后更新。",
        ),
    )
    return Section(Text("Assumed", "假设"), tuple((line.of(language),) for line in lines))


def action_catalogue(settings: TargetingSettings, language: Language) -> Section:
    """Return the actions with what they cost and are assumed to do, a row of headers first."""
    header = (
        Text("action", "措施"),
        Text("answers", "针对"),
        Text("channel", "渠道"),
        Text("contact cost f", "联系成本 f"),
        Text("offer cost d", "优惠成本 d"),
        Text("take rate ψ", "接受率 ψ"),
        Text("effect γ (assumed)", "效果 γ（假设）"),
    )
    rows = tuple(
        (
            action.label.of(language),
            CODES[action.answers].of(language),
            CODES[action.channel].of(language),
            action.contact_cost,
            action.offer_cost,
            action.take_rate,
            action.effect,
        )
        for action in settings.actions
    )
    return Section(
        Text("Actions", "措施目录"),
        (tuple(text.of(language) for text in header), *rows),
        ("text", "text", "text", "money", "money", "chance", "chance"),
    )


def _share(value: float, language: Language) -> str:
    return number(value, "share", language, exact=True)


def _mapping(value: object) -> dict[str, int]:
    return dict(value) if isinstance(value, dict) else {}
