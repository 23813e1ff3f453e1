"""What to do tonight: counts, money, actions and channels; or why there is no list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from churn.causes import CAUSES
from churn.language import Language, Text, Words
from churn.learning.wording import currency_word, priced
from churn.report.chosen import left_out_counts
from churn.report.columns import LABELS
from churn.report.effects import learning_lines
from churn.report.page.axes import Axis
from churn.report.page.charts import Line, bar, line_chart, stacked_bar
from churn.report.page.heads import CAUSE_WORDS, of_cause, sentence
from churn.report.page.markup import Content, Element, element
from churn.report.page.numbers import count, money, percent
from churn.report.page.tables import (
    TableColumn,
    figure,
    in_proportion,
    lines,
    more,
    numbers,
    table,
    tiles,
    warning,
)
from churn.report.parts import Models, Tonight
from churn.report.words import NOTHING, in_currency, worded, words_of
from churn.targeting import NOT_SELECTED

_MOST_POINTS = 300
_NEAREST = 20
_STEPS = (1, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)


def tonight_section(night: Tonight, notices: Mapping[str, int], language: Language) -> Content:
    """Return the list in figures: whom to reach, how, at what cost, for what gain."""
    totals: dict[str, Any] = night.done.totals
    currency = currency_word(night.settings.value.currency)
    profit, spent, budget = (
        totals[name] for name in ("expected_profit", "planned_spend", "budget_tonight")
    )
    held = totals["withheld_spend"]
    of_budget = percent((spent + held) / budget) if budget else percent(0)
    facts = [
        (
            Text("To contact", "需联系"),
            count(totals["listed"]),
            Text(f"of {totals['scored']:,} scored", f"共评分 {totals['scored']:,} 户"),
        ),
        (
            Text("Expected profit", "预期收益"),
            money(profit),
            Text(f"{currency.en}, all costs taken off", f"{currency.zh}，已扣全部成本"),
        ),
        (
            Text("Planned spend", "计划支出"),
            money(spent),
            Text(
                f"{currency.en} of a budget of {money(budget)}",
                f"{currency.zh}，当晚预算 {money(budget)}",
            ),
        ),
        (
            Text("Control arm", "对照组"),
            count(totals["control"]),
            Text("selected, but left alone to measure effects", "入选但不联系，用于衡量效果"),
        ),
        _notice_tile(notices),
    ]
    share = budget or 1.0
    budget_words = Text(
        f"Budget of the night: {of_budget} used – {money(spent)} for the list, {money(held)} "
        f"held back for the control arm, {money(budget - spent - held)} left.",
        f"当晚预算已用 {of_budget}：名单 {money(spent)}，对照组预留 {money(held)}，"
        f"剩余 {money(budget - spent - held)}。",
    )
    return (
        element("p", night.done.message, class_="lead"),
        tiles(facts),
        stacked_bar([(spent / share, "s0"), (held / share, "s1")], budget_words),
        element("p", budget_words),
        _actions(night) if totals["listed"] else None,
        lines(learning) if (learning := learning_lines(totals, night.settings)) else None,
        _why_not(totals),
        _limits(night, language),
    )


def no_list_section(
    models: Models | None, refused: str | None, notices: Mapping[str, int]
) -> Content:
    """Say in plain words why nobody is on a list tonight, and what is handed over all the same."""
    return (
        element("p", Text("There is no target list tonight.", "今晚没有挽留名单。"), class_="lead"),
        warning(_why_no_list(models, refused)),
        element(
            "p",
            Text(
                "Nobody is contacted on a guess. The last notices (last_notices.xlsx) do not "
                "depend on a model and are handed over as always.",
                "没有可靠模型就不安排联系。销号前告知（last_notices.xlsx）不依赖模型，照常交付。",
            ),
        ),
        tiles([_notice_tile(notices)]),
    )


def _why_no_list(models: Models | None, refused: str | None) -> Content:
    if models is None or models.in_place:
        early = Text("The run could not get as far as a list.", "本次运行未能生成名单。")
        return element("p", refused or early)
    sentences = []
    for cause in CAUSES:
        report = models.bundle.reports[cause]
        if report.off is not None:
            sentences.append(sentence(of_cause(cause, report.off)))
        elif report.verdict is not None:
            sentences.append(sentence(report.verdict.wording))
    return (
        element(
            "p",
            Text(
                "No model has shown on customers it had not seen that it can be trusted, and none "
                "from an earlier night is in place:",
                "没有模型在未见过的客户上证明可靠，也没有此前在用的模型：",
            ),
        ),
        lines(sentences),
    )


def _notice_tile(notices: Mapping[str, int]) -> tuple[Words, Content, Content]:
    """Return how many are about to be removed, and how many of them were not told."""
    untold, unknown = notices["not_notified"], notices["unknown"]
    return (
        Text("Last notices", "销号前告知"),
        count(notices["listed"]),
        Text(
            f"{untold:,} not told yet" + (f", {unknown:,} unknown" if unknown else ""),
            f"其中 {untold:,} 户尚未告知" + (f"，{unknown:,} 户不详" if unknown else ""),
        ),
    )


def _actions(night: Tonight) -> Element:
    words = words_of(night.settings.actions)
    frame = night.frame.assign(cents=(night.frame["expected_profit"] * 100).round().astype("int64"))
    groups = frame.groupby(["cause", "action", "channel"])["cents"].agg(["size", "sum"])
    groups = groups.sort_values("sum", ascending=False, kind="stable").reset_index()
    return table(
        Text("By action and channel", "按措施与渠道"),
        *(
            TableColumn(LABELS[name], [worded(code, name, words) for code in groups[name]])
            for name in ("action", "channel")
        ),
        TableColumn(Text("Against", "针对"), groups["cause"].map(CAUSE_WORDS)),
        numbers(Text("Contacts", "联系数"), groups["size"], count),
        in_proportion(map(bar, groups["size"] / groups["size"].max())),
        numbers(_profit_label(night), groups["sum"] / 100, money),
        stacked=True,
    )


def _profit_label(night: Tonight) -> Text:
    return in_currency(Text("Expected profit", "预期收益"), night.settings.value.currency)


def _why_not(totals: Mapping[str, Any]) -> Element | None:
    counts = {name: n for name, n in sorted(totals["not_selected"].items()) if n}
    if not counts:
        return None
    names = sorted(counts, key=lambda name: -counts[name])
    most, together = counts[names[0]], f"{sum(counts.values()):,}"
    return table(
        Text(
            f"Why {together} scored subscribers are not selected",
            f"{together} 户已评分用户未入选的原因",
        ),
        TableColumn(Text("Reason", "原因"), [NOT_SELECTED[name] for name in names]),
        numbers(Text("Subscribers", "用户数"), (counts[name] for name in names), count),
        in_proportion(bar(counts[name] / most, tone="s1") for name in names),
    )


def _limits(night: Tonight, language: Language) -> Element | None:
    """Return what kept paying contacts out, what each would have earned, and the best of them."""
    rows = left_out_counts(night.done.left_out, night.settings, language)
    rows = rows[rows["paying"] > 0]
    if rows.empty:
        return None
    words = words_of(night.settings.actions)
    forgone = in_currency(Text("Forgone", "放弃收益"), night.settings.value.currency)
    counted = table(
        Text("What kept paying contacts out", "有收益但未入选的原因"),
        TableColumn(Text("Reason", "原因"), [NOT_SELECTED[name] for name in rows["reason"]]),
        *(
            [TableColumn(Text("Limit", "限制"), [limit or NOTHING for limit in rows["limit"]])]
            if rows["limit"].notna().any()
            else []
        ),
        numbers(Text("Subscribers", "用户数"), rows["paying"], count),
        numbers(forgone, rows["forgone"], money),
        stacked=True,
    )
    if night.missed is None or night.missed.empty:
        return counted
    best = night.missed.head(_NEAREST)
    nearest = table(
        Text("Those who missed it by least", "最接近入选者"),
        TableColumn(LABELS["subscriber_id"], best["subscriber_id"]),
        TableColumn(Text("Reason", "原因"), [NOT_SELECTED[name] for name in best["reason"]]),
        TableColumn(LABELS["action"], [worded(name, "action", words) for name in best["action"]]),
        numbers(forgone, best["expected_profit"], money),
        stacked=True,
    )
    return element("div", counted, more(Text("Who missed it by least", "最接近入选者"), nearest))


def profit_section(night: Tonight) -> Element:
    """Return how expected profit grows from contact to contact, best first."""
    gained = [0]
    for amount in night.frame["expected_profit"]:
        gained.append(gained[-1] + round(amount * 100))
    last, currency = len(gained) - 1, night.settings.value.currency
    half = next(rank for rank, total in enumerate(gained) if total * 2 >= gained[-1])
    kept = sorted({round(last * step / _MOST_POINTS) for step in range(_MOST_POINTS + 1)})
    x = Axis.over([last], Text("contacts, best first", "联系数（收益从高到低）"), count)
    y = Axis.over(
        [total / 100 for total in gained],
        _profit_label(night),
        count,
    )
    title = Text("Expected profit, cumulated over the list", "名单累计预期收益")
    earned = priced(money(gained[-1] / 100), currency)
    caption = Text(
        f"The first {half:,} of {last:,} contacts bring half of the expected {earned.en}.",
        f"前 {half:,} 次联系（共 {last:,} 次）即可带来 {earned.zh}预期收益的一半。",
    )
    points = tuple((float(rank), gained[rank] / 100) for rank in kept)
    image = line_chart([Line(title, points)], x, y, title + ". " + caption)
    steps = sorted({rank for rank in (*_STEPS, last) if rank <= last})
    in_figures = table(
        Text("The same in figures", "对应数值"),
        TableColumn(Text("First contacts", "前几次联系"), map(count, steps)),
        numbers(_profit_label(night), (gained[rank] / 100 for rank in steps), money),
        numbers(
            Text("Share", "占比"), (gained[rank] / (gained[-1] or 1) for rank in steps), percent
        ),
    )
    return element("div", figure(title, image, caption, level=3), in_figures, class_="columns")
