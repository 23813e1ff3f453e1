"""How far the models can be trusted: verdict, figures, curves and the tree, head by head."""

from __future__ import annotations

import math

from churn.causes import CAUSES, NOT_DELIVERED, HeadName
from churn.language import Text
from churn.learning.heads import HeadReport
from churn.panel import NOT_OUT_OF_TIME
from churn.report.page.curves import figures
from churn.report.page.heads import CAUSE_WORDS, of_cause, off_note, sentence
from churn.report.page.markup import Content, Element, element
from churn.report.page.metric_words import METHODS, learner_name
from churn.report.page.metrics import metrics_tables
from churn.report.page.numbers import bounds, count, figure, percent
from churn.report.page.tables import TableColumn, lines, measured, more, numbers, table
from churn.report.page.tree import tree_picture
from churn.report.parts import Models
from churn.report.serving import serving_lines
from churn.report.words import NOTHING

_PART_LABELS = {
    "train": Text("learned on", "训练"),
    "calibration": Text("calibrated on", "校准"),
    "test": Text("tested on", "测试"),
}
_MINUS_PLAIN = (
    ("log_loss", Text("Log loss more than without", "对数损失增量"), figure),
    ("average_precision", Text("Average precision more", "平均精度增量"), percent),
    ("mpc", Text("Best profit per customer more", "户均最大利润增量"), figure),
)
_MET = {"yes": Text("met", "符合"), "no": Text("not met", "不符合"), "open": Text("open", "待定")}


def models_section(models: Models) -> Content:
    """Return the heads, one below the other."""
    trained, serving = models.bundle.meta.get("as_of"), serving_lines(models.bundle)
    return (
        element(
            "p",
            Text(f"Trained as of {trained}. ", f"训练截至 {trained}。") if trained else None,
            _tested(models),
        ),
        lines(serving) if serving else None,
        _audit(models),
        [(element("h3", CAUSE_WORDS[cause]), _head(models, cause)) for cause in models.bundle.told],
        [
            element("p", of_cause(head, why))
            for head, why in NOT_DELIVERED.items()
            if head not in models.bundle.told
        ],
    )


def _audit(models: Models) -> Element | None:
    """Return what the leak audit said: one line, and the findings folded in below it."""
    if not models.audit:
        return None
    headline, *findings = models.audit
    return more(headline, lines(findings)) if findings else element("p", headline)


def _tested(models: Models) -> Text | None:
    if models.test_scores is None or models.test_scores.empty:
        return None
    days = models.test_scores["snapshot"]
    first, last = (str(day)[:10] for day in (days.min(), days.max()))
    brackets = Text(
        "brackets are 95 % intervals over customers", "方括号为按客户重抽样的 95 % 区间"
    )
    if models.bundle.out_of_time:
        return Text(
            f"Figures are from customers as they stood on {first} … {last}, after everything the "
            f"models had learned from; {brackets.en}.",
            f"指标来自 {first} 至 {last} 的测试快照，均晚于训练数据；{brackets.zh}。",
        )
    split = NOT_OUT_OF_TIME[models.bundle.meta.get("split", "customer")]
    return Text(
        f"Figures are from customers as they stood on {first} … {last}; {brackets.en}. {split.en}",
        f"指标来自 {first} 至 {last} 的测试快照；{brackets.zh}。{split.zh}",
    )


def _head(models: Models, cause: HeadName) -> Content:
    report = models.bundle.reports[cause]
    if report.off is not None:
        return (off_note(report.off), _parts_table(report))
    return (
        _verdict(report),
        figures(report, models.test_scores),
        metrics_tables(report),
        _base_rate(report),
        _segments(report),
        more(
            Text("Data and ways of balancing compared", "数据划分与再平衡方法比较"),
            _parts_table(report),
            _origins(report),
            _candidates(report),
        ),
        _tree(models, cause) if cause in models.bundle.heads else None,
    )


def _tree(models: Models, cause: HeadName) -> Content:
    words = Text(
        "Each line is a condition, indented below the one it refines; the bar is the "
        "share that leaves, its mark the average. Rule 1 is the riskiest. The tree "
        "explains; the ranking is the champion's.",
        "每行是一个条件，缩进表示在上一条件之下；条形为流失占比，竖线为平均值。"
        "规则 1 风险最高。决策树用于解释，排序以最终模型为准。",
    )
    return (
        element("h4", Text("The tree, to read", "决策树")),
        element("p", words),
        tree_picture(models.bundle, cause),
    )


def _verdict(report: HeadReport) -> Element | None:
    if report.verdict is None:
        return None
    passed = report.verdict.passed
    title = (
        Text("Passes the gate: it may send people out.", "通过准入，可用于名单。")
        if passed
        else Text("Fails the gate: it must not send people out.", "未通过准入，不得用于名单。")
    )
    rules = []
    for rule in report.verdict.rules:
        look = "yes" if rule.passed else "no"
        if rule.code == "audit" and not report.verdict.audit_run:
            look = "open"
        rules.append((element("span", _MET[look], class_=look), " · ", rule.wording))
    return element(
        "div",
        element("p", element("strong", title)),
        element("p", sentence(report.verdict.wording)),
        lines(rules),
        class_="good" if passed else "bad",
    )


