"""What ``churn models`` prints: versions, one version, two side by side; in either language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
from rich.cells import cell_len

from churn.errors import ChurnError
from churn.evaluation.gates import HEADS
from churn.evaluation.intervals import Interval
from churn.language import Language, Text
from churn.learning import CAUSES, Bundle, Cause
from churn.learning.heads import HeadReport
from churn.report import gate_lines
from churn.report.notes import split_note
from churn.report.page.metric_words import learner_name, metric_words, reading_order
from pipelines.models.paired import paired
from pipelines.settings import Settings

if TYPE_CHECKING:
    from churn.tracking.registry import Version

NOTHING = "–"
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
    lines: list[Sequence[str]] = [[head.of(language) for head in heads]]
    unread = []
    for version, alias, bundle in rows:
        told = [str(version.number), _alias(alias, language), version.tags["as_of"]]
        if isinstance(bundle, ChurnError):
            lines.append([*told, *[NOTHING] * (len(heads) - len(told))])
            unread.append(f"{_VERSION.of(language)} {version.number}: {bundle}")
            continue
        for cause in CAUSES:
            lines.append([*told, *_head(bundle.reports[cause], language)])
            told = [""] * len(told)
    return "\n\n".join([_table(lines), *unread])


def _head(found: HeadReport, language: Language) -> list[str]:
    name = HEADS[found.cause].of(language)
    if found.champion is None:
        return [name, _GATES["off"].of(language), *[NOTHING] * 4]
    metrics = found.metrics[found.champion]
    return [
        name,
        _GATES["passed" if found.passed else "failed"].of(language),
        learner_name(found.champion).of(language).lower(),
        _interval(metrics["average_precision"]),
        f"{found.base_rate['test']:.4f}",
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
        found = bundle.reports[cause]
        if found.champion is not None:
            lines += ["", _learners(found, language)]
    return "\n".join(lines)


def _learners(found: HeadReport, language: Language) -> str:
    """Return the learners of a head side by side, the champion first."""
    names = sorted(found.metrics, key=lambda name: name != found.champion)
    rows: list[Sequence[str]] = [
        [HEADS[found.cause].of(language), *(learner_name(name).of(language) for name in names)]
    ]
    for metric in _metrics([found]):
        cells = (found.metrics[name].get(metric) for name in names)
        rows.append([_words(metric).of(language), *(_interval(one) for one in cells)])
    return _table(rows)


def compared(
    both: tuple[tuple[Version, Bundle], tuple[Version, Bundle]],
    scores: tuple[pd.DataFrame | None, pd.DataFrame | None],
    settings: Settings,
) -> str:
    """Return two versions' champions side by side, head by head."""
    language = settings.language
    (one, first), (two, second) = both
    lines = _test_parts(one, two, scores, language)
    for cause in CAUSES:
        a, b = first.reports[cause], second.reports[cause]
        gaps = paired(cause, (a, b), scores, settings.evaluation)
        lines += ["", _side_by_side(cause, (one, a), (two, b), gaps, language)]
    return "\n".join(lines)


def _side_by_side(
    cause: Cause,
    one: tuple[Version, HeadReport],
    two: tuple[Version, HeadReport],
    gaps: dict[str, Interval],
    language: Language,
) -> str:
    (v, a), (w, b) = one, two
    gap = Text(f"{w.number} − {v.number}, same rows", f"{w.number} − {v.number}（相同样本）")
    rows: list[Sequence[str]] = [
        [
            f"{HEADS[cause].of(language)}: {_METRIC.of(language)}",
            f"{v.number} · {_scores(a, language)}",
            f"{w.number} · {_scores(b, language)}",
            *([gap.of(language)] if gaps else []),
        ]
    ]
    rows.append(
        [
            _BASE_RATE.of(language),
            *(f"{found.base_rate.get('test', float('nan')):.4f}" for found in (a, b)),
            *([""] if gaps else []),
        ]
    )
    for metric in _metrics([a, b]):
        cells = [found.metrics.get(found.champion or "", {}).get(metric) for found in (a, b)]
        told = [_words(metric).of(language), *(_interval(cell) for cell in cells)]
        rows.append([*told, *([_interval(gaps.get(metric))] if gaps else [])])
    return _table(rows)


def _test_parts(
    one: Version,
    two: Version,
    scores: tuple[pd.DataFrame | None, pd.DataFrame | None],
    language: Language,
) -> list[str]:
    """Say what each was tested on, and how far that compares."""
    lines = [
        Text(
            f"{_title(version, language)}, tested on {version.tags.get('tested_on', NOTHING)}",
            f"{_title(version, language)}，测试快照 {version.tags.get('tested_on', NOTHING)}",
        ).of(language)
        for version in (one, two)
    ]
    if one.tags.get("panel") == two.tags.get("panel"):
        same = Text("Both were tested on the same rows.", "两者的测试样本相同。")
        return [*lines, same.of(language)]
    differ = Text(
        "The test parts differ: each column is measured on its own.",
        "测试样本不同：各列指标基于各自的测试样本。",
    )
    lines.append(differ.of(language))
    gone = [v.number for v, kept in zip((one, two), scores, strict=True) if kept is None]
    if gone:
        numbers = ", ".join(map(str, gone))
        why = Text(
            f"The test scores of version {numbers} are no longer in the workspace: there is no "
            "difference on the same rows.",
            f"版本 {numbers} 的测试评分已不在工作区，无法按相同样本比较。",
        )
        lines.append(why.of(language))
    return lines


def _title(version: Version, language: Language) -> str:
    as_of = version.tags["as_of"]
    return Text(f"version {version.number} of {as_of}", f"版本 {version.number}（{as_of}）").of(
        language
    )


def _scores(found: HeadReport, language: Language) -> str:
    return learner_name(found.champion).of(language) if found.champion else NOTHING


def _alias(alias: str, language: Language) -> str:
    return _ALIASES[alias].of(language) if alias in _ALIASES else ""


def _words(metric: str) -> Text:
    return metric_words(metric).label


def _metrics(reports: Sequence[HeadReport]) -> list[str]:
    """Return every metric that any champion has, in reading order."""
    names = {name for one in reports for name in one.metrics.get(one.champion or "", {})}
    return sorted(names, key=reading_order)


def _interval(one: Interval | None) -> str:
    return NOTHING if one is None else str(one)


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Align columns, by the width that a terminal gives Chinese characters."""
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    )
