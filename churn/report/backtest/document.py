"""``backtest.html``: what past nights would have said and done, beside what happened."""

from __future__ import annotations

from churn.evaluation.backtest import BacktestResult
from churn.language import Language, Text
from churn.panel import NOT_OUT_OF_TIME
from churn.report.backtest.lists import lists_section
from churn.report.backtest.nights import CHAMPION, nights_on, nights_section, span
from churn.report.backtest.weighting import weighting_section
from churn.report.page.document import whole
from churn.report.page.markup import Content, Markup, element, join
from churn.report.page.numbers import bounds, count, figure, money, percent
from churn.report.page.tables import lines, tiles
from churn.report.page.tonight import CAUSE_WORDS


def write_backtest(result: BacktestResult, language: Language) -> bytes:
    """Return ``backtest.html``; the same result gives the same bytes on any day."""
    title = Text(
        f"Backtest of {len(result.nights)} nights, outcomes known as of {result.as_of}",
        f"{len(result.nights)} 个夜晚的回测（结果截至 {result.as_of}）",
    ).of(language)
    sections: list[tuple[str, Text, Content]] = [
        ("short", Text("In short", "概要"), _short(result, language)),
        ("nights", Text("Night by night", "逐夜结果"), nights_section(result, language)),
        ("lists", Text("What the lists would have earned", "名单收益"),
         lists_section(result, language)),
        ("weighting", Text("Past campaigns", "以往活动的影响"),
         weighting_section(result, language)),
        ("basis", Text("What this rests on", "回测依据"), _basis(result, language)),
    ]  # fmt: skip
    said = Text(
        "churn · Everything here comes from backtest.json beside this page; rows are in "
        "backtest.parquet.",
        "churn · 本页内容来自同目录的 backtest.json，明细见 backtest.parquet。",
    ).of(language)
    return whole(title, sections, element("footer", element("p", said)), language)


def _short(result: BacktestResult, language: Language) -> Markup:
    first, last = result.nights[0].night, result.nights[-1].night
    facts = [
        (
            Text("Nights", "夜晚").of(language),
            count(len(result.nights)),
            f"{first} … {last}",
        )
    ]
    for cause, head in result.pooled.items():
        found = head.figures.metrics.get(CHAMPION)
        name = CAUSE_WORDS[cause]
        if found is None:
            continue
        auc, average = found["roc_auc"], found["average_precision"]
        on, every = len(nights_on(result.nights, cause)), len(result.nights)
        some = Text(f"; {on} of {every} nights", f"；{every} 夜中 {on} 夜")
        label = Text(f"{name.en}: ROC AUC", f"{name.zh}：ROC AUC").of(language)
        facts.append((label, figure(auc.value), f"{bounds(auc, figure)}{some.of(language)}"))
        label = Text(f"{name.en}: average precision", f"{name.zh}：平均精度").of(language)
        base = percent(head.figures.base_rate)
        facts.append(
            (
                label,
                percent(average.value),
                Text(
                    f"{bounds(average, percent)}; base rate {base}",
                    f"{bounds(average, percent)}；基准流失率 {base}",
                ).of(language),
            )
        )
    planned = result.pooled_list
    if planned.refused is None:
        facts.append(
            (
                Text("Earned by the lists", "名单实现收益").of(language),
                money(planned.realised.value),
                Text(
                    f"{bounds(planned.realised, money)}; expected {money(planned.expected)}",
                    f"{bounds(planned.realised, money)}；预期 {money(planned.expected)}",
                ).of(language),
            )
        )
    return join(_warnings(result, language), tiles(facts))


def _warnings(result: BacktestResult, language: Language) -> Markup | None:
    """Say what a reader must not overlook."""
    told: list[str] = []
    every = len(result.nights)
    for order, text in NOT_OUT_OF_TIME.items():
        nights = [night for night in result.nights if night.learned.order == order]
        if nights:
            told.append(
                Text(
                    f"{len(nights)} of {every} nights had little history ({span(nights)}). "
                    f"{text.en} Every night here is judged by outcomes later than all it knew.",
                    f"{len(nights)} 个夜晚历史较短（{span(nights)}）。{text.zh}"
                    "本页各夜均以其后的结果评判。",
                ).of(language)
            )
    without = [night for night in result.nights if night.planned.refused is not None]
    if without and (why := without[-1].planned.refused):
        told.append(
            Text(
                f"{len(without)} of {every} nights had no list ({span(without)}): {why.en}.",
                f"{every} 夜中有 {len(without)} 夜未生成名单（{span(without)}）：{why.zh}。",
            ).of(language)
        )
    for day, why in sorted(result.not_judged.items()):
        told.append(
            Text(f"{day} is not replayed: {why.en}.", f"{day} 未回放：{why.zh}。").of(language)
        )
    return element("div", lines(told), class_="warning", role="note") if told else None


def _basis(result: BacktestResult, language: Language) -> Markup:
    window = {
        "expanding": Text("all history known then", "当时已知的全部历史"),
        "rolling": Text("the latest snapshots only", "仅最近的快照"),
    }[result.window]
    rhythm = Text("every night", "每夜") if result.every == 1 else Text(
        f"every {result.every} nights", f"每 {result.every} 夜"
    )  # fmt: skip
    told = [
        Text(
            "Each night is replayed with the deliveries that had arrived by then: snapshots whose "
            "labels were final that night train, and the night's own data is scored.",
            "每夜仅使用当时已到达的数据：以当晚标签已确定的快照训练，并对当晚数据评分。",
        ),
        Text(
            f"Models were trained on {rhythm.en}, from {window.en}.",
            f"训练频率：{rhythm.zh}；训练窗口：{window.zh}。",
        ),
        Text(
            "Lists come from the models in place on the night: a head that fails the gate selects "
            "nobody, and an earlier champion goes on. Every training was audited for leaks.",
            "名单由当晚在用的模型生成：未通过准入的模型不入选任何用户，沿用此前的模型。"
            "每次训练均经泄漏审计。",
        ),
        Text(
            "Those gone before the window opened count as stayers in both heads, and in the lists "
            "at full cost and no benefit. Administrative ends are left out and counted.",
            "窗口开始前已离网者在两个模型中按未流失计，在名单中计全部成本、不计收益。"
            "管理性离网不计入，仅计数。",
        ),
        Text(
            "Brackets are 95 % intervals over customers; the nights of a customer are drawn "
            "together.",
            "方括号为按客户重抽样的 95 % 区间，同一客户的各夜一并抽取。",
        ),
    ]
    if result.availability_assumed:
        names = ", ".join(result.availability_assumed)
        told.append(Text(f"Availability assumed: {names}.", f"以下数据的可用时间为假定：{names}。"))
    return lines([one.of(language) for one in told])
