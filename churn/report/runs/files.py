"""The files of a run: charts and pages that open by themselves, rules, tables, JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

import pandas as pd

from churn.language import Language, Text
from churn.learning import Bundle, Cause
from churn.learning.heads import HeadReport
from churn.learning.rules import with_chance
from churn.report.page.charts import bar
from churn.report.page.curves import calibration_figure, gains_figure, lift_figure
from churn.report.page.document import write_document
from churn.report.page.markup import Markup, element
from churn.report.page.metric_words import learner_name
from churn.report.page.metrics import metrics_tables
from churn.report.page.models import models_section
from churn.report.page.numbers import percent
from churn.report.page.parts import Models
from churn.report.page.tables import Head, table
from churn.report.page.tonight import CAUSE_WORDS
from churn.report.page.tree import picture_of, read_tree

LANGUAGES: tuple[Language, ...] = ("en", "zh")
_SHOWN = 25


def models_pages(bundle: Bundle, scores: pd.DataFrame) -> dict[str, bytes]:
    """Return the whole training as a page in either language: verdicts, charts, figures, trees."""
    title = Text("Can the models be trusted?", "模型是否可信")
    models = Models(bundle, scores, in_place=False)
    return {
        f"models.{language}.html": write_document(
            title.of(language), models_section(models, language), language
        )
        for language in LANGUAGES
    }


def learner_page(found: HeadReport, scores: pd.DataFrame, language: Language) -> dict[str, bytes]:
    """Return one learner's charts: reliability, gain, lift, the others beside it.

    Parameters
    ----------
    found
        The head's report as if the learner were the champion.
    """
    name = learner_name(found.champion or "")
    cause = CAUSE_WORDS[found.cause]
    title = Text(f"{cause.en}: {name.en}", f"{cause.zh}：{name.zh}").of(language)
    charts = (
        calibration_figure(found, language),
        gains_figure(found, scores, language),
        lift_figure(found, language),
    )
    shown = element("div", [element("div", one) for one in charts if one], class_="columns")
    tables = metrics_tables(found, language)
    return {"figures.html": write_document(title, (shown, tables), language)}


def tree_files(bundle: Bundle, cause: Cause) -> dict[str, bytes]:
    """Return the tree's picture and its rules in both languages, and as SQL."""
    head = bundle.heads[cause]
    chance = {one.rule: one.churn_rate for one in head.rules}
    files = {"rules.sql": bundle.rules_sql(cause).encode() + b"\n"}
    for language in LANGUAGES:
        title = Text(f"{CAUSE_WORDS[cause].en}: the tree", f"{CAUSE_WORDS[cause].zh}：决策树").of(
            language
        )
        picture = picture_of(read_tree(bundle, cause, language), language)
        files[f"tree.{language}.html"] = write_document(title, picture, language)
        rules = [
            f"{rule}. {with_chance(bundle.rule_text(cause, rule, language), rate, language)}"
            for rule, rate in sorted(chance.items())
        ]
        files[f"rules.{language}.txt"] = ("\n".join(rules) + "\n").encode()
    return files


def importance_files(
    bundle: Bundle, cause: Cause, shares: Mapping[str, float], language: Language
) -> dict[str, bytes]:
    """Return what each feature brings to the booster, as a table and as bars."""
    specs = bundle.specs
    rows = [
        (specs[name].text.of(language), specs[name].family, _bar(share, shares), percent(share))
        for name, share in list(shares.items())[:_SHOWN]
    ]
    title = Text(
        f"{CAUSE_WORDS[cause].en}: what boosting learned from",
        f"{CAUSE_WORDS[cause].zh}：提升树的特征重要性",
    ).of(language)
    heads = [
        Head(Text("Feature", "特征").of(language)),
        Head(Text("Family", "类别").of(language)),
        Head(""),
        Head(Text("Share of the gain", "增益占比").of(language), number=True),
    ]
    page = write_document(title, table(title, heads, rows), language)
    written = [
        (name, specs[name].family, specs[name].en, specs[name].zh, f"{share:.6f}")
        for name, share in shares.items()
    ]
    head = ("feature", "family", "en", "zh", "share_of_gain")
    return {"importance.html": page, "importance.csv": to_csv(head, written)}


def _bar(share: float, shares: Mapping[str, float]) -> Markup:
    return bar(share / (max(shares.values()) or 1.0))


def to_csv(head: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """Write a small table as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue().encode()


def candidates_csv(reports: Mapping[Cause, HeadReport]) -> bytes:
    """Return every learner under every rebalancing method that was compared."""
    rows = [
        (cause, one.learner, one.method, f"{one.log_loss:.6g}", f"{one.average_precision:.6g}",
         "yes" if one.chosen else "no")
        for cause, found in reports.items()
        for one in found.candidates
    ]  # fmt: skip
    head = ("head", "learner", "rebalancing", "log_loss", "average_precision", "chosen")
    return to_csv(head, rows)
