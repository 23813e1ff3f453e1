"""A backtest on a terminal: one line per night, then all nights pooled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from churn.evaluation.backtest import (
    BacktestResult,
    HeadFigures,
    ListFigures,
    NightFigures,
    PooledHead,
)
from churn.evaluation.groups import ENOUGH, Group
from churn.report.page.numbers import with_bounds
from churn.report.terminal.grid import grid

CHAMPION = "champion"
_ABOUT_GROUPS = (
    "risk without contact by group of chance, boosting; weighted training against a copy with all "
    "weights 1:"
)
_ABOUT_LISTS = (
    "expected and earned: profit of contacting all selected, controls included; earned is an",
    "expectation given who left, with the gone at full cost and no benefit",
)
_ORDERS = {"time": "", "test": "calibrated by customer", "customer": "not out of time"}


def backtest_lines(result: BacktestResult) -> list[str]:
    """Return what was found."""
    lines = [f"{len(result.nights)} nights replayed, outcomes known as of {result.as_of}"]
    for day, why in sorted(result.not_judged.items()):
        lines.append(f"{day} not replayed: {why.en}")
    for cause in result.pooled:
        lines += ["", f"{cause} churn", *_nights(result.nights, cause)]
        lines += _pooled(cause, result.pooled[cause], result)
    return [*lines, "", "lists", *_lists(result)]


def _nights(nights: Iterable[NightFigures], cause: str) -> list[str]:
    rows: list[tuple[str, ...]] = [
        ("night", "trained", "scored", "left", "base", "AP", "ROC AUC", "lift 10 %", "O/E")
    ]
    notes = [""]
    for night in nights:
        head = night.heads[cause]
        start = (str(night.night), str(night.learned.as_of), f"{night.eligible:,}")
        if head.off is not None:
            rows.append((*start, "", "", "off", "", "", ""))
            verdict = head.off.en
        else:
            rows.append((*start, *_figures(head)))
            verdict = "" if cause in night.learned.passed else "fails the gate"
        notes.append("  ".join(filter(None, (_ORDERS[night.learned.order], verdict))))
    return grid(rows, numbers=True, notes=notes)


def _figures(head: HeadFigures) -> tuple[str, ...]:
    metrics = head.metrics.get(CHAMPION, {})
    shown = [
        f"{metrics[name].value:{form}}" if name in metrics else "–"
        for name, form in (
            ("average_precision", ".2%"),
            ("roc_auc", ".3f"),
            ("lift_10", ".2f"),
            ("observed_expected", ".2f"),
        )
    ]
    return (f"{head.events:,}", f"{head.base_rate:.2%}", *shown)


def _pooled(cause: str, head: PooledHead, result: BacktestResult) -> list[str]:
    lines = []
    on = sum(night.heads[cause].off is None for night in result.nights)
    measured = head.figures.metrics
    for learner in sorted(measured, key=lambda name: (name != CHAMPION, name)):
        figures = measured[learner]
        lines.append(
            f"{on} of {len(result.nights)} nights, {learner}: average precision "
            f"{with_bounds(figures['average_precision'], '{:.2%}'.format)} at a base rate of "
            f"{head.figures.base_rate:.2%}, ROC AUC {figures['roc_auc']}, "
            f"observed/expected {figures['observed_expected']}"
        )
    if head.unseen is not None and head.unseen.metrics:
        who = "customers kept out of every training" if result.unseen_share else "newcomers"
        figures = head.unseen.metrics[CHAMPION]
        average = with_bounds(figures["average_precision"], "{:.2%}".format)
        lines.append(
            f"never seen in training ({who}; {head.unseen.rows:,} rows, {head.unseen.events:,} "
            f"left): average precision {average} "
            f"at a base rate of {head.unseen.base_rate:.2%}, ROC AUC {figures['roc_auc']}"
        )
    if head.groups:
        lines += [_ABOUT_GROUPS, *_groups(head.groups)]
    elif head.figures.off is None:
        lines.append(
            "no campaign touched the training rows: weighting changes nothing"
            if result.copies
            else "no copy with all weights 1 was trained (backtest.unweighted)"
        )
    return lines


def _groups(groups: Sequence[Group]) -> list[str]:
    rows: list[tuple[str, ...]] = [
        ("group", "left", "observed", "weighted", "all 1", "nearer", "by (points)")
    ]
    for place, group in enumerate(groups, start=1):
        rows.append(
            (
                str(place),
                f"{group.events:,}",
                f"{group.reference:.3%}",
                f"{group.first:.3%}",
                f"{group.second:.3%}",
                "weighted" if group.nearer else "all 1",
                with_bounds(group.closer, lambda share: f"{share * 100:.3f}"),
            )
        )
    return [*grid(rows, numbers=True), _nearer(groups)]


def _nearer(groups: Sequence[Group]) -> str:
    judged = [group for group in groups if group.events >= ENOUGH]
    if not judged:
        return f"no group has {ENOUGH} churners: too few to tell which training is nearer"
    nearer = sum(group.nearer for group in judged)
    return (
        f"of the {len(judged)} groups with at least {ENOUGH} churners, weighted training is nearer "
        f"in {nearer}"
    )


def _lists(result: BacktestResult) -> list[str]:
    rows: list[tuple[str, ...]] = [
        ("night", "contacts", "controls", "judged", "left", "gone", "expected", "earned", "O/E")
    ]
    notes = [""]
    for night in result.nights:
        rows.append((str(night.night), *_list(night.planned)))
        notes.append(night.planned.refused.en if night.planned.refused else "")
    rows.append(("all", *_list(result.pooled_list)))
    return [*grid(rows, numbers=True, notes=[*notes, ""]), *_ABOUT_LISTS]


def _list(figures: ListFigures) -> tuple[str, ...]:
    if figures.refused is not None:
        return ("–",) * 8
    counts = (figures.listed, figures.controls, figures.judged, figures.churned, figures.gone)
    earned = with_bounds(figures.realised, "{:,.0f}".format)
    ratio = figures.observed_expected.value
    return (*(f"{n:,}" for n in counts), f"{figures.expected:,.0f}", earned, f"{ratio:.2f}")
