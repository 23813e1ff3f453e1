"""Registered versions on a terminal: all, one, two side by side; in either language."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from churn.causes import HeadName
from churn.errors import ChurnError
from churn.evaluation.comparison import IN_SEGMENTS, Comparison
from churn.evaluation.delong import Areas
from churn.evaluation.gates import HEADS
from churn.evaluation.intervals import Interval
from churn.language import COLON, Language, Text, Words
from churn.learning import Bundle
from churn.learning.heads import HeadReport
from churn.learning.wording import FeatureSpec
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
_BASE_RATE = Text("base rate", "基准流失率")
_HEADERS = (
    _VERSION,
    Text("name", "名称"),
    Text("as of", "截至"),
    Text("head", "流失类型"),
    Text("gate", "准入"),
    Text("scores by", "评分模型"),
    metric_words("average_precision").label,
    _BASE_RATE,
    metric_words("roc_auc").label,
)


def listed(versions: Sequence[tuple[Version, str, Bundle | ChurnError]], language: Language) -> str:
    """Return one line per version and head; below, the versions that cannot be read, and why."""
    rows: list[Sequence[Words]] = [_HEADERS]
    unread = []
    for version, alias, bundle in versions:
        named = [str(version.number), _ALIASES.get(alias, ""), version.tags["as_of"]]
        if isinstance(bundle, ChurnError):
            rows.append([*named, *[NOTHING] * (len(_HEADERS) - len(named))])
            unread.append(f"{_VERSION.of(language)} {version.number}: {bundle}")
            continue
        for cause in bundle.told:
            rows.append([*named, *_head(bundle.reports[cause])])
            named = [""] * len(named)
    return "\n\n".join(["\n".join(grid(rows, language)), *unread])


def _head(report: HeadReport) -> list[Words]:
    name = HEADS[report.cause]
    if report.champion is None:
        return [name, _GATES["off"], *[NOTHING] * 4]
    metrics, scorer = report.metrics[report.champion], learner_name(report.champion)
    return [
        name,
        _GATES["passed" if report.passed else "failed"],
        Text(scorer.en.lower(), scorer.zh.lower()),
        str(metrics["average_precision"]),
        f"{report.base_rate['test']:.4f}",
        str(metrics["roc_auc"]),
    ]


def shown(version: Version, alias: str, bundle: Bundle, language: Language) -> str:
    """Return what is known of one version."""
    title = _title(version) + " " + _ALIASES.get(alias, "")
    lines = [
        title.of(language).rstrip(),
        f"  {Text('bundle', '模型哈希').of(language)}  {version.tags['bundle']}",
        f"  {Text('MLflow run', 'MLflow 运行').of(language)}  {version.run}",
        f"  {Text('tested on', '测试快照').of(language)}  {version.tags.get('tested_on', NOTHING)}",
    ]
    if not bundle.out_of_time:
        lines.append(f"  {split_note(bundle).of(language)}")
    lines += ["", *gate_lines(bundle.reports, language)]
    for cause in bundle.told:
        report = bundle.reports[cause]
        if report.champion is not None:
            lines += ["", *_learners(report, language)]
    return "\n".join(lines)


def _learners(report: HeadReport, language: Language) -> list[str]:
    """Return the learners of a head side by side, the champion first."""
    names = sorted(report.metrics, key=lambda name: name != report.champion)
    rows: list[Sequence[Words]] = [[HEADS[report.cause], *map(learner_name, names)]]
    for metric in _metrics([report]):
        cells = (report.metrics[name].get(metric) for name in names)
        rows.append([metric_words(metric).label, *map(_interval, cells)])
    return grid(rows, language)


@dataclass(frozen=True)
class Side:
    """One side of a comparison: a version, and by head which of its learners is meant."""

    version: Version
    bundle: Bundle
    by: Mapping[HeadName, str | None]

    @classmethod
    def of(cls, version: Version, bundle: Bundle, learner: str | None) -> Side:
        """Take the champions, or one learner where a head has it."""
        return cls(
            version,
            bundle,
            {
                cause: report.champion if learner is None
                else learner if learner in report.metrics
                else None
                for cause, report in bundle.reports.items()
            },
        )  # fmt: skip

    def name(self, cause: HeadName) -> Text:
        """Return what stands above its column."""
        number, learner = str(self.version.number), self.by[cause]
        shown = learner_name(learner) if learner else Text(NOTHING, NOTHING)
        return Text(f"{number} · ", f"{number} · ") + shown


def compared(
    both: tuple[Side, Side],
    gaps: Mapping[HeadName, Comparison | None],
    gone: Sequence[int],
    language: Language,
) -> str:
    """Return two models side by side, head by head.

    Parameters
    ----------
    gaps
        The second's figures minus the first's on the same rows, by head; None where there are
        none.
    gone
        Versions whose test scores are no longer kept.
    """
    versions = [side.version for side in both]
    lines = [line.of(language) for line in _test_parts(versions, gone)]
    for cause in both[0].bundle.told:
        if cause not in both[1].bundle.told:
            continue
        lines += ["", *_side_by_side(cause, both, gaps[cause], language)]
    return "\n".join(lines)


def _side_by_side(
    cause: HeadName, both: tuple[Side, Side], gap: Comparison | None, language: Language
) -> list[str]:
    """Return one head of both, and the differences where there are any."""
    reports = [side.bundle.reports[cause] for side in both]
    figures = [
        report.metrics.get(side.by[cause] or "", {})
        for side, report in zip(both, reports, strict=True)
    ]
    metrics = sorted({name for one in figures for name in one}, key=reading_order)
    rows: list[list[Words]] = [
        [
            HEADS[cause] + ": " + Text("test figure", "测试指标"),
            *(side.name(cause) for side in both),
        ],
        [_BASE_RATE, *(f"{report.base_rate.get('test', math.nan):.4f}" for report in reports)],
    ]
    rows += [
        [metric_words(metric).label, *(_interval(one.get(metric)) for one in figures)]
        for metric in metrics
    ]
    if gap is None:
        return grid(rows, language)
    names: list[Words] = [str(side.version.number) for side in both]
    if names[0] == names[1]:
        names = [learner_name(side.by[cause] or "") for side in both]
    named = Text("", "") + names[1] + " − " + names[0] + Text(", same rows", "（相同样本）")
    column: list[Words] = [named, "", *(_interval(gap.differences.get(name)) for name in metrics)]
    rows = [[*row, cell] for row, cell in zip(rows, column, strict=True)]
    return [*grid(rows, language), "", *grid(_by_segment(gap, both[1].bundle.specs), language)]


def _by_segment(gap: Comparison, specs: Mapping[str, FeatureSpec]) -> list[list[Words]]:
    """Return DeLong's comparison of the areas, overall and by segment, and what goes with it."""
    labels = [metric_words(name).label for name in IN_SEGMENTS]
    rows: list[list[Words]] = [
        [
            Text("difference, same rows", "差值（相同样本）"),
            Text("churners", "流失用户"),
            Text("ROC AUC, DeLong", "ROC AUC（DeLong）"),
            "p",
            *labels,
        ],
        _segment_row(Text("all", "全部"), gap.areas.churners, gap.areas, gap.differences),
    ]
    for part in gap.segments:
        spec = specs.get(part.column)
        name = spec.text + COLON + spec.word(part.value) if spec else part.value
        rows.append(_segment_row(name, part.churners, part.areas, part.differences or {}))
    return rows


