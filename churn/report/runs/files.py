"""The files of a run: charts and pages that open by themselves, rules, tables, JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

import pandas as pd

from churn.causes import HeadName
from churn.evaluation import EvaluationSettings
from churn.evaluation.comparison import IN_SEGMENTS, compare
from churn.evaluation.intervals import Interval
from churn.language import LANGUAGES, Language, Text
from churn.learning import Bundle
from churn.learning.heads import HeadReport
from churn.learning.rules import with_chance
from churn.panel import met
from churn.report.page.charts import bar
from churn.report.page.curves import figures
from churn.report.page.frame import write_document
from churn.report.page.heads import of_cause
from churn.report.page.metric_words import learner_name
from churn.report.page.metrics import metrics_tables
from churn.report.page.models import models_section
from churn.report.page.numbers import percent
from churn.report.page.tables import TableColumn, numbers, table
from churn.report.page.tree import tree_picture
from churn.report.parts import Models

_SHOWN = 25


def models_pages(bundle: Bundle, scores: pd.DataFrame) -> dict[str, bytes]:
    """Return the whole training as a page in either language: verdicts, charts, figures, trees."""
    title = Text("Can the models be trusted?", "模型是否可信")
    section = models_section(Models(bundle, scores, in_place=False))
    return {
        f"models.{language}.html": write_document(title, section, language)
        for language in LANGUAGES
    }


def learner_page(report: HeadReport, scores: pd.DataFrame, language: Language) -> dict[str, bytes]:
    """Return one learner's charts: reliability, gain, lift, the others beside it.

    Parameters
    ----------
    report
        The head's report as if the learner were the champion.
    """
    title = of_cause(report.cause, learner_name(report.champion or ""))
    content = (figures(report, scores), metrics_tables(report))
    return {"figures.html": write_document(title, content, language)}


def tree_files(bundle: Bundle, cause: HeadName) -> dict[str, bytes]:
    """Return the tree's picture and its rules in both languages, and as SQL."""
    chance = {rule.rule: rule.churn_rate for rule in bundle.heads[cause].rules}
    files = {"rules.sql": bundle.rules_sql(cause).encode() + b"\n"}
    title, picture = of_cause(cause, Text("the tree", "决策树")), tree_picture(bundle, cause)
    for language in LANGUAGES:
        files[f"tree.{language}.html"] = write_document(title, picture, language)
        rules = [
            f"{rule}. {with_chance(bundle.rule_text(cause, rule, language), rate, language)}"
            for rule, rate in sorted(chance.items())
        ]
        files[f"rules.{language}.txt"] = ("\n".join(rules) + "\n").encode()
    return files


def importance_files(
    bundle: Bundle, cause: HeadName, shares: Mapping[str, float], language: Language
) -> dict[str, bytes]:
    """Return what each feature brings to the booster, as a table and as bars."""
    specs = bundle.specs
    top = dict(list(shares.items())[:_SHOWN])
    most = max(shares.values(), default=0) or 1.0
    title = of_cause(cause, Text("what boosting learned from", "提升树的特征重要性"))
    bars = table(
        title,
        TableColumn(Text("Feature", "特征"), [specs[name].text for name in top]),
        TableColumn(Text("Family", "类别"), [specs[name].family for name in top]),
        TableColumn("", [bar(share / most) for share in top.values()]),
        numbers(Text("Share of the influence", "影响占比"), top.values(), percent),
    )
    page = write_document(title, bars, language)
    written = [
        (name, specs[name].family, specs[name].en, specs[name].zh, f"{share:.6f}")
        for name, share in shares.items()
    ]
    head = ("feature", "family", "en", "zh", "share_of_influence")
    return {"importance.html": page, "importance.csv": to_csv(head, written)}


def to_csv(head: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """Write a small table as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue().encode()


def comparison_csv(
    reports: Mapping[HeadName, HeadReport], scores: pd.DataFrame, settings: EvaluationSettings
) -> bytes:
    """Return every learner's test figures minus its head's champion's.

    ROC areas by DeLong, overall and by segment; the others by a paired bootstrap over customers.
    """
    rows: list[tuple[str, ...]] = []
    for cause, report in reports.items():
        champion = f"p_{cause}_{report.champion}"
        for learner in report.metrics:
            second = f"p_{cause}_{learner}"
            if learner == report.champion or not {champion, second} <= set(scores.columns):
                continue
            told = scores.rename(columns={second: "first", champion: "second"})
            told = told.dropna(subset=["first", "second"])
            told["churned"] = met(told, cause)
            gap = compare(told, IN_SEGMENTS, settings, within={})
            start = (cause, learner, report.champion or "")
            rows += [
                (*start, "all", str(gap.areas.churners), name, *_bounds(one), "")
                for name, one in gap.differences.items()
            ]
            parts = [(part.column + ": " + part.value, part.areas) for part in gap.segments]
            rows += [
                (*start, name, str(areas.churners), "roc_auc", *_bounds(areas.difference),
                 f"{areas.p_value:.4g}")
                for name, areas in [("all", gap.areas), *parts]
                if areas is not None
            ]  # fmt: skip
    head = ("head", "learner", "minus", "rows", "churners", "metric", "difference", "lower",
            "upper", "p_value")  # fmt: skip
    return to_csv(head, rows)


def _bounds(figure: Interval) -> tuple[str, str, str]:
    return f"{figure.value:.6g}", f"{figure.lower:.6g}", f"{figure.upper:.6g}"


MINUS_PLAIN = ("log_loss", "average_precision", "mpc")
"""What is told of a rebalancing beside none."""


def candidates_csv(reports: Mapping[HeadName, HeadReport]) -> bytes:
    """Return every learner under every rebalancing method that was compared."""
    rows = [
        (cause, tried.learner, tried.method, f"{tried.log_loss:.6g}",
         f"{tried.average_precision:.6g}", "yes" if tried.chosen else "no",
         *(cell for name in MINUS_PLAIN for cell in (
             _bounds(tried.minus_plain[name]) if name in tried.minus_plain else ("", "", ""))))
        for cause, report in reports.items()
        for tried in report.candidates
    ]  # fmt: skip
    head = ("head", "learner", "rebalancing", "log_loss", "average_precision", "chosen",
            *(f"{name}_minus_none{end}" for name in MINUS_PLAIN for end in ("", "_lower", "_upper"))
            )  # fmt: skip
    return to_csv(head, rows)
