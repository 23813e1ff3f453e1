"""A training on a terminal: by the leak audit, and head by head."""

from __future__ import annotations

from collections.abc import Mapping

from churn.audit import Audit
from churn.evaluation.intervals import Interval
from churn.learning import Bundle
from churn.learning.heads import HeadReport
from churn.report.notes import availability_note, learned_from_assumed, split_note
from churn.report.page.numbers import with_bounds
from churn.report.serving import serving_lines


def training_lines(bundle: Bundle, audit: Audit) -> list[str]:
    """Return what was found of the models, and in what they learned from."""
    lines = [*audit.lines(), *(line.en for line in serving_lines(bundle))]
    for cause, report in bundle.reports.items():
        if report.off is not None:
            lines.append(f"{cause}: off: {report.off.en}")
            continue
        lines += [
            f"{cause} {learner}: {_figures(metrics)}" for learner, metrics in report.metrics.items()
        ]
        lines += _champion(report)
        if report.unseen:
            lines.append(
                f"{cause}: on customers never seen in training ({report.unseen_rows:,} rows, "
                f"{report.unseen_events:,} churners): {_figures(report.unseen)}"
            )
        if report.verdict is not None:
            lines.append(report.verdict.wording.en)
            lines += [f"  {rule.wording.en}" for rule in report.verdict.rules]
    if not bundle.out_of_time:
        lines.append(split_note(bundle).en)
    availability = availability_note(learned_from_assumed(bundle))
    return [*lines, availability.en] if availability else lines


def _figures(metrics: Mapping[str, Interval]) -> str:
    auc = with_bounds(metrics["roc_auc"], "{:.3f}".format)
    average = with_bounds(metrics["average_precision"], "{:.4f}".format)
    return f"ROC AUC {auc}, average precision {average}"


def _champion(report: HeadReport) -> list[str]:
    """Say who scores, and what the combination gained where it was fitted."""
    alike = [name for name, more in report.minus_least.items() if not more.value > more.error]
    why = (
        f"alike within noise on calibration rows: {', '.join(alike)} and the one of least log loss"
        if alike
        else "the least log loss on calibration rows, by more than noise"
    )
    lines = [
        f"{report.cause}: the {report.champion} scores" + (f" ({why})" if report.losses else "")
    ]
    if report.combination is not None and report.combination_gain is not None:
        weights = ", ".join(f"{name} {w:.2f}" for name, w in report.combination.weights.items())
        gained = f"{report.combination_gain} of average precision over the booster"
        lines.append(
            f"{report.cause}: the combination ({weights}) gains {gained} on calibration rows"
        )
    return lines
