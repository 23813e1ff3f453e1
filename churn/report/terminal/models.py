"""Registered versions on a terminal: all, one, two side by side; in either language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from churn.causes import CAUSES, Cause
from churn.errors import ChurnError
from churn.evaluation.gates import HEADS
from churn.evaluation.intervals import Interval
from churn.language import Language, Text
from churn.learning import Bundle
from churn.learning.heads import HeadReport
from churn.report.notes import gate_lines, split_note
from churn.report.page.metric_words import learner_name, metric_words, reading_order
from churn.report.terminal.grid import grid
from churn.report.words import NOTHING

if TYPE_CHECKING:
    from churn.tracking.registry import Version

_ALIASES = {"champion": Text("champion", "在用"), "challenger": Text("challenger", "候选")}
_GATES = {
    "passed": Text("passed", "通过"),
    "failed": Text("failed", "未通过"),
    "off": Text("off", "未启用"),
}
_VERSION = Text("version", "版本")
_AS_OF = Text("as of", "截至")
_HEAD = Text("head", "流失类型")
_GATE = Text("gate", "准入")
_SCORES = Text("scores by", "评分模型")
_BASE_RATE = Text("base rate", "基准流失率")
_METRIC = Text("test figure", "测试指标")


def listed(rows: Sequence[tuple[Version, str, Bundle | ChurnError]], language: Language) -> str:
    """Return one line per version and head; below, the versions that cannot be read, and why."""
    heads = (
        _VERSION,
        Text("name", "名称"),
        _AS_OF,
        _HEAD,
        _GATE,
        _SCORES,
        _words("average_precision"),
        _BASE_RATE,
        _words("roc_auc"),
    )
    cells: list[Sequence[str]] = [[head.of(language) for head in heads]]
    unread = []
    for version, alias, bundle in rows:
        named = [str(version.number), _alias(alias, language), version.tags["as_of"]]
        if isinstance(bundle, ChurnError):
            cells.append([*named, *[NOTHING] * (len(heads) - len(named))])
            unread.append(f"{_VERSION.of(language)} {version.number}: {bundle}")
            continue
        for cause in CAUSES:
            cells.append([*named, *_head(bundle.reports[cause], language)])
            named = [""] * len(named)
    return "\n\n".join(["\n".join(grid(cells)), *unread])


def _head(report: HeadReport, language: Language) -> list[str]:
    name = HEADS[report.cause].of(language)
    if report.champion is None:
        return [name, _GATES["off"].of(language), *[NOTHING] * 4]
    metrics = report.metrics[report.champion]
    return [
        name,
        _GATES["passed" if report.passed else "failed"].of(language),
        learner_name(report.champion).of(language).lower(),
        _interval(metrics["average_precision"]),
        f"{report.base_rate['test']:.4f}",
        _interval(metrics["roc_auc"]),
    ]


def shown(version: Version, alias: str, bundle: Bundle, language: Language) -> str:
    """Return what is known of one version."""
    title = f"{_title(version, language)} {_alias(alias, language)}".rstrip()
    facts = [
        ("bundle", Text("bundle", "模型哈希"), version.tags["bundle"]),
        ("run", Text("MLflow run", "MLflow 运行"), version.run),
        ("test", Text("tested on", "测试快照"), version.tags.get("tested_on", NOTHING)),
    ]
    lines = [title, *(f"  {name.of(language)}  {value}" for _, name, value in facts)]
    if not bundle.out_of_time:
        lines.append(f"  {split_note(bundle).of(language)}")
    lines += ["", *gate_lines(bundle.reports, language)]
    for cause in CAUSES:
        report = bundle.reports[cause]
        if report.champion is not None:
            lines += ["", *_learners(report, language)]
    return "\n".join(lines)


def _learners(report: HeadReport, language: Language) -> list[str]:
    """Return the learners of a head side by side, the champion first."""
    names = sorted(report.metrics, key=lambda name: name != report.champion)
    rows: list[Sequence[str]] = [
        [HEADS[report.cause].of(language), *(learner_name(name).of(language) for name in names)]
    ]
    for metric in _metrics([report]):
        cells = (report.metrics[name].get(metric) for name in names)
        rows.append([_words(metric).of(language), *(_interval(cell) for cell in cells)])
    return grid(rows)


def compared(
    both: tuple[tuple[Version, Bundle], tuple[Version, Bundle]],
    gaps: Mapping[Cause, Mapping[str, Interval]],
    gone: Sequence[int],
    language: Language,
) -> str:
    """Return two versions' champions side by side, head by head.

    Parameters
    ----------
    gaps
        The second's figures minus the first's on the same rows, by head; empty where there are
        none.
    gone
        Versions whose test scores are no longer kept.
    """
    versions = [version for version, _ in both]
    lines = _test_parts(versions, gone, language)
    for cause in CAUSES:
        heads = [(version.number, bundle.reports[cause]) for version, bundle in both]
        lines += ["", *_side_by_side(heads, gaps[cause], language)]
    return "\n".join(lines)


def _side_by_side(
    heads: Sequence[tuple[int, HeadReport]], gaps: Mapping[str, Interval], language: Language
) -> list[str]:
    """Return one head of both versions, and the difference where there is one."""
    (first, _), (second, _) = heads
    reports = [report for _, report in heads]
    name = HEADS[reports[0].cause].of(language)
    rows = [
        [
            f"{name}: {_METRIC.of(language)}",
            *(f"{number} · {_scores(report, language)}" for number, report in heads),
        ],
        [
            _BASE_RATE.of(language),
            *(f"{report.base_rate.get('test', float('nan')):.4f}" for report in reports),
        ],
    ]
    metrics = _metrics(reports)
    for metric in metrics:
        figures = (report.metrics.get(report.champion or "", {}).get(metric) for report in reports)
        rows.append([_words(metric).of(language), *map(_interval, figures)])
    if gaps:
        gap = Text(f"{second} − {first}, same rows", f"{second} − {first}（相同样本）")
        column = [gap.of(language), "", *(_interval(gaps.get(metric)) for metric in metrics)]
        rows = [[*row, cell] for row, cell in zip(rows, column, strict=True)]
    return grid(rows)


def _test_parts(versions: Sequence[Version], gone: Sequence[int], language: Language) -> list[str]:
    """Say what each was tested on, and how far that compares."""
    lines = [
        Text(
            f"{_title(version, language)}, tested on {version.tags.get('tested_on', NOTHING)}",
            f"{_title(version, language)}，测试快照 {version.tags.get('tested_on', NOTHING)}",
        )
        for version in versions
    ]
    if len({version.tags.get("panel") for version in versions}) == 1:
        lines.append(Text("Both were tested on the same rows.", "两者的测试样本相同。"))
    else:
        lines.append(
            Text(
                "The test parts differ: each column is measured on its own.",
                "测试样本不同：各列指标基于各自的测试样本。",
            )
        )
        if gone:
            numbers = ", ".join(map(str, gone))
            lines.append(
                Text(
                    f"The test scores of version {numbers} are no longer in the workspace: there "
                    "is no difference on the same rows.",
                    f"版本 {numbers} 的测试评分已不在工作区，无法按相同样本比较。",
                )
            )
    return [line.of(language) for line in lines]


def _title(version: Version, language: Language) -> str:
    as_of = version.tags["as_of"]
    return Text(f"version {version.number} of {as_of}", f"版本 {version.number}（{as_of}）").of(
        language
    )


def _scores(report: HeadReport, language: Language) -> str:
    return learner_name(report.champion).of(language) if report.champion else NOTHING


def _alias(alias: str, language: Language) -> str:
    return _ALIASES[alias].of(language) if alias in _ALIASES else ""


def _words(metric: str) -> Text:
    return metric_words(metric).label


def _metrics(reports: Sequence[HeadReport]) -> list[str]:
    """Return every metric that any champion has, in reading order."""
    names = {name for report in reports for name in report.metrics.get(report.champion or "", {})}
    return sorted(names, key=reading_order)


def _interval(figure: Interval | None) -> str:
    return NOTHING if figure is None else str(figure)
