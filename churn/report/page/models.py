"""How far the models can be trusted: verdict, figures, curves and the tree, head by head."""

from __future__ import annotations

import math

from churn.language import Language, Text
from churn.learning import CAUSES, Cause
from churn.learning.heads import HeadReport
from churn.panel import NOT_OUT_OF_TIME
from churn.report.page.curves import calibration_figure, gains_figure, lift_figure
from churn.report.page.markup import Markup, element, join
from churn.report.page.metric_words import METHODS, learner_name
from churn.report.page.metrics import metrics_tables
from churn.report.page.numbers import count, figure, percent
from churn.report.page.parts import Models
from churn.report.page.tables import Head, lines, more, table
from churn.report.page.tonight import CAUSE_WORDS, sentence
from churn.report.page.tree import picture_of, read_tree

_PARTS = {
    "train": Text("learned on", "训练"),
    "calibration": Text("calibrated on", "校准"),
    "test": Text("tested on", "测试"),
}


def models_section(models: Models, language: Language) -> Markup:
    """Return both heads, one below the other."""
    trained = models.bundle.meta.get("as_of")
    return join(
        element(
            "p",
            Text(f"Trained as of {trained}. ", f"训练截至 {trained}。").of(language)
            if trained
            else None,
            _tested(models, language),
        ),
        _audit(models),
        [
            join(
                element("h3", CAUSE_WORDS[cause].of(language)),
                _head(models, cause, language),
            )
            for cause in CAUSES
        ],
    )


def _audit(models: Models) -> Markup | None:
    """Return what the leak audit said: one line, and the findings folded in below it."""
    if not models.audit:
        return None
    headline, *findings = models.audit
    if not findings:
        return element("p", headline)
    return more(headline, lines(findings))


def _tested(models: Models, language: Language) -> str | None:
    if models.test_scores is None or models.test_scores.empty:
        return None
    days = models.test_scores["snapshot"]
    first, last = (str(day)[:10] for day in (days.min(), days.max()))
    told = Text("brackets are 95 % intervals over customers", "方括号为按客户重抽样的 95 % 区间")
    said = Text(
        f"Figures are from customers as they stood on {first} … {last}, after everything the "
        f"models had learned from; {told.en}.",
        f"指标来自 {first} 至 {last} 的测试快照，均晚于训练数据；{told.zh}。",
    )
    if not models.bundle.out_of_time:
        split = NOT_OUT_OF_TIME[models.bundle.meta.get("split", "customer")]
        said = Text(
            f"Figures are from customers as they stood on {first} … {last}; {told.en}. {split.en}",
            f"指标来自 {first} 至 {last} 的测试快照；{told.zh}。{split.zh}",
        )
    return said.of(language)


def _head(models: Models, cause: Cause, language: Language) -> Markup:
    found = models.bundle.reports[cause]
    if found.off is not None:
        off = found.off.of(language)
        said = Text(f"This model is off: {off}.", f"该模型未启用：{off}。").of(language)
        return join(element("p", said, class_="warning"), _parts_table(found, language))
    tree = None
    if cause in models.bundle.heads:
        tree = join(
            element("h4", Text("The tree, to read", "决策树").of(language)),
            element(
                "p",
                Text(
                    "Each line is a condition, indented below the one it refines; the bar is the "
                    "share that leaves, its mark the average. Rule 1 is the riskiest. The tree "
                    "explains; the ranking is the champion's.",
                    "每行是一个条件，缩进表示在上一条件之下；条形为流失占比，竖线为平均值。"
                    "规则 1 风险最高。决策树用于解释，排序以最终模型为准。",
                ).of(language),
            ),
            picture_of(read_tree(models.bundle, cause, language), language),
        )
    charts = (
        calibration_figure(found, language),
        gains_figure(found, models.test_scores, language),
        lift_figure(found, language),
    )
    return join(
        _verdict(found, language),
        element("div", [element("div", one) for one in charts if one], class_="columns"),
        metrics_tables(found, language),
        more(
            Text("Data and ways of balancing compared", "数据划分与再平衡方法比较").of(language),
            _parts_table(found, language),
            _candidates(found, language),
        ),
        tree,
    )


def _verdict(found: HeadReport, language: Language) -> Markup | None:
    if found.verdict is None:
        return None
    passed = found.verdict.passed
    title = (
        Text("Passes the gate: it may send people out.", "通过准入，可用于名单。")
        if passed
        else Text("Fails the gate: it must not send people out.", "未通过准入，不得用于名单。")
    )
    rules = []
    for rule in found.verdict.rules:
        ok, look = (
            (Text("met", "符合"), "yes") if rule.passed else (Text("not met", "不符合"), "no")
        )
        if rule.code == "audit" and not found.verdict.audit_run:
            ok, look = Text("open", "待定"), "open"
        rules.append(join(element("span", ok.of(language), class_=look), " · ",
                          rule.wording.of(language)))  # fmt: skip
    return element(
        "div",
        element("p", element("strong", title.of(language))),
        element("p", sentence(found.verdict.wording, language)),
        lines(rules),
        class_="good" if passed else "bad",
    )


def _parts_table(found: HeadReport, language: Language) -> Markup:
    order = {part: place for place, part in enumerate(_PARTS)}
    return table(
        Text("Rows and churners", "样本与流失数").of(language),
        [
            Head(Text("Part", "部分").of(language)),
            Head(Text("Rows", "行数").of(language), number=True),
            Head(Text("Churners", "流失数").of(language), number=True),
            Head(Text("Base rate", "基准流失率").of(language), number=True),
        ],
        [
            (
                _PARTS[part].of(language) if part in _PARTS else part,
                count(rows),
                count(found.events.get(part, 0)),
                percent(found.base_rate.get(part, math.nan)),
            )
            for part, rows in sorted(found.rows.items(), key=lambda item: order.get(item[0], 9))
        ],
    )


def _candidates(found: HeadReport, language: Language) -> Markup:
    def method(name: str) -> str:
        return METHODS[name].of(language) if name in METHODS else name

    return table(
        Text(
            "Ways of raising the churners' share, by log loss on the calibration part",
            "提高流失样本占比的方法（按校准集对数损失选择）",
        ).of(language),
        [
            Head(Text("Learner", "模型").of(language)),
            Head(Text("Method", "方法").of(language)),
            Head(Text("Log loss", "对数损失").of(language), number=True),
            Head(Text("Average precision", "平均精度").of(language), number=True),
            Head(Text("Chosen", "选用").of(language)),
        ],
        [
            (
                learner_name(one.learner).of(language),
                method(one.method),
                figure(one.log_loss),
                percent(one.average_precision),
                Text("chosen", "选用").of(language) if one.chosen else "",
            )
            for one in found.candidates
        ],
    )