def _parts_table(report: HeadReport) -> Element:
    parts = [part for part in _PART_LABELS if part in report.rows]
    parts += [part for part in report.rows if part not in _PART_LABELS]
    return table(
        Text("Rows and churners", "样本与流失数"),
        TableColumn(Text("Part", "部分"), [_PART_LABELS.get(part, part) for part in parts]),
        numbers(Text("Rows", "行数"), (report.rows[part] for part in parts), count),
        numbers(_met(report), (report.events.get(part, 0) for part in parts), count),
        numbers(
            Text("Base rate", "基准流失率"),
            (report.base_rate.get(part, math.nan) for part in parts),
            percent,
        ),
    )


def _met(report: HeadReport) -> Text:
    """Return what those are called who met what the head foretells."""
    churn = report.cause in CAUSES
    return Text("Churners", "流失数") if churn else Text("Downgrades", "降档数")


def _origins(report: HeadReport) -> Element | None:
    """Return the past nights, or folds, that calibrated and tested, with what each had learned."""
    origins = report.origins
    if not origins:
        return None
    among = Text("Churners among them", "其中流失数")
    serves = [[_PART_LABELS[part] for part in origin.serves] for origin in origins]
    return table(
        Text("What each past night had learned from", "各历史快照所学样本"),
        TableColumn(Text("Night or fold", "快照或折"), [_fold(one.origin) for one in origins]),
        TableColumn(
            Text("Part", "部分"),
            [
                Text(", ".join(part.en for part in parts), "、".join(part.zh for part in parts))
                for parts in serves
            ],
        ),
        numbers(Text("Rows learned from", "学习行数"), (o.fitted_rows for o in origins), count),
        numbers(among, (origin.fitted_churners for origin in origins), count),
        numbers(Text("Rows asked about", "评分行数"), (origin.rows for origin in origins), count),
        numbers(among, (origin.churners for origin in origins), count),
    )


def _base_rate(report: HeadReport) -> Element | None:
    """Tell how far the base rate moved from calibration to test, and what the models made of it."""
    fit = report.metrics[report.champion or ""]["observed_expected"]
    if not (math.isfinite(fit.value) and fit.value > 0 and report.base_rate["calibration"] > 0):
        return None
    before, after = (percent(report.base_rate[part]) for part in ("calibration", "test"))
    churn = report.cause in CAUSES
    met = Text("Churn was", "流失率") if churn else Text("The rate of downgrades was", "降档率")
    moved = report.base_rate["test"] / report.base_rate["calibration"]
    return element(
        "p",
        Text(
            f"{met.en} {before} where the models were calibrated and {after} where they were "
            f"tested: × {moved:.2f}, of which × {report.foreseen:.2f} was to be seen in what is "
            f"known of the subscribers, and × {fit.value:.2f} {bounds(fit, figure)} was not.",
            f"校准期{met.zh}为 {before}，测试期为 {after}，变化 × {moved:.2f}：其中 "
            f"× {report.foreseen:.2f} 可由用户特征预见，"
            f"× {fit.value:.2f} {bounds(fit, figure)} 无法预见。",
        ),
    )


def _segments(report: HeadReport) -> Element | None:
    """Return how the chances fit by segment, folded in; in sight are those that do not."""
    fits = report.segments
    if not fits:
        return None
    off = sum(fit.off for fit in fits)
    summary = Text(
        f"Chances by segment: {off} of {len(fits)} fit worse than the whole by more than noise",
        f"分群校准：{len(fits)} 个分群中有 {off} 个与整体的偏差超出误差",
    )
    return more(
        summary,
        table(
            Text("Observed over expected, by segment", "各分群的实际与预期之比"),
            TableColumn(
                Text("Segment", "分群"), [f"{fit.column}: {fit.value or NOTHING}" for fit in fits]
            ),
            numbers(Text("Churners", "流失数"), (fit.churners for fit in fits), count),
            TableColumn(
                Text("Observed/expected", "实际/预期"),
                [measured(fit.observed_expected, figure) for fit in fits],
                number=True,
            ),
            TableColumn(
                Text("Beside the whole", "相对整体"),
                [measured(fit.beside_all, figure) for fit in fits],
                number=True,
            ),
        ),
    )


def _fold(name: str) -> Text:
    return Text(name, name.replace("fold ", "第") + ("折" if name.startswith("fold ") else ""))


def _candidates(report: HeadReport) -> Element:
    tried, chosen = report.candidates, Text("chosen", "选用")
    return table(
        Text(
            "Ways of raising the churners' share, by log loss on calibration rows: another than "
            "none is taken only where it is better by more than noise",
            "提高流失样本占比的方法（按校准集对数损失；优势超出误差才采用）",
        ),
        TableColumn(Text("Learner", "模型"), [learner_name(way.learner) for way in tried]),
        TableColumn(Text("Method", "方法"), [METHODS.get(way.method, way.method) for way in tried]),
        numbers(Text("Log loss", "对数损失"), (way.log_loss for way in tried), figure),
        numbers(
            Text("Average precision", "平均精度"), (way.average_precision for way in tried), percent
        ),
        *(
            TableColumn(
                label, [measured(way.minus_plain.get(name), write) for way in tried], number=True
            )
            for name, label, write in _MINUS_PLAIN
            if any(name in way.minus_plain for way in tried)
        ),
        TableColumn(Text("Chosen", "选用"), [chosen if way.chosen else "" for way in tried]),
    )
