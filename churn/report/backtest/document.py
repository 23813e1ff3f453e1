"""``backtest.html``: what past nights would have said and done, beside what happened."""

from __future__ import annotations

from churn.evaluation.backtest import BacktestResult
from churn.language import Language, Text, Words
from churn.panel import NOT_OUT_OF_TIME
from churn.report.backtest.lists import lists_section
from churn.report.backtest.nights import CHAMPION, nights_on, nights_section, span
from churn.report.backtest.weighting import weighting_section
from churn.report.page.frame import whole
from churn.report.page.heads import of_cause
from churn.report.page.markup import Content, Element
from churn.report.page.numbers import bounds, count, figure, money, percent
from churn.report.page.tables import lines, tiles, warning


def write_backtest(result: BacktestResult, language: Language) -> bytes:
    """Return ``backtest.html``; the same result gives the same bytes on any day."""
    title = Text(
        f"Backtest of {len(result.nights)} nights, outcomes known as of {result.as_of}",
        f"{len(result.nights)} 个夜晚的回测（结果截至 {result.as_of}）",
    )
    footer = Text(
        "churn · Everything here comes from backtest.json beside this page; rows are in "
        "backtest.parquet.",
        "churn · 本页内容来自同目录的 backtest.json，明细见 backtest.parquet。",
    )
    sections = (
        ("short", Text("In short", "概要"), _short(result)),
        ("nights", Text("Night by night", "逐夜结果"), nights_section(result)),
        ("lists", Text("What the lists would have earned", "名单收益"), lists_section(result)),
        ("weighting", Text("Past campaigns", "以往活动的影响"), weighting_section(result)),
        ("basis", Text("What this rests on", "回测依据"), _basis(result)),
    )
    return whole(title, sections, footer, language)


def _short(result: BacktestResult) -> Content:
    first, last, every = result.nights[0].night, result.nights[-1].night, len(result.nights)
    facts: list[tuple[Words, Content, Content]] = [
        (Text("Nights", "夜晚"), count(every), f"{first} … {last}")
    ]
    for cause, head in result.pooled.items():
        metrics = head.figures.metrics.get(CHAMPION)
        if metrics is None:
            continue
        auc, average = metrics["roc_auc"], metrics["average_precision"]
        on, base = len(nights_on(result.nights, cause)), percent(head.figures.base_rate)
        some = Text(f"; {on} of {every} nights", f"；{every} 夜中 {on} 夜")
        rate = Text(f"; base rate {base}", f"；基准流失率 {base}")
        facts += [
            (
                of_cause(cause, Text("ROC AUC", "ROC AUC")),
                figure(auc.value),
                (bounds(auc, figure), some),
            ),
            (
                of_cause(cause, Text("average precision", "平均精度")),
                percent(average.value),
                (bounds(average, percent), rate),
            ),
        ]
    planned = result.pooled_list
    if planned.refused is None:
        expected = money(planned.expected)
        facts.append(
            (
                Text("Earned by the lists", "名单实现收益"),
                money(planned.realised.value),
                (
                    bounds(planned.realised, money),
                    Text(f"; expected {expected}", f"；预期 {expected}"),
                ),
            )
        )
    return (_warnings(result), tiles(facts))


def _warnings(result: BacktestResult) -> Element | None:
    """Say what a reader must not overlook."""
    warnings = []
    every = len(result.nights)
    for order, text in NOT_OUT_OF_TIME.items():
        nights = [night for night in result.nights if night.learned.order == order]
        if nights:
            warnings.append(
                Text(
                    f"{len(nights)} of {every} nights had little history ({span(nights)}). "
                    f"{text.en} Every night here is judged by outcomes later than all it knew.",
                    f"{len(nights)} 个夜晚历史较短（{span(nights)}）。{text.zh}"
                    "本页各夜均以其后的结果评判。",
                )
            )
    without = [night for night in result.nights if night.planned.refused is not None]
    if without and (why := without[-1].planned.refused):
        warnings.append(
            Text(
                f"{len(without)} of {every} nights had no list ({span(without)}): {why.en}.",
                f"{every} 夜中有 {len(without)} 夜未生成名单（{span(without)}）：{why.zh}。",
            )
        )
    for day, why in sorted(result.not_judged.items()):
        warnings.append(Text(f"{day} is not replayed: {why.en}.", f"{day} 未回放：{why.zh}。"))
    return warning(lines(warnings)) if warnings else None


def _basis(result: BacktestResult) -> Element:
    window = {
        "expanding": Text("all history known then", "当时已知的全部历史"),
        "rolling": Text("the latest snapshots only", "仅最近的快照"),
    }[result.window]
    rhythm = Text("every night", "每夜") if result.every == 1 else Text(
        f"every {result.every} nights", f"每 {result.every} 夜"
    )  # fmt: skip
    basis = [
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
        basis.append(
            Text(f"Availability assumed: {names}.", f"以下数据的可用时间为假定：{names}。")
        )
    return lines(basis)