def _segment_row(
    name: Words, churners: int, areas: Areas | None, differences: Mapping[str, Interval]
) -> list[Words]:
    if areas is None:
        few = Text("too few", "过少")
        return [name, f"{churners:,}", few, NOTHING, *(NOTHING for _ in IN_SEGMENTS)]
    p_value = NOTHING if math.isnan(areas.p_value) else f"{areas.p_value:.2g}"
    cells = (_interval(differences.get(metric)) for metric in IN_SEGMENTS)
    return [name, f"{churners:,}", _interval(areas.difference), p_value, *cells]


def _test_parts(versions: Sequence[Version], gone: Sequence[int]) -> list[Text]:
    """Say what each was tested on, and how far that compares."""
    tested = Text(", tested on ", "，测试快照 ")
    lines = [
        _title(version) + tested + version.tags.get("tested_on", NOTHING) for version in versions
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
    return lines


def _title(version: Version) -> Text:
    as_of = version.tags["as_of"]
    return Text(f"version {version.number} of {as_of}", f"版本 {version.number}（{as_of}）")


def _metrics(reports: Sequence[HeadReport]) -> list[str]:
    """Return every metric that any champion has, in reading order."""
    names = {name for report in reports for name in report.metrics.get(report.champion or "", {})}
    return sorted(names, key=reading_order)


def _interval(figure: Interval | None) -> str:
    return NOTHING if figure is None else str(figure)
