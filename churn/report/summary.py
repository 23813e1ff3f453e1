"""The second sheet of a list: its totals, what is assumed, what the columns mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from churn.language import Language, Text, Words, resolved
from churn.learning.wording import number
from churn.report.columns import REGION, ListColumn
from churn.report.effects import ASSUMED, NOTHING, learning_lines, source_of
from churn.report.prices import price_lines
from churn.report.survival import survival_lines
from churn.report.words import CODES, PRODUCTS, in_currency, worded, words_of
from churn.targeting import NOT_SELECTED, Action, TargetingSettings, TargetList
from churn.targeting.effects import Effect
from churn.targeting.survival import MonthsToCome

TO_KNOW = Text("To know", "说明")


@dataclass(frozen=True)
class Section:
    """A titled block of rows; ``kinds`` tells how the values of each column are shown.

    A ``header`` names the columns where the rows do not speak for themselves. A ``chart`` shows
    the second column beside it.
    """

    title: Words
    rows: tuple[tuple[Any, ...], ...]
    kinds: tuple[str, ...] = ()
    chart: bool = False
    header: tuple[Words, ...] = ()

    def of(self, language: Language) -> Section:
        """Return the block in one language."""
        rows = tuple(tuple(resolved(cell, language) for cell in row) for row in self.rows)
        header = tuple(resolved(cell, language) for cell in self.header)
        return Section(resolved(self.title, language), rows, self.kinds, self.chart, header)


def sentences(title: Text, lines: Iterable[Words]) -> Section:
    """Return a block of single sentences."""
    return Section(title, tuple((line,) for line in lines))


def sections(
    done: TargetList,
    settings: TargetingSettings,
    columns: Sequence[ListColumn],
    *,
    gate: Sequence[str],
    notes: Sequence[str],
) -> list[Section]:
    """Return the blocks of the summary, in reading order; empty ones are left out."""
    totals: dict[str, Any] = done.totals
    words = words_of(settings.actions)
    blocks = [
        _counts(done, settings),
        _by(Text("Not selected because", "未入选原因"), NOT_SELECTED, totals["not_selected"]),
        _by(
            Text("On the list by cause", "名单按流失类型分布"),
            words["cause"],
            totals["listed_by_cause"],
        ),
        _by(
            Text("On the list by action", "名单按措施分布"),
            words["action"],
            totals["listed_by_action"],
        ),
        _by_region(done, settings.value.currency),
        _money(done, settings),
        sentences(
            Text("What one more would earn", "限制的影子价格"),
            price_lines(totals["prices"], settings),
        ),
        sentences(Text("Learning", "积累经验"), learning_lines(totals, settings)),
        sentences(Text("The model", "模型"), gate),
        sentences(TO_KNOW, notes),
        assumptions(settings, totals["survival"]),
        action_catalogue(settings, effects_of(done)),
        definitions(columns),
    ]
    return [block for block in blocks if block.rows]


def definitions(columns: Iterable[ListColumn]) -> Section:
    """Return what each column means; one that stands on several sheets is told once."""
    told: dict[tuple[str, Text], ListColumn] = {}
    for column in columns:
        told.setdefault((column.name, column.label), column)
    rows = tuple((column.label, column.name, column.meaning) for column in told.values())
    return Section(Text("Columns", "字段说明"), rows)


def _counts(done: TargetList, settings: TargetingSettings) -> Section:
    totals: dict[str, Any] = done.totals
    withheld = {action.name for action in settings.actions if action.withheld_by_control}
    listed = totals["listed_by_action"].items()
    drawn_from = len(done.controls) + sum(n for name, n in listed if name in withheld)
    control = _control(settings)
    return Section(
        Text("Counts", "数量"),
        (
            (Text("Scored subscribers", "评分用户数"), totals["scored"]),
            (Text("Selected", "入选"), totals["selected"]),
            (Text("… on this list, to be contacted", "… 列入名单，需联系"), totals["listed"]),
            (Text("… left alone as the control arm", "… 留作对照组，不联系"), totals["control"]),
            (
                Text(
                    f"… of those that may be withheld, {control.en} are drawn",
                    f"… 可留作对照的用户，按{control.zh}抽取",
                ),
                drawn_from,
            ),
            (Text("Not selected", "未入选"), sum(totals["not_selected"].values())),
        ),
        ("text", "count"),
    )


def _control(settings: TargetingSettings) -> Text:
    """Say which share is left alone, and which while an action is not settled."""
    usual, early = settings.control_share, settings.learning.control_share
    told = _share(usual)
    if early is None or early <= usual:
        return told
    first = _share(early)
    return Text(
        f"{told.en} ({first.en} until the action is settled)",
        f"{told.zh}（措施效果未定前为{first.zh}）",
    )


def _by(title: Text, labels: Mapping[str, Text], counts: Mapping[str, int]) -> Section:
    """Return what there is any of, the most first."""
    most = sorted(counts.items(), key=lambda item: -item[1])
    rows = tuple((labels[name], n) for name, n in most if n)
    return Section(title, rows, ("text", "count"), chart=True)


def _by_region(done: TargetList, currency: str) -> Section:
    """Return the contacts of each region and what they are expected to earn."""
    regions = done.frame.groupby(done.frame["region"].astype("str").fillna(""), sort=True)[
        "expected_profit"
    ]
    sums = regions.agg(["sum", "size"]).sort_values("sum", ascending=False, kind="stable")
    rows = tuple(
        (name or Text("without a region", "无区域"), float(row["sum"]), int(row["size"]))
        for name, row in sums.iterrows()
    )
    title = Text("Expected profit and contacts by region", "按区域的预期收益与联系数")
    header = (
        REGION.label,
        in_currency(Text("Expected profit", "预期收益"), currency),
        Text("Contacts", "联系数"),
    )
    return Section(title, rows, ("text", "money", "count"), chart=True, header=header)


def _money(done: TargetList, settings: TargetingSettings) -> Section:
    totals = done.totals
    return Section(
        in_currency(Text("Money", "金额"), settings.value.currency),
        (
            (Text("Expected profit of the list", "名单预期收益"), totals["expected_profit"]),
            (Text("Planned spend of the list", "名单计划支出"), totals["planned_spend"]),
            (Text("Spend withheld by the control arm", "对照组未支出"), totals["withheld_spend"]),
            (Text("Budget of the night", "当晚预算"), totals["budget_tonight"]),
            (Text("Budget of the month", "月度预算"), settings.budget.month),
        ),
        ("text", "money"),
    )


def assumptions(settings: TargetingSettings, survival: object = None) -> Section:
    """Return what values, effects and profits are taken to be.

    Parameters
    ----------
    survival
        How long subscribers stay, as the list's totals have it.
    """
    lives = None if survival is None else MonthsToCome.model_validate(survival)
    value = settings.value
    margin, discount, monthly, recovered = map(
        _share,
        (value.margin_share, value.discount_rate, value.monthly_survival, value.recovered_share),
    )
    own = _by_product({str(name): share for name, share in value.margin_by_product.items()})
    from_history = lives is not None and lives.used
    stays = (
        Text("months to come as history shows them", "未来在网月数按历史估计")
        if from_history
        else Text(f"monthly survival {monthly.en}", f"月留存率{monthly.zh}")
    )
    lines = (
        Text(
            f"Value if saved: {margin.en} of the average of the last "
            f"{value.bills} known bills, over {value.horizon_months} months, a year's money "
            f"discounted by {discount.en}, {stays.en}; "
            f"{value.fallback_value:,.2f} where no bill is known.{own.en}",
            f"挽留价值：近{value.bills}期账单均值的{margin.zh}，"
            f"计{value.horizon_months}个月，年贴现率{discount.zh}，"
            f"{stays.zh}；"
            f"无账单者按{value.fallback_value:,.2f}计。{own.zh}",
        ),
        Text(
            f"Passive churn adds {recovered.en} of the arrears, "
            f"{value.reconnection_cost:,.2f} for the reconnection and "
            f"{value.collection_cost:,.2f} for the collection avoided.",
            f"被动流失另加：欠费的{recovered.zh}、避免的复机成本"
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
            "Each action's effect is what its randomised arms showed, shrunk towards the "
            "assumption by how little they showed; where nothing was measured, the assumption.",
            "各措施效果取随机对照实测值，按证据多少向假设值收缩；未测量者为假设值。",
        ),
    )
    return sentences(Text("Assumed", "假设"), (*lines, *survival_lines(lives)))


def _by_product(margins: Mapping[str, float]) -> Text:
    """Say which products have a margin of their own."""
    if not margins:
        return Text("", "")
    told = {PRODUCTS[name]: _share(share) for name, share in sorted(margins.items())}
    named = ", ".join(f"{product.en} {share.en}" for product, share in told.items())
    words = "、".join(f"{product.zh}{share.zh}" for product, share in told.items())
    return Text(f" Margin of its own: {named}.", f"单独毛利率：{words}。")


_ACTION: tuple[tuple[str, Text, Callable[[Action], Any]], ...] = (
    ("text", Text("action", "措施"), lambda action: action.label),
    ("text", Text("answers", "针对"), lambda action: worded(action.answers, "cause", words_of(()))),
    ("text", Text("channel", "渠道"), lambda action: CODES[action.channel]),
    ("money", Text("contact cost f", "联系成本 f"), lambda action: action.contact_cost),
    ("money", Text("offer cost d", "优惠成本 d"), lambda action: action.offer_cost),
    ("chance", Text("take rate ψ", "接受率 ψ"), lambda action: action.take_rate),
)


def effects_of(done: TargetList) -> tuple[Effect, ...]:
    """Return the effects that a list reckoned with."""
    stored: list[dict[str, Any]] = done.totals["effects"]  # type: ignore[assignment] # as JSON
    return tuple(map(Effect.model_validate, stored))


def action_catalogue(settings: TargetingSettings, effects: Sequence[Effect]) -> Section:
    """Return the actions with what they cost and do.

    Each effect stands beside where it comes from: measured, assumed, or not measurable.
    """
    kinds, header, cells = zip(*_ACTION, strict=True)
    by_name = {effect.action: effect for effect in effects}
    header = (
        *header,
        Text("effect γ used", "采用效果 γ"),
        Text("treated / control", "接触组/对照组"),
        Text("it is", "来源"),
    )
    rows = []
    for action in settings.actions:
        effect = by_name.get(action.name)
        used = action.effect if effect is None else effect.used
        source = ASSUMED if effect is None else source_of(effect)
        arms = f"{effect.treated:,} / {effect.control:,}" if effect else NOTHING
        rows.append((*(cell(action) for cell in cells), used, arms, source))
    kinds = (*kinds, "chance", "text", "text")
    return Section(Text("Actions", "措施目录"), tuple(rows), kinds, header=header)


def _share(value: float) -> Text:
    return Text.by(lambda language: number(value, "share", language, exact=True))
